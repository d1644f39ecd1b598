/* SPDX-License-Identifier: GPL-2.0-only */
/* table.h - packs the states of a graph into one transition table by row displacement; see struct pc_entry.
 */
#pragma once

#include <portcullis/abi.h>

#include "graph.h"

struct table {
	struct pc_entry
		*entries; /* `count` of them; the last 256 are free, so that no row reaches past the end */
	size_t count;
	__u32 *bases; /* by state of the graph: its number in the image */
};

/*
 * `first_word` is where the table will stand in the image. The same graph always gives the same table.
 * −E2BIG: more entries than fit in the largest image.
 */
int table_pack(const struct graph *graph, __u32 first_word, struct table *ret_table);
void table_done(struct table *table);
