/* SPDX-License-Identifier: GPL-2.0-only */
/* lines.c - cuts a text into checked lines: what policy files and list files have in common. */
#include <string.h>

#include "lines.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void lines_start(struct lines *lines, const char *text, size_t length)
{
	const size_t mark = sizeof(BYTE_ORDER_MARK) - 1;

	if (length >= mark && !memcmp(text, BYTE_ORDER_MARK, mark)) {
		text += mark;
		length -= mark;
	}
	lines->next = text;
	lines->end = text + length;
	lines->loc.line = 0;
}

/* Whether the line may be read on; if not, it has been reported. */
static bool lines_check(struct lines *lines, struct span line)
{
	if (memchr(line.start, 0, line.len)) {
		diag_add(lines->d, &lines->loc, DIAG_ERROR, "NUL byte: this is not a text file");
		lines->next = lines->end;
		return false;
	}
	if (line.len > lines->limit) {
		diag_add(lines->d, &lines->loc, DIAG_ERROR, "line of %zu bytes, %zu are allowed%s", line.len,
			 lines->limit,
			 lines->limit < 1000
				 ? "; a longer object can stand in a list file: file = NAME in [list NAME]"
				 : "");
		return false;
	}
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.start[i];

		if ((c < ' ' && c != '\t') || c == 0x7f) {
			diag_add(lines->d, &lines->loc, DIAG_ERROR,
				 "control byte in column %zu; in an object it is written \\x%02x", i + 1, c);
			return false;
		}
	}
	return true;
}

bool lines_next(struct lines *lines, struct span *ret_line)
{
	const char *end;
	struct span line;

	if (lines->next == lines->end)
		return false;
	lines->loc.line++;
	line.start = lines->next;
	end = memchr(line.start, '\n', (size_t)(lines->end - line.start));
	lines->next = end ? end + 1 : lines->end;
	line.len = (size_t)((end ? end : lines->end) - line.start);
	if (end && line.len > 0 && line.start[line.len - 1] == '\r')
		line.len--;
	if (!lines_check(lines, line))
		line.len = 0;
	*ret_line = line;
	return true;
}

struct span span_trim(struct span span)
{
	while (span.len > 0 && is_blank(span.start[0])) {
		span.start++;
		span.len--;
	}
	while (span.len > 0 && is_blank(span.start[span.len - 1]))
		span.len--;
	return span;
}

struct span span_without_comment(struct span span)
{
	for (size_t i = 1; i < span.len; i++)
		if (span.start[i] == ';' && is_blank(span.start[i - 1]))
			span.len = i;
	return span_trim(span);
}
