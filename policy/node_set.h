/* SPDX-License-Identifier: GPL-2.0-only */
/* node_set.h - the sets of nodes that are states: gathered, pruned to winners, kept once. */
#pragma once

#include "nfa.h"

/*
 * Most sets of large policies are one node of a literal tail: those cost a number. Others are kept in `pool`
 * as {count, hash, nodes…}.
 */
struct node_sets {
	const struct nfa *nfa;
	__u32 *where; /* by set: a node, or SET_IN_POOL | place in `pool` */
	size_t count;
	size_t room;
	__u32 *single; /* by node: the set of that node alone + 1 */
	__u32 *pool;
	size_t pool_count;
	size_t pool_room;
	__u32 *table; /* hash table of set + 1, for sets in the pool */
	size_t table_size;
	size_t table_count;
	/* The set in the making. A node is in it if its mark is `now`. */
	__u32 *mark;
	__u32 now;
	__u32 *gathered;
	size_t gathered_count;
	size_t gathered_room;
};

int node_sets_init(struct node_sets *sets, const struct nfa *nfa);
void node_sets_done(struct node_sets *sets);

void node_sets_start(struct node_sets *sets);
/* Adds a node and what is reached from it without a byte. */
int node_sets_gather(struct node_sets *sets, __u32 node);
/* Drops what can't win any more. */
void node_sets_prune(struct node_sets *sets);
/* The number of the gathered set, which is not empty. Sets are numbered as they are found. −E2BIG: too much
 * of them. */
int node_sets_find(struct node_sets *sets, __u32 *ret_set);
/* The nodes of a set, until the next one is added. */
size_t node_sets_get(const struct node_sets *sets, __u32 set, const __u32 **ret_nodes);

/* The rules that multiply: those in most of the sets found last. 0, −ENOMEM. */
int node_sets_culprits(const struct node_sets *sets, struct culprits *ret_culprits);
