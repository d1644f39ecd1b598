/* SPDX-License-Identifier: GPL-2.0-only */
/* output.c - what people read. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "text/utf8.h"

static bool has_colour(void)
{
	static int known = -1;

	if (known < 0)
		known = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return known > 0;
}

const char *colour_start(enum colour colour)
{
	static const char *const sequences[] = {
		[COLOUR_NONE] = "",	     [COLOUR_BAD] = "\x1b[31m",	  [COLOUR_WARN] = "\x1b[33m",
		[COLOUR_GOOD] = "\x1b[32m", [COLOUR_FAINT] = "\x1b[2m",
	};

	return has_colour() ? sequences[colour] : "";
}

const char *colour_end(void)
{
	return has_colour() ? "\x1b[0m" : "";
}

enum colour colour_of_verdict(const char *verdict)
{
	if (strcmp(verdict, "deny") == 0)
		return COLOUR_BAD;
	return strcmp(verdict, "audit") == 0 ? COLOUR_WARN : COLOUR_GOOD;
}

size_t output_safe(FILE *out, const char *bytes, size_t length)
{
	size_t n, columns = 0;

	for (size_t i = 0; i < length; i += n ? n : 1) {
		n = utf8_printable(bytes + i, length - i);
		if (n > 0)
			(void)fwrite(bytes + i, 1, n, out);
		else
			fprintf(out, "\\x%02x", (unsigned char)bytes[i]);
		columns += n > 0 ? 1 : strlen("\\xHH");
	}
	return columns;
}
