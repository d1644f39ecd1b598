/* SPDX-License-Identifier: GPL-2.0-only */
/* pattern_build.h - from the names of a glob to a pattern in normal form; between pattern.c and
 * pattern-build.c. */
#pragma once

#include "pattern.h"

/* A set that an item points to; lives as long as the pattern list. */
struct pattern_set {
	struct pattern_set *next;
	__u32 bits[8];
};

enum name_kind {
	NAME_PLAIN,
	NAME_ANY,  /* `*` */
	NAME_DEEP, /* `**` */
};

/* What stands between two slashes. */
struct name {
	enum name_kind kind;
	struct item *items;
	size_t count;
	/* Bytes that any canonical name it matches has besides those that the items say: `*.*` can't be ".".
	 */
	size_t hidden;
};

struct name_list {
	struct name *list;
	size_t count;
};

void name_list_done(struct name_list *names);
/* Bytes of the shortest name that it matches. */
size_t name_shortest(const struct name *name);
/* −EINVAL: it matches nothing but "." or "..". */
int name_normalise(struct patterns *patterns, enum pattern_flavour flavour, struct name *name);

/* A set with one member becomes a byte, one with all that `?` has becomes `?`. −EINVAL: the set is empty. */
int item_from_set(struct patterns *patterns, enum pattern_flavour flavour, const __u32 set[8],
		  struct item *ret_item);

/* Adds the pattern that the names make, with `**` after them if `is_below`; not if it is there already. */
int patterns_add(struct patterns *patterns, enum pattern_flavour flavour, const struct name_list *names,
		 bool is_below);
