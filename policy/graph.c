/* SPDX-License-Identifier: GPL-2.0-only */
/* graph.c - the states of all automata of an image, before they are packed into its table. */
#include <string.h>

#include <portcullis/abi.h>

#include "graph.h"
#include "ownership.h"

/* A state has 24 bits in a transition. */
_Static_assert(PC_STATES_MAX <= 1U << 24, "states must fit beside a byte");

int graph_start(struct graph *graph)
{
	__u32 dead;

	*graph = (struct graph){};
	return graph_add_state(graph, 0, &dead);
}

void graph_done(struct graph *graph)
{
	free(graph->states);
	free(graph->transitions);
	*graph = (struct graph){};
}

int graph_add_state(struct graph *graph, __u32 end, __u32 *ret_state)
{
	int r;

	if (graph->state_count >= PC_STATES_MAX)
		return -E2BIG;
	r = array_reserve(&graph->states, &graph->state_room, graph->state_count + 1, sizeof(*graph->states));
	if (r < 0)
		return r;
	*ret_state = graph->state_count++;
	graph->states[*ret_state] = (struct graph_state){ .end = end, .next = *ret_state };
	return 0;
}

int graph_set_row(struct graph *graph, __u32 state, __u32 next, const __u32 *transitions, size_t count)
{
	struct graph_state *s = &graph->states[state];
	int r;

	/* Each state and each transition is an entry of the table. */
	if (graph->state_count + graph->transition_count + count >
	    PC_IMAGE_CLASS_MAX / sizeof(struct pc_entry))
		return -E2BIG;
	r = array_reserve(&graph->transitions, &graph->transition_room, graph->transition_count + count,
			  sizeof(*graph->transitions));
	if (r < 0)
		return r;
	s->next = next;
	s->first = graph->transition_count;
	s->count = count;
	if (count > 0)
		memcpy(&graph->transitions[s->first], transitions, count * sizeof(*transitions));
	graph->transition_count += count;
	return 0;
}

void graph_share_row(struct graph *graph, __u32 state)
{
	graph->states[state].is_row = 1;
}
