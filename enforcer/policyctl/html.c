/* SPDX-License-Identifier: GPL-2.0-only */
/* html.c - text into HTML. */
#include <string.h>

#include "html.h"
#include "text/utf8.h"

static const char *escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_bytes(FILE *out, const char *bytes, size_t length)
{
	size_t n;

	for (size_t i = 0; i < length; i += n ? n : 1) {
		const char *escaped = escape(bytes[i]);

		n = utf8_printable(bytes + i, length - i);
		if (n == 0)
			fprintf(out, "\\x%02x", (unsigned char)bytes[i]);
		else if (escaped)
			fputs(escaped, out);
		else
			(void)fwrite(bytes + i, 1, n, out);
	}
}

void html_text(FILE *out, const char *text)
{
	html_bytes(out, text, strlen(text));
}

void html_number(FILE *out, double number)
{
	char digits[400];
	int length = snprintf(digits, sizeof(digits), "%.0f", number);

	for (int i = 0; i < length; i++) {
		fputc(digits[i], out);
		if (i + 1 < length && (length - i - 1) % 3 == 0)
			fputc(',', out);
	}
}
