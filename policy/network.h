/* SPDX-License-Identifier: GPL-2.0-only */
/* network.h - the rules for addresses of one kind: ranks, and their automaton over nibbles. */
#pragma once

#include "contest.h"
#include "graph.h"
#include "interval.h"

/* Compared member by member in this order. */
struct network_rank {
	unsigned int prefix;    /* bits + 1; 0: `any`; longer wins */
	unsigned int ports;     /* fewer win; more than there are if the object names none */
	bool is_protocol_given; /* wins */
};

struct network_rank network_rank(const struct object *object);
/* < 0: a outranks b; 0: equal. */
int network_rank_compare(const struct network_rank *a, const struct network_rank *b);
/* Whether the object covers this address (network order), protocol class and port; slow, for explanations and
 * tests. */
bool network_matches(const struct object *object, const __u8 *address, unsigned int class, unsigned int port);

/*
 * Adds the automaton of the section's rules for addresses of that kind (PC_KIND_IP4 or PC_KIND_IP6). −E2BIG:
 * too much of it, then `culprits` are the rules that multiply.
 */
int network_build(const struct policy *policy, unsigned int section, enum pc_kind kind,
		  struct graph *graph, struct interval_table *intervals, struct cells *cells,
		  __u32 *ret_start, struct culprits *culprits);
