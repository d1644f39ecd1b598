/* SPDX-License-Identifier: GPL-2.0-only */
/* line.c - writes a record's JSON. */
#include <stdlib.h>

#include "line.h"
#include "swar.h"
#include "utf8.h"

/* Of most records; those with long names grow it. */
#define ROOM 4096
/* What a byte becomes at most: \u00XX. */
#define ESCAPED_MAX 6

void line_done(struct line *line)
{
	free(line->bytes);
	*line = (struct line){};
}

bool line_grow(struct line *line, size_t length)
{
	size_t wanted = line->used + length, room = line->room ? line->room : ROOM;
	char *grown;

	while (room < wanted)
		room *= 2;
	grown = realloc(line->bytes, room);
	if (!grown) {
		line->is_incomplete = true;
		return false;
	}
	line->bytes = grown;
	line->room = room;
	return true;
}

/* Where the next value goes, which may have `length` bytes; behind a comma if need be. NULL: there is no room. */
static char *begin_value(struct line *line, size_t length)
{
	if (!line_reserve(line, length + 1))
		return NULL;
	if (!line->is_first)
		line->bytes[line->used++] = ',';
	line->is_first = false;
	return line->bytes + line->used;
}

static void end_value(struct line *line, const char *end)
{
	line->used = (size_t)(end - line->bytes);
}

/* A byte that may not stand as it is. */
static char *escape(char *at, unsigned char byte)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt", digits[] = "0123456789abcdef";
	const char *found = memchr(from, byte, sizeof(from) - 1);

	*at++ = '\\';
	if (found) {
		*at++ = to[found - from];
		return at;
	}
	at = mempcpy(at, "u00", 3);
	*at++ = digits[byte >> 4];
	*at++ = digits[byte & 15];
	return at;
}

/* Copies what may stand as it is, as far as that goes by eights. */
static size_t copy_plain(char *at, const char *text, size_t length)
{
	size_t done = 0;

	for (; length - done >= sizeof(uint64_t); done += sizeof(uint64_t)) {
		uint64_t word = swar_load(text + done);

		if (swar_has_below(word, 0x20) || swar_has(word, '"') || swar_has(word, '\\'))
			break;
		memcpy(at + done, &word, sizeof(word));
	}
	return done;
}

void line_string(struct line *line, const char *text, size_t length)
{
	char *at = begin_value(line, ESCAPED_MAX * length + 2);
	size_t plain;

	if (!at)
		return;
	*at++ = '"';
	plain = copy_plain(at, text, length);
	at += plain;
	for (size_t i = plain; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte >= 0x20 && byte != '"' && byte != '\\')
			*at++ = (char)byte;
		else
			at = escape(at, byte);
	}
	*at++ = '"';
	end_value(line, at);
}

void line_clean(struct line *line, const char *bytes, size_t length)
{
	char clean[UTF8_CLEAN_MAX(LINE_CLEAN_MAX)];
	bool is_exact;

	if (length > LINE_CLEAN_MAX)
		length = LINE_CLEAN_MAX;
	line_string(line, clean, utf8_clean(bytes, length, clean, &is_exact));
}

void line_members(struct line *line, const char *text, size_t length)
{
	char *at = begin_value(line, length);

	if (at)
		end_value(line, mempcpy(at, text, length));
}

char *line_digits(char *at, unsigned long long number)
{
	char text[LINE_DIGITS_MAX], *digit = text + sizeof(text);

	do
		*--digit = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return mempcpy(at, digit, (size_t)(text + sizeof(text) - digit));
}

void line_number(struct line *line, unsigned long long number)
{
	char *at = begin_value(line, LINE_DIGITS_MAX);

	if (at)
		end_value(line, line_digits(at, number));
}

void line_hex64(struct line *line, unsigned long long number)
{
	char text[16];

	for (size_t i = sizeof(text); i-- > 0; number >>= 4)
		text[i] = "0123456789abcdef"[number & 15];
	line_string(line, text, sizeof(text));
}

void line_bool(struct line *line, bool is_true)
{
	char *at = begin_value(line, strlen("false"));

	if (at)
		end_value(line, mempcpy(at, is_true ? "true" : "false", is_true ? 4 : 5));
}

void line_open(struct line *line, char bracket)
{
	char *at = begin_value(line, 1);

	if (!at)
		return;
	*at = bracket;
	end_value(line, at + 1);
	line->is_first = true;
}

void line_close(struct line *line, char bracket)
{
	if (!line_reserve(line, 1))
		return;
	line->bytes[line->used++] = bracket;
	line->is_first = false;
}

void line_begin(struct line *line)
{
	line->used = 0;
	line->is_first = true;
	line->is_incomplete = false;
	line_open(line, '{');
}

int line_end(struct line *line, const char **ret_text, size_t *ret_length)
{
	line_close(line, '}');
	if (line->is_incomplete)
		return -ENOMEM;
	*ret_text = line->bytes;
	*ret_length = line->used;
	return 0;
}
