/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pairs.h - a record's line taken apart again, for outputs that have fields of their own.
 *
 * For lines as event_writer_line() makes them: one object without blanks. What came from elsewhere is for yajl.
 */
#pragma once

#include <stddef.h>

#define PAIRS_MAX 48

struct pair {
	const char *key;
	size_t key_length;
	const char *value; /* a string without its quotes and escapes; anything else as it stands */
	size_t length;
};

struct pairs {
	size_t count;
	struct pair list[PAIRS_MAX];
};

/* The pairs point into the line, which is written to. −EBADMSG: no such line, or more than PAIRS_MAX. */
int pairs_split(char *line, size_t length, struct pairs *ret_pairs);
/* NULL: there is none of that key. */
const struct pair *pairs_find(const struct pairs *pairs, const char *key);
