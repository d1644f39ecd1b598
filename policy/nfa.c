/* SPDX-License-Identifier: GPL-2.0-only */
/* nfa.c - the patterns of one contest as a tree: what they begin with in common is kept once. */
#include <string.h>

#include <portcullis/limits.h>

#include "nfa.h"
#include "ownership.h"

/* The way from the root to the pattern added last. */
struct trail {
	__u32 *nodes;
	size_t count;
	size_t room;
};

/* Whether it stays in the set on some byte. */
static bool is_loop(unsigned int code)
{
	return code == CODE_STAR || code == CODE_TAIL || code == CODE_DIRS || code == CODE_DIRS_WITHIN;
}

static int add_node(struct nfa *nfa, unsigned int code, unsigned int flags, __u32 *ret_node)
{
	int r;

	if (nfa->count >= PC_NODES_MAX)
		return -E2BIG;
	r = array_reserve(&nfa->nodes, &nfa->room, nfa->count + 1, sizeof(*nfa->nodes));
	if (r < 0)
		return r;
	*ret_node = nfa->count++;
	nfa->nodes[*ret_node] = (struct node){
		.code = code,
		.flags = flags | (is_loop(code) ? NODE_FLOATS : 0),
		.best = { NO_CANDIDATE, NO_CANDIDATE, NO_CANDIDATE, NO_CANDIDATE },
	};
	return 0;
}

/* Adds a child behind `previous`, the last child so far (0: none). */
static int add_child(struct nfa *nfa, __u32 parent, __u32 previous, unsigned int code, __u32 *ret_node)
{
	__u32 twin;
	int r;

	r = add_node(nfa, code, nfa->nodes[parent].flags & NODE_FLOATS, ret_node);
	if (r == 0 && code == CODE_DIRS)
		r = add_node(nfa, CODE_DIRS_WITHIN, 0, &twin);
	if (r < 0)
		return r;
	if (previous)
		nfa->nodes[previous].sibling = *ret_node;
	else
		nfa->nodes[parent].child = *ret_node;
	return 0;
}

/* Patterns come in the order of their codes, so what one shares with any before it, it shares with the last.
 */
static int add_candidate(struct nfa *nfa, struct trail *trail, const struct candidate *candidate)
{
	const __u16 *codes = &nfa->contest->codes[candidate->first];
	__u32 rank = candidate - nfa->contest->list, previous, node;
	size_t shared = 0;
	int r;

	while (shared < candidate->count && shared + 1 < trail->count &&
	       nfa->nodes[trail->nodes[shared + 1]].code == codes[shared])
		shared++;
	previous = shared + 1 < trail->count ? trail->nodes[shared + 1] : 0;
	r = array_reserve(&trail->nodes, &trail->room, candidate->count + 1, sizeof(*trail->nodes));
	for (size_t i = shared; r == 0 && i < candidate->count; i++) {
		r = add_child(nfa, trail->nodes[i], previous, codes[i], &trail->nodes[i + 1]);
		previous = 0;
	}
	if (r < 0)
		return r;
	trail->count = candidate->count + 1;
	node = trail->nodes[candidate->count];
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		if (candidate->slots & 1U << slot && rank < nfa->nodes[node].best[slot])
			nfa->nodes[node].best[slot] = rank;
	}
	return 0;
}

static void take_best(__u32 best[SLOTS], const __u32 other[SLOTS])
{
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		if (other[slot] < best[slot])
			best[slot] = other[slot];
	}
}

static bool needs_no_byte(unsigned int code)
{
	return code == CODE_END || code == CODE_STAR || code == CODE_DIRS;
}

/* Flags, and in `best` the best candidate of the whole subtree. Children have higher numbers than their
 * parents. */
static void sum_up(struct nfa *nfa)
{
	for (size_t i = nfa->count; i-- > 0;) {
		struct node *node = &nfa->nodes[i];

		if (node->code != CODE_DIRS && node->code != CODE_DIRS_WITHIN && node->code != CODE_TAIL)
			node->flags |= NODE_IN_NAME;
		if (is_loop(node->code))
			node->flags |= NODE_MOVES;
		for (__u32 c = node->child; c; c = nfa->nodes[c].sibling) {
			const struct node *child = &nfa->nodes[c];

			node->flags |= needs_no_byte(child->code) ? NODE_SPREADS : NODE_MOVES;
			if (child->code == CODE_TAIL)
				node->flags |= NODE_HAS_TAIL;
			if (child->code == CODE_BYTE + '/' || !(child->flags & NODE_IN_NAME))
				node->flags &= ~NODE_IN_NAME;
			take_best(node->best, child->best);
		}
		if (node->code == CODE_DIRS)
			memcpy(nfa->nodes[i + 1].best, node->best, sizeof(node->best));
	}
}

/* Nodes that don't stay leave to their CODE_END, CODE_STAR and CODE_DIRS children what these stand for. */
static void narrow_down(struct nfa *nfa)
{
	for (size_t i = 0; i < nfa->count; i++) {
		struct node *node = &nfa->nodes[i];

		if (is_loop(node->code) || node->code == CODE_END)
			continue;
		for (unsigned int slot = 0; slot < SLOTS; slot++)
			node->best[slot] = NO_CANDIDATE;
		for (__u32 c = node->child; c; c = nfa->nodes[c].sibling) {
			if (!needs_no_byte(nfa->nodes[c].code))
				take_best(node->best, nfa->nodes[c].best);
		}
	}
}

int nfa_build(struct nfa *nfa, const struct contest *contest)
{
	struct trail trail = {};
	__u32 root;
	int r;

	*nfa = (struct nfa){ .contest = contest };
	r = add_node(nfa, CODE_ROOT, 0, &root);
	if (r == 0)
		r = array_reserve(&trail.nodes, &trail.room, 1, sizeof(*trail.nodes));
	if (r == 0) {
		trail.nodes[0] = root;
		trail.count = 1;
	}
	for (size_t i = 0; r == 0 && i < contest->count; i++)
		r = add_candidate(nfa, &trail, contest->by_codes[i]);
	free(trail.nodes);
	if (r < 0)
		return r;
	sum_up(nfa);
	narrow_down(nfa);
	return 0;
}

void nfa_done(struct nfa *nfa)
{
	free(nfa->nodes);
	*nfa = (struct nfa){};
}
