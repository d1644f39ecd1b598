/* SPDX-License-Identifier: GPL-2.0-only */
/* output.c - what people read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

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

/* What one character, or one byte that is not to be shown as it is, looks like. */
struct glyph {
	char text[8];
	size_t length;	/* of the bytes that it stands for */
	size_t columns;
};

static struct glyph next_glyph(const char *bytes, size_t length)
{
	size_t n = utf8_printable(bytes, length);
	struct glyph glyph = { .length = n };
	wchar_t c;
	int width = n > 0 && mbtowc(&c, bytes, n) > 0 ? wcwidth(c) : -1;

	if (width >= 0) {
		memcpy(glyph.text, bytes, n);
		glyph.columns = (size_t)width;
		return glyph;
	}
	glyph.length = 1;
	glyph.columns = strlen("\\xHH");
	(void)snprintf(glyph.text, sizeof(glyph.text), "\\x%02x", (unsigned char)bytes[0]);
	return glyph;
}

size_t output_columns(const char *bytes, size_t length)
{
	struct glyph glyph;
	size_t columns = 0;

	for (; length > 0; bytes += glyph.length, length -= glyph.length) {
		glyph = next_glyph(bytes, length);
		columns += glyph.columns;
	}
	return columns;
}

size_t output_safe(FILE *out, const char *bytes, size_t length)
{
	return output_fit(out, bytes, length, SIZE_MAX);
}

size_t output_fit(FILE *out, const char *bytes, size_t length, size_t columns)
{
	size_t total = output_columns(bytes, length), head = columns > 0 ? (columns - 1) / 2 : 0, used = 0, passed = 0;
	bool is_cut = false;
	struct glyph glyph;

	if (columns == 0)
		return 0;
	for (; length > 0; bytes += glyph.length, length -= glyph.length, passed += glyph.columns) {
		glyph = next_glyph(bytes, length);
		/* Either all fits, or this is of the beginning, or of as much of the end as there is room for. */
		if (total <= columns || (!is_cut && used + glyph.columns <= head) ||
		    (is_cut && used + total - passed <= columns)) {
			fputs(glyph.text, out);
			used += glyph.columns;
		} else if (!is_cut) {
			fputs("…", out);
			used++;
			is_cut = true;
		}
	}
	return used;
}

void output_blanks(FILE *out, size_t count)
{
	fprintf(out, "%*s", (int)count, "");
}

size_t output_terminal(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
