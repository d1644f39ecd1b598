/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reach.c - what a longer name may lead to, for each state: a denial, or no rule at all.
 *
 * A directory may be renamed where no name below it can become more accessible: the kernel asks the state that the
 * names below it begin in. Pass by pass from each state to those that lead to it, as long as anything is new.
 */
#include "compiler.h"

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

/* What the row's targets reach; those of `taken` bytes (a state whose row has the first say; NULL: none) don't count. */
static __u32 row_reach(const struct graph *graph, const struct graph_state *row, const struct graph_state *taken)
{
	__u32 reach = row->is_row ? 0 : graph->states[row->next].reach, at = 0;

	for (__u32 i = 0; i < row->count; i++) {
		__u32 transition = graph->transitions[row->first + i];

		while (taken && at < taken->count &&
		       GRAPH_BYTE(graph->transitions[taken->first + at]) < GRAPH_BYTE(transition))
			at++;
		if (!taken || at >= taken->count ||
		    GRAPH_BYTE(graph->transitions[taken->first + at]) != GRAPH_BYTE(transition))
			reach |= graph->states[GRAPH_TARGET(transition)].reach;
	}
	return reach;
}

/* One pass over all states, the last first: most transitions lead to states that were found later. */
static bool sweep(struct graph *graph)
{
	bool has_changed = false;

	for (size_t s = graph->state_count; s-- > 0;) {
		struct graph_state *state = &graph->states[s];
		__u32 reach = state->reach | row_reach(graph, state, NULL);

		if (state->is_row)
			reach |= row_reach(graph, &graph->states[state->next], state);
		has_changed |= reach != state->reach;
		state->reach = reach;
	}
	return has_changed;
}

void reach_compute(struct compiler *c)
{
	size_t section = 0;

	for (size_t s = 0; s < c->graph.state_count; s++) {
		struct graph_state *state = &c->graph.states[s];

		while (section + 1 < c->policy->section_count && s >= c->section_end[section])
			section++;
		/* An address ends in a set of intervals, and no longer address begins with it. */
		if (state->end < c->cells.count)
			state->reach = own_reach(&c->cells.list[state->end], section_id(section) == PC_OPEN);
	}
	while (sweep(&c->graph))
		;
}
