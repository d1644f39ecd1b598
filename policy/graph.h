/* SPDX-License-Identifier: GPL-2.0-only */
/* graph.h - the states of all automata of an image, before they are packed into its table. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

struct graph_state {
	__u32 end;   /* cell, or interval set for addresses */
	__u32 reach; /* PC_REACH_… (reach.c) */
	__u32 next;  /* state for every byte without a transition */
	__u32 is_row; /* `next` is one whose row holds for those bytes instead */
	__u32 first; /* its transitions: run in `transitions` */
	__u32 count;
};

/* State 0 is there from the start: nothing can match any more. It leads to itself and ends in cell or set 0.
 */
struct graph {
	struct graph_state *states;
	size_t state_count;
	size_t state_room;
	__u32 *transitions; /* byte << 24 | state */
	size_t transition_count;
	size_t transition_room;
};

#define GRAPH_DEAD 0
#define GRAPH_TARGET(transition) ((transition)&0xffffffU)
#define GRAPH_BYTE(transition) ((transition) >> 24)

int graph_start(struct graph *graph);
void graph_done(struct graph *graph);
/* A state without transitions that leads to itself. −E2BIG: there are PC_STATES_MAX already. */
int graph_add_state(struct graph *graph, __u32 end, __u32 *ret_state);
/* Says that for bytes without a transition the row of `next` holds, which must be none of that kind. */
void graph_share_row(struct graph *graph, __u32 state);
/* Gives a state its row, once. −E2BIG: no image holds that many entries. */
int graph_set_row(struct graph *graph, __u32 state, __u32 next, const __u32 *transitions, size_t count);
