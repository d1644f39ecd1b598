/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * line.h - writes a record's JSON: for what is written tens of thousands of times a second, at a sixth of yajl's cost.
 *
 * Names and order are as in json.h. Texts must be UTF-8: see utf8_clean(). Out of memory is told by line_end().
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct line {
	char *bytes; /* owned */
	size_t used;
	size_t room;
	bool is_first;      /* nothing stands before what comes next, in this map or array */
	bool is_incomplete; /* there was no memory */
};

/* Throws away what there is and opens the map that the line is. */
void line_begin(struct line *line);
/* Closes it. The text is the line's and lives until the next line_begin(). −ENOMEM: it is not whole. */
int line_end(struct line *line, const char **ret_text, size_t *ret_length);
void line_done(struct line *line);

/* For line_reserve(). */
bool line_grow(struct line *line, size_t length);

/* Room for that many bytes more; false: there is none, and nothing is to be written. */
static inline bool line_reserve(struct line *line, size_t length)
{
	return line->room - line->used >= length || line_grow(line, length);
}

/* Writes the digits, without a NUL; returns where they end. */
#define LINE_DIGITS_MAX 20
char *line_digits(char *at, unsigned long long number);

/* Values: after a key, or in an array. */
void line_string(struct line *line, const char *text, size_t length);
/* Bytes that need not be UTF-8, of which the first LINE_CLEAN_MAX are taken: as utf8_clean() has them. */
#define LINE_CLEAN_MAX 4352
void line_clean(struct line *line, const char *bytes, size_t length);
void line_number(struct line *line, unsigned long long number);
void line_hex64(struct line *line, unsigned long long number);
void line_bool(struct line *line, bool is_true);
/* '[' or '{', and what closes it. */
void line_open(struct line *line, char bracket);
void line_close(struct line *line, char bracket);

/* Members of a map as another line has them, without its brackets. There are some. */
void line_members(struct line *line, const char *text, size_t length);

/* Plain: without anything to escape. Here, so that the compiler knows the length. */
static inline void line_key(struct line *line, const char *key)
{
	size_t length = strlen(key);
	char *at;

	if (!line_reserve(line, length + 4))
		return;
	at = line->bytes + line->used;
	if (!line->is_first)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, key, length);
	at += length;
	*at++ = '"';
	*at++ = ':';
	line->used = (size_t)(at - line->bytes);
	line->is_first = true;
}

static inline void line_key_bytes(struct line *line, const char *key, const char *text, size_t length)
{
	line_key(line, key);
	line_string(line, text, length);
}

static inline void line_key_clean(struct line *line, const char *key, const char *bytes, size_t length)
{
	line_key(line, key);
	line_clean(line, bytes, length);
}

static inline void line_key_string(struct line *line, const char *key, const char *text)
{
	line_key_bytes(line, key, text, strlen(text));
}

static inline void line_key_number(struct line *line, const char *key, unsigned long long number)
{
	line_key(line, key);
	line_number(line, number);
}

static inline void line_key_hex64(struct line *line, const char *key, unsigned long long number)
{
	line_key(line, key);
	line_hex64(line, number);
}

static inline void line_key_bool(struct line *line, const char *key, bool is_true)
{
	line_key(line, key);
	line_bool(line, is_true);
}
