/* SPDX-License-Identifier: GPL-2.0-only */
/* pairs.c - a record's line taken apart again, in place. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pairs.h"

struct scan {
	char *at;
	char *end;
};

static bool take(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* The writer escapes as \u only what is below 0x20. */
static int hex_escape(struct scan *scan)
{
	static const char digits[] = "0123456789abcdef";
	int value = 0;

	if (scan->end - scan->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char *digit = memchr(digits, *scan->at++ | 0x20, sizeof(digits) - 1);

		if (!digit)
			return -1;
		value = value * 16 + (int)(digit - digits);
	}
	return value < 0x80 ? value : -1;
}

/* The byte that stands behind a backslash; −1: none. */
static int escape(struct scan *scan)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (scan->at == scan->end)
		return -1;
	c = *scan->at++;
	if (c == 'u')
		return hex_escape(scan);
	found = memchr(from, c, sizeof(from) - 1);
	return found ? to[found - from] : -1;
}

/* A string with escapes, up to its closing quote. What is decoded is never longer than what it was. */
static bool decode_string(struct scan *scan, const char **ret_text, size_t *ret_length)
{
	char *out = scan->at, *start = scan->at;

	while (scan->at < scan->end) {
		char c = *scan->at++;

		if (c == '"') {
			*ret_text = start;
			*ret_length = (size_t)(out - start);
			return true;
		}
		if (c == '\\') {
			int byte = escape(scan);

			if (byte < 0)
				return false;
			c = (char)byte;
		}
		*out++ = c;
	}
	return false;
}

/* Behind the opening quote. Nearly all strings stand as they are. */
static bool take_string(struct scan *scan, const char **ret_text, size_t *ret_length)
{
	char *quote = memchr(scan->at, '"', (size_t)(scan->end - scan->at));

	if (!quote || memchr(scan->at, '\\', (size_t)(quote - scan->at)))
		return decode_string(scan, ret_text, ret_length);
	*ret_text = scan->at;
	*ret_length = (size_t)(quote - scan->at);
	scan->at = quote + 1;
	return true;
}

/* A number, a word, or an array with all that is in it: to the comma or brace that ends it. */
static bool take_plain(struct scan *scan, const char **ret_text, size_t *ret_length)
{
	bool is_string = false;
	int depth = 0;

	*ret_text = scan->at;
	for (; scan->at < scan->end; scan->at++) {
		char c = *scan->at;

		if (is_string && c == '\\' && scan->end - scan->at > 1)
			scan->at++;
		else if (c == '"')
			is_string = !is_string;
		else if (!is_string && depth == 0 && (c == ',' || c == '}'))
			break;
		else if (!is_string && (c == '[' || c == '{'))
			depth++;
		else if (!is_string && (c == ']' || c == '}'))
			depth--;
	}
	*ret_length = (size_t)(scan->at - *ret_text);
	return *ret_length > 0;
}

static bool take_pair(struct scan *scan, struct pair *pair)
{
	if (!take(scan, '"') || !take_string(scan, &pair->key, &pair->key_length) || !take(scan, ':'))
		return false;
	return take(scan, '"') ? take_string(scan, &pair->value, &pair->length)
			       : take_plain(scan, &pair->value, &pair->length);
}

int pairs_split(char *line, size_t length, struct pairs *ret_pairs)
{
	struct scan scan = { .at = line, .end = line + length };

	ret_pairs->count = 0;
	if (!take(&scan, '{'))
		return -EBADMSG;
	do {
		if (ret_pairs->count == PAIRS_MAX || !take_pair(&scan, &ret_pairs->list[ret_pairs->count]))
			return -EBADMSG;
		ret_pairs->count++;
	} while (take(&scan, ','));
	return take(&scan, '}') && scan.at == scan.end ? 0 : -EBADMSG;
}

const struct pair *pairs_find(const struct pairs *pairs, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->list[i].key_length == length && memcmp(pairs->list[i].key, key, length) == 0)
			return &pairs->list[i];
	return NULL;
}
