/* SPDX-License-Identifier: GPL-2.0-only */
/* trail.h - globs in the making, component by component. */
#pragma once

#include "learn/merge.h"

/* What stands between two slashes. */
struct part {
	const char *bytes; /* as it was seen; of one of the members */
	size_t length;
	char *glob; /* owned */
	bool is_literal;
};

/* A glob. */
struct trail {
	struct part *parts; /* owned */
	size_t count;
	bool is_abstract;     /* does not begin with a slash */
	struct merged merged; /* its glob is what the parts make together */
};

struct trails {
	bool is_abstract;    /* see struct merge_options */
	struct trail **list; /* owned, each */
	size_t count;
};

/* One name as it is, which is number `index` and must outlive it. 0 or −ENOMEM. */
int trails_add(struct trails *trails, const struct merge_name *name, size_t index);
/* Of those that have become the same, one is left. Sorts by glob. 0 or −ENOMEM. */
int trails_unite(struct trails *trails);
/* So of those whose names, all of them, another glob matches anyway. 0 or −errno. */
int trails_absorb(struct trails *trails, const struct merge_name *names);
void trails_done(struct trails *trails);

/* The glob as a whole, up to `count` parts, with `part` in the place of number `column`. NULL: no memory. */
char *trail_join(const struct trail *trail, size_t count, size_t column, const char *part);
