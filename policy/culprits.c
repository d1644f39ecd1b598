/* SPDX-License-Identifier: GPL-2.0-only */
/* culprits.c - which rules make an automaton large: those that are in most of the states found last. */
#include "node_set.h"
#include "ownership.h"

/* The best candidate that a node leads to. */
static __u32 node_candidate(const struct node *node)
{
	__u32 best = NO_CANDIDATE;

	for (unsigned int slot = 0; slot < SLOTS; slot++)
		best = node->best[slot] < best ? node->best[slot] : best;
	return best;
}

/* Takes the most frequent rule out of the counts. */
static void name_culprit(const struct node_sets *sets, size_t *counts, struct culprits *culprits)
{
	size_t most = 0;

	for (size_t i = 1; i < sets->nfa->contest->count; i++) {
		if (counts[i] > counts[most])
			most = i;
	}
	if (counts[most] == 0)
		return;
	counts[most] = 0;
	for (size_t i = 0; i < culprits->count; i++) {
		if (culprits->rules[i] == sets->nfa->contest->list[most].rule)
			return;
	}
	culprits->rules[culprits->count++] = sets->nfa->contest->list[most].rule;
}

int node_sets_culprits(const struct node_sets *sets, struct culprits *culprits)
{
	_cleanup_free_ size_t *counts = calloc(sets->nfa->contest->count + 1, sizeof(*counts));
	size_t first = sets->count > 4096 ? sets->count - 4096 : 0;

	*culprits = (struct culprits){};
	if (!counts)
		return -ENOMEM;
	if (sets->nfa->contest->count == 0)
		return 0;
	for (size_t set = first; set < sets->count; set++) {
		const __u32 *nodes;
		size_t count = node_sets_get(sets, set, &nodes);

		for (size_t i = 0; i < count; i++) {
			__u32 candidate = node_candidate(&sets->nfa->nodes[nodes[i]]);

			if (candidate != NO_CANDIDATE)
				counts[candidate]++;
		}
	}
	for (size_t i = 0; i < 2 * CULPRITS_MAX && culprits->count < CULPRITS_MAX; i++)
		name_culprit(sets, counts, culprits);
	return 0;
}
