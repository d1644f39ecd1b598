/* SPDX-License-Identifier: GPL-2.0-only */
/* component.c - what of a file's name is of the moment: numbers, hashes, versions, temporary names. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/component.h"
#include "ownership.h"
#include "text/utf8.h"

#define NUMBER "[0-9]*"
#define UUID_LENGTH 36
/* In pieces: a question mark twice and a dash is a trigraph. */
#define UUID_GLOB  \
	"????????" \
	"-"        \
	"????"     \
	"-"        \
	"????"     \
	"-"        \
	"????"     \
	"-"        \
	"????????????"
#define HASH_MIN 8
/* Random words: below a temporary folder from mkstemp(3)'s six characters on, elsewhere longer ones. */
#define MKSTEMP_LENGTH 6
#define RANDOM_TEMPORARY_MIN MKSTEMP_LENGTH
#define JUMBLE_MIN 8
#define RANDOM_MIXED_MIN 12
#define RANDOM_ONE_CASE_MIN 20
/* A random word up to this length is matched by as many `?`. */
#define RANDOM_EXACT_MAX 40

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

static size_t count_of(const char *name, size_t length, bool (*is)(char))
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += is(name[i]);
	return count;
}

static bool is_lower_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_upper_hex(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'F');
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* ---- Quoting ---- */

static void quote(FILE *out, const char *name, size_t length)
{
	size_t n;

	for (size_t i = 0; i < length; i += n) {
		n = utf8_printable(name + i, length - i);
		/* A blank could begin a comment, or end the line. */
		if (n == 0 || name[i] == ' ') {
			n = 1;
			fprintf(out, "\\x%02x", (unsigned char)name[i]);
			continue;
		}
		if (strchr("*?[]{},\\;", name[i]))
			fputc('\\', out);
		(void)fwrite(name + i, 1, n, out);
	}
}

/* A text that is being written. */
struct text {
	FILE *out;
	char *bytes; /* owned; complete once `out` is closed */
	size_t size;
};

static int text_start(struct text *text)
{
	text->out = open_memstream(&text->bytes, &text->size);
	return text->out ? 0 : -ENOMEM;
}

static int text_end(struct text *text, char **ret_glob)
{
	if (fclose(text->out) != 0) {
		free(text->bytes);
		return -ENOMEM;
	}
	*ret_glob = text->bytes;
	return 1;
}

int component_quote(const char *name, size_t length, char **ret_glob)
{
	struct text text = {};
	int r = text_start(&text);

	if (r < 0)
		return r;
	quote(text.out, name, length);
	return text_end(&text, ret_glob);
}

/* 0 if the text is the name alone. */
static int text_end_as_glob(struct text *text, const char *name, size_t length, char **ret_glob)
{
	_cleanup_free_ char *glob = NULL, *literal = NULL;
	int r = text_end(text, &glob);

	if (r > 0)
		r = component_quote(name, length, &literal);
	if (r < 0 || strcmp(glob, literal) == 0)
		return r < 0 ? r : 0;
	*ret_glob = take_ptr(glob);
	return 1;
}

/* ---- Shapes ---- */

/* 15, 2026-11-21, 1.2.3, 6.1.0-18-amd64: digits, and behind a dotted number anything but an ending. */
static bool is_number(const char *name, size_t length)
{
	size_t i = 0, dots = 0;

	if (length == 0 || !is_digit(name[0]))
		return false;
	while (i < length &&
	       (is_digit(name[i]) || (strchr("-_.:", name[i]) && i + 1 < length && is_digit(name[i + 1]))))
		dots += name[i++] == '.';
	return i == length || (dots > 0 && strchr("-+~_", name[i]));
}

static bool is_uuid(const char *name, size_t length)
{
	if (length < UUID_LENGTH || (length > UUID_LENGTH && is_word(name[UUID_LENGTH])))
		return false;
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash ? name[i] != '-' : !isxdigit((unsigned char)name[i]))
			return false;
	}
	return true;
}

/* The glob of a hash; NULL: it is none. */
static const char *hash_glob(const char *word, size_t length)
{
	size_t digits = count_of(word, length, is_digit);

	if (length < HASH_MIN || digits == 0)
		return NULL;
	if (digits == length)
		return NUMBER;
	if (count_of(word, length, is_lower_hex) == length)
		return "[0-9a-f]*";
	return count_of(word, length, is_upper_hex) == length ? "[0-9A-F]*" : NULL;
}

/* How often the kind of character changes, but for a capital letter at the beginning of a word. */
static size_t count_changes(const char *word, size_t length)
{
	size_t changes = 0;

	for (size_t i = 1; i < length; i++) {
		char a = word[i - 1], b = word[i];

		changes += is_digit(a) != is_digit(b) || (is_lower(a) && is_upper(b));
	}
	return changes;
}

/* What nobody writes in a temporary name: a digit before a letter, or capitals both in a row and twice inside a word. */
static bool is_jumble(const char *word, size_t length)
{
	size_t upper = count_of(word, length, is_upper), lower = count_of(word, length, is_lower);
	size_t digits = 0, rows = 0, humps = 0;

	if (upper == 0 || lower == 0 || length < JUMBLE_MIN)
		return false;
	for (size_t i = 1; i < length; i++) {
		digits += is_digit(word[i - 1]) && !is_digit(word[i]);
		rows += is_upper(word[i - 1]) && is_upper(word[i]);
		humps += is_lower(word[i - 1]) && is_upper(word[i]);
	}
	return digits > 0 || (rows > 0 && humps > 1);
}

/*
 * Letters of both cases, or letters and digits, in no order that a person would write: the kind of character changes at
 * every third place or more often, and where there is one case of letters at every fourth.
 */
static bool is_random(const char *word, size_t length, bool is_temporary)
{
	size_t upper = count_of(word, length, is_upper), lower = count_of(word, length, is_lower);
	size_t changes = count_changes(word, length);

	if (is_temporary && is_jumble(word, length))
		return true;
	if (upper > 0 && (lower > 0 || upper < length))
		return length >= (is_temporary ? RANDOM_TEMPORARY_MIN : RANDOM_MIXED_MIN) &&
		       3 * changes >= length;
	return length >= RANDOM_ONE_CASE_MIN && 4 * changes >= length;
}

static void write_random(FILE *out, size_t length)
{
	if (length > RANDOM_EXACT_MAX)
		fputc('*', out);
	for (size_t i = 0; length <= RANDOM_EXACT_MAX && i < length; i++)
		fputc('?', out);
}

/* The word that begins there, in its shape or as it is; its length. */
static size_t write_word(FILE *out, const char *name, size_t length, bool is_temporary)
{
	const char *glob;
	size_t n = 0;

	if (is_uuid(name, length)) {
		fputs(UUID_GLOB, out);
		return UUID_LENGTH;
	}
	while (n < length && is_word(name[n]))
		n++;
	glob = hash_glob(name, n);
	if (glob)
		fputs(glob, out);
	else if (is_random(name, n, is_temporary))
		write_random(out, n);
	else
		quote(out, name, n);
	return n;
}

static void write_words(FILE *out, const char *name, size_t length, bool is_temporary)
{
	for (size_t i = 0; i < length;) {
		size_t other = 0;

		if (is_word(name[i])) {
			i += write_word(out, name + i, length - i, is_temporary);
			continue;
		}
		while (i + other < length && !is_word(name[i + other]))
			other++;
		quote(out, name + i, other);
		i += other;
	}
}

static void write_shape(FILE *out, const char *name, size_t length, bool is_temporary)
{
	if (length > 4 && memcmp(name + length - 4, ".tmp", 4) == 0)
		fputs("*.tmp", out);
	else if (is_number(name, length))
		fputs(NUMBER, out);
	else if (length > 1 && name[0] == 'v' && memchr(name, '.', length) && is_number(name + 1, length - 1))
		fputs("v" NUMBER, out);
	else
		write_words(out, name, length, is_temporary);
}

int component_shape(const char *name, size_t length, bool is_temporary, char **ret_glob)
{
	bool has_mark = length > 0 && (name[0] == '.' || memmem(name, length, "tmp", 3));
	struct text text = {};
	int r = text_start(&text);

	if (r < 0)
		return r;
	write_shape(text.out, name, length, is_temporary || has_mark);
	return text_end_as_glob(&text, name, length, ret_glob);
}

static void write_numbers(FILE *out, const char *name, size_t length)
{
	for (size_t i = 0; i < length;) {
		bool is_number = is_digit(name[i]);
		size_t n = 0;

		while (i + n < length && is_digit(name[i + n]) == is_number)
			n++;
		if (is_number)
			fputs(NUMBER, out);
		else
			quote(out, name + i, n);
		i += n;
	}
}

int component_numbers(const char *name, size_t length, char **ret_glob)
{
	struct text text = {};
	int r = text_start(&text);

	if (r < 0)
		return r;
	write_numbers(text.out, name, length);
	return text_end_as_glob(&text, name, length, ret_glob);
}

/* Behind the last word of so many characters at least; 0: there is none. */
static size_t find_last_word(const char *name, size_t length, size_t least)
{
	size_t end = length, begin;

	while (end > 0) {
		for (begin = end; begin > 0 && is_word(name[begin - 1]);)
			begin--;
		if (end - begin >= least)
			return end;
		end = begin == end ? end - 1 : begin;
	}
	return 0;
}

int component_mkstemp(const char *name, size_t length, char **ret_glob)
{
	size_t end = find_last_word(name, length, MKSTEMP_LENGTH);
	const char *random;
	struct text text = {};
	int r;

	if (end == 0)
		return 0;
	random = name + end - MKSTEMP_LENGTH;
	if (count_of(random, MKSTEMP_LENGTH, is_lower) == MKSTEMP_LENGTH ||
	    count_of(random, MKSTEMP_LENGTH, is_digit) == MKSTEMP_LENGTH)
		return 0;
	r = text_start(&text);
	if (r < 0)
		return r;
	quote(text.out, name, end - MKSTEMP_LENGTH);
	write_random(text.out, MKSTEMP_LENGTH);
	quote(text.out, name + end, length - end);
	return text_end(&text, ret_glob);
}

/* ---- Endings ---- */

static int copy(const char *text, char **ret_glob)
{
	*ret_glob = strdup(text);
	return *ret_glob ? 1 : -ENOMEM;
}

int component_library(const char *name, size_t length, char **ret_glob)
{
	if (length > 3 && memcmp(name + length - 3, ".so", 3) == 0)
		return copy("*.so", ret_glob);
	return memmem(name, length, ".so.", 4) ? copy("*.so.*", ret_glob) : 0;
}

int component_ending(const char *name, size_t length, char **ret_glob)
{
	const char *dot = memrchr(name, '.', length);
	int r = component_library(name, length, ret_glob);
	size_t ending;

	if (r != 0 || !dot || dot == name || name[0] == '.')
		return r;
	ending = length - (size_t)(dot - name) - 1;
	if (ending == 0 || ending > 8 || count_of(dot + 1, ending, is_word) != ending ||
	    count_of(dot + 1, ending, is_digit) == ending)
		return 0;
	return asprintf(ret_glob, "*.%.*s", (int)ending, dot + 1) < 0 ? -ENOMEM : 1;
}

bool component_is_temporary(const char *name, size_t length)
{
	static const char *const names[] = { "tmp", "temp", "shm", "run", "cache", ".cache", ".tmp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return true;
	return false;
}
