/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reach.c - what a longer name may lead to, for each state: a denial, or no rule at all.
 *
 * A directory may be renamed where no name below it can become more accessible: the kernel asks the state that the
 * names below it begin in. Backwards from each end state along the transitions, as far as anything is new.
 */
#include <errno.h>
#include <stdlib.h>

#include "compiler.h"
#include "ownership.h"

/* The transitions backwards: those into state s come from sources[first[s] … first[s + 1]). */
struct reversed {
	__u32 *first;
	__u32 *sources;
};

static void reversed_done(struct reversed *reversed)
{
	free(reversed->first);
	free(reversed->sources);
}

static __u32 target(const struct graph *graph, const struct graph_state *state, __u32 i)
{
	return i < state->count ? GRAPH_TARGET(graph->transitions[state->first + i]) : state->next;
}

/* A counting sort by target. */
static int reverse(const struct graph *graph, struct reversed *reversed)
{
	size_t count = graph->state_count;

	reversed->first = calloc(count + 2, sizeof(*reversed->first));
	reversed->sources = malloc((graph->transition_count + count) * sizeof(*reversed->sources));
	if (!reversed->first || !reversed->sources)
		return -ENOMEM;
	for (size_t s = 0; s < count; s++)
		for (__u32 i = 0; i <= graph->states[s].count; i++)
			reversed->first[target(graph, &graph->states[s], i) + 2]++;
	for (size_t s = 0; s < count; s++)
		reversed->first[s + 2] += reversed->first[s + 1];
	for (size_t s = 0; s < count; s++)
		for (__u32 i = 0; i <= graph->states[s].count; i++)
			reversed->sources[reversed->first[target(graph, &graph->states[s], i) + 1]++] = (__u32)s;
	return 0;
}

static bool denies(__u32 ref)
{
	return ref >> PC_REF_VERDICT_SHIFT == PC_DENY;
}

/* What the state itself holds; only an [open] has rules for writing. */
static __u32 own_reach(const struct pc_cell *cell, bool is_open)
{
	__u32 reach = 0;

	if (denies(cell->read) || denies(cell->never_read) || denies(cell->write) || denies(cell->never_write))
		reach |= PC_REACH_DENY;
	if (cell->read == PC_REF_NONE || (is_open && cell->write == PC_REF_NONE))
		reach |= PC_REACH_NONE;
	return reach;
}

/* Hands a state's reach to all that lead to it; `list` has room for each state twice, once for each bit. */
static void spread(struct graph *graph, const struct reversed *reversed, __u32 *list, size_t count)
{
	while (count > 0) {
		__u32 state = list[--count];
		__u32 reach = graph->states[state].reach;

		for (__u32 i = reversed->first[state]; i < reversed->first[state + 1]; i++) {
			struct graph_state *source = &graph->states[reversed->sources[i]];

			if ((source->reach | reach) == source->reach)
				continue;
			source->reach |= reach;
			list[count++] = reversed->sources[i];
		}
	}
}

int reach_compute(struct compiler *c)
{
	_cleanup_(reversed_done) struct reversed reversed = {};
	_cleanup_free_ __u32 *list = NULL;
	size_t count = 0, section = 0;
	int r = reverse(&c->graph, &reversed);

	if (r < 0)
		return r;
	list = malloc((2 * c->graph.state_count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t s = 0; s < c->graph.state_count; s++) {
		struct graph_state *state = &c->graph.states[s];

		while (section + 1 < PC_SECTIONS && s >= c->section_end[section])
			section++;
		/* An address ends in a set of intervals, and no longer address begins with it. */
		if (state->end < c->cells.count)
			state->reach = own_reach(&c->cells.list[state->end], section == PC_OPEN);
		if (state->reach)
			list[count++] = (__u32)s;
	}
	spread(&c->graph, &reversed, list, count);
	return 0;
}
