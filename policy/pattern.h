/* SPDX-License-Identifier: GPL-2.0-only */
/* pattern.h - globs: text → items and rank. See DESIGN of the language in man/portcullis-policy.5. */
#pragma once

#include "diag.h"

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

enum pattern_flavour {
	PATTERN_PATH,     /* absolute; components are never empty, "." or ".." */
	PATTERN_ABSTRACT, /* unix:@NAME: any bytes; '/' still ends what `*` and `?` match */
};

enum item_type {
	ITEM_BYTE, /* that byte */
	ITEM_SET,  /* one byte of a set, never '/' */
	ITEM_STAR, /* none or more bytes but '/' */
	ITEM_DIRS, /* inner `**` and its slash: none or more "name/" */
	ITEM_TAIL, /* closing `**`: everything that follows, at least one byte */
};

struct item {
	enum item_type type;
	__u8 byte;
	const __u32 *set; /* ITEM_SET: 256 bits; owned by the pattern list, or the flavour's pattern_any */
};

/* Compared member by member in this order; see pattern_rank_compare(). */
struct rank {
	unsigned int beginning; /* bytes before the first wildcard: more wins */
	unsigned int shortest;  /* bytes of the shortest match: more wins */
	unsigned int fixed;     /* literal bytes: more wins */
	unsigned int choices;   /* fewer wins */
	unsigned int wildcards; /* fewer wins */
};

struct pattern {
	struct item *items;
	size_t count;
	struct rank rank;
};

/* The results of one glob: braces expanded; a trailing slash gives the object and all below it. Each is a
 * pattern. */
struct patterns {
	struct pattern *list;
	size_t count;
	struct pattern_set *sets; /* those that the items point to */
};

/* What `?` matches: of a path every byte but '/' and NUL, of an abstract name every byte but '/'. */
extern const __u32 pattern_any[2][8]; /* by enum pattern_flavour */

static inline bool pattern_set_has(const __u32 *set, __u8 byte)
{
	return set[byte >> 5] >> (byte & 31) & 1;
}

/* Errors go to `d` at `loc`. −EINVAL if there was one. */
int pattern_parse(const char *glob, enum pattern_flavour flavour, struct diags *d, const struct loc *loc,
		  struct patterns **ret_patterns);
struct patterns *patterns_free(struct patterns *patterns);
static inline void patterns_freep(struct patterns **patterns)
{
	(void)patterns_free(*patterns);
}
/* Whether two patterns were written as one: same items. */
bool pattern_is_same(const struct pattern *a, const struct pattern *b);
/* Whether the pattern matches these bytes; slow and obvious, for explanations and tests. */
bool pattern_matches(const struct pattern *pattern, const void *bytes, size_t length);
/*
 * 1 if the glob names one object: no wildcard, brace, class or (but for "/") trailing slash; then
 * *ret_literal (owned by the caller, NUL-terminated besides) is the bytes it names. Else 0. The glob is not
 * checked otherwise.
 */
int pattern_literal(const char *glob, enum pattern_flavour flavour, char **ret_literal, size_t *ret_length);
/* < 0: a outranks b; 0: equal; > 0: b outranks a. */
int pattern_rank_compare(const struct rank *a, const struct rank *b);
