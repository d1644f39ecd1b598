/* SPDX-License-Identifier: GPL-2.0-only */
/* interval.h - what the rules for one address say of each protocol and port. */
#pragma once

#include "cells.h"

#define NO_RULE 0xffffffffU
/* One past the last key. */
#define KEY_END (PC_CLASSES << 16)

/* From its key to the next one's: the rules that win. Addresses have no writing halves. */
struct stretch {
	__u32 key;
	__u32 rule;  /* index of policy->rules, or NO_RULE */
	__u32 never; /* likewise */
};

/* Sorted; the first has key 0, neighbours differ. */
struct stretches {
	struct stretch *list;
	size_t count;
};

/* Keys from `first` to before `end`. */
struct key_range {
	__u32 first;
	__u32 end;
};

struct key_ranges {
	struct key_range *list;
	size_t count;
	size_t room;
};

/* Adds the keys that an object covers: ports are those of the protocols that have some. */
int object_keys(const struct object *object, struct key_ranges *ranges);

/*
 * `rules` (best first) over what the address inherits. The caller owns the result. −E2BIG: more than
 * PC_INTERVALS_MAX.
 */
int stretches_overlay(const struct policy *policy, const struct stretches *inherited, const __u32 *rules,
		      size_t count, struct stretches *ret_stretches);

/* The interval sets of an image, each kept once. */
struct interval_table {
	struct pc_interval *intervals;
	size_t count;
	size_t room;
	struct pc_interval_set *sets;
	size_t set_count;
	size_t set_room;
	__u32 *table; /* hash table of set + 1 */
	size_t table_size;
};

/* Set 0 is the one where nothing matches. */
int interval_table_start(struct interval_table *table);
void interval_table_done(struct interval_table *table);
/* −E2BIG: more intervals than fit in an image. */
int interval_table_add(struct interval_table *table, struct cells *cells, const struct stretches *stretches,
		       __u32 *ret_set);
