/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dfa.c - from the patterns of one contest to states in which all precedence is settled.
 *
 * Subset construction over the nodes of the tree, winners only: a node that can't lead to a candidate better
 * than one already sure to match, in any slot where it counts, is dropped. Without this, floating patterns
 * multiply.
 */
#include <string.h>

#include <portcullis/limits.h>

#include "cells.h"
#include "dfa.h"
#include "node_set.h"
#include "ownership.h"

/* A state's row while it is being found out. */
struct fan {
	__u32 target[256];
	__u64 named[4]; /* bits: the row looks at this byte by itself */
	bool has_rest;  /* bytes that nothing names lead somewhere too */
	bool has_sets;  /* classes are among the codes */
};

struct builder {
	const struct contest *contest;
	struct graph *graph;
	struct cells *cells;
	struct nfa nfa;
	struct node_sets sets;
	struct fan fan;
	__u32 first;    /* graph state of set 0 */
	__u32 *current; /* nodes of the state whose row is being found out */
	size_t count;
	size_t room;
	__u64 work;
};

static void name_byte(struct fan *fan, unsigned int byte)
{
	fan->named[byte / 64] |= 1ULL << byte % 64;
}

static bool is_named(const struct fan *fan, unsigned int byte)
{
	return fan->named[byte / 64] >> byte % 64 & 1;
}

/* The first named byte from `byte` on; 256: none. */
static unsigned int next_named(const struct fan *fan, unsigned int byte)
{
	for (; byte < 256; byte = (byte / 64 + 1) * 64) {
		__u64 bits = fan->named[byte / 64] >> byte % 64;

		if (bits)
			return byte + __builtin_ctzll(bits);
	}
	return 256;
}

static void builder_done(struct builder *b)
{
	nfa_done(&b->nfa);
	node_sets_done(&b->sets);
	free(b->current);
}

/* The cell that a set of nodes ends in. */
static int end_cell(struct builder *b, const __u32 *nodes, size_t count, __u32 *ret_cell)
{
	__u32 best[SLOTS] = { NO_CANDIDATE, NO_CANDIDATE, NO_CANDIDATE, NO_CANDIDATE };
	struct pc_cell cell = CELL_EMPTY;

	for (size_t i = 0; i < count; i++) {
		const struct node *node = &b->nfa.nodes[nodes[i]];

		if (node->code == CODE_TAIL)
			node = &b->nfa.nodes[node->child];
		if (node->code != CODE_END)
			continue;
		for (unsigned int slot = 0; slot < SLOTS; slot++) {
			if (node->best[slot] < best[slot])
				best[slot] = node->best[slot];
		}
	}
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		if (best[slot] != NO_CANDIDATE)
			*cell_slot(&cell, slot) = cells_rule_ref(b->cells, b->contest->list[best[slot]].rule);
	}
	return cells_add(b->cells, &cell, ret_cell);
}

/* The state of the nodes that were gathered; a new one if there was none. */
static int find_state(struct builder *b, __u32 *ret_state)
{
	const __u32 *nodes;
	__u32 set, cell;
	size_t count;
	int r;

	b->work += b->sets.gathered_count;
	node_sets_prune(&b->sets);
	b->work += b->sets.gathered_count;
	if (b->sets.gathered_count == 0) {
		*ret_state = GRAPH_DEAD;
		return 0;
	}
	r = node_sets_find(&b->sets, &set);
	if (r < 0)
		return r;
	if (b->work > PC_COMPILE_WORK_MAX)
		return -E2BIG;
	*ret_state = b->first + set;
	if (*ret_state < b->graph->state_count)
		return 0;
	count = node_sets_get(&b->sets, set, &nodes);
	r = end_cell(b, nodes, count, &cell);
	if (r < 0)
		return r;
	return graph_add_state(b->graph, cell, ret_state);
}

static bool code_has(const struct builder *b, unsigned int code, __u8 byte)
{
	if (code >= CODE_BYTE)
		return code == CODE_BYTE + byte;
	if (code == CODE_ANY)
		return byte != '/';
	return code == CODE_TAIL || pattern_set_has(b->contest->sets[code - CODE_SET], byte);
}

/* Where one node goes on a byte, by staying. */
static int gather_loop(struct builder *b, __u32 n, __u8 byte)
{
	switch (b->nfa.nodes[n].code) {
	case CODE_STAR:
		return byte == '/' ? 0 : node_sets_gather(&b->sets, n);
	case CODE_TAIL:
		return node_sets_gather(&b->sets, n);
	case CODE_DIRS:
		return node_sets_gather(&b->sets, byte == '/' ? n : n + 1);
	case CODE_DIRS_WITHIN:
		return node_sets_gather(&b->sets, byte == '/' ? n - 1 : n);
	default:
		return 0;
	}
}

/* The state that the current one leads to on a byte. */
static int step_state(struct builder *b, __u8 byte, __u32 *ret_state)
{
	node_sets_start(&b->sets);
	for (size_t i = 0; i < b->count; i++) {
		int r = gather_loop(b, b->current[i], byte);

		for (__u32 c = b->nfa.nodes[b->current[i]].child; r == 0 && c; c = b->nfa.nodes[c].sibling) {
			unsigned int code = b->nfa.nodes[c].code;

			b->work++;
			if (code > CODE_DIRS && code_has(b, code, byte))
				r = node_sets_gather(&b->sets, c);
		}
		if (r < 0)
			return r;
	}
	return find_state(b, ret_state);
}

static void name_code(struct fan *fan, unsigned int code)
{
	if (code >= CODE_BYTE) {
		name_byte(fan, code - CODE_BYTE);
		return;
	}
	if (code == CODE_END || code == CODE_ROOT)
		return;
	fan->has_rest = true;
	if (code < CODE_SET || code == CODE_DIRS_WITHIN)
		name_byte(fan, '/');
	else
		fan->has_sets = true;
}

/* Which bytes the current state tells apart. */
static void name_bytes(struct builder *b)
{
	struct fan *fan = &b->fan;

	memset(fan->named, 0, sizeof(fan->named));
	fan->has_rest = false;
	fan->has_sets = false;
	for (size_t i = 0; i < b->count; i++) {
		const struct node *node = &b->nfa.nodes[b->current[i]];

		if (node->code < CODE_ANY || node->code == CODE_DIRS_WITHIN)
			name_code(fan, node->code);
		for (__u32 c = node->child; c; c = b->nfa.nodes[c].sibling)
			name_code(fan, b->nfa.nodes[c].code);
	}
}

/* Splits each group of bytes by whether they are in the set; groups are numbered in the order of their bytes.
 */
static void split_groups(__u16 group[256], const __u32 *set)
{
	__u16 names[512], next = 0;

	memset(names, 0xff, sizeof(names));
	for (unsigned int byte = 0; byte < 256; byte++) {
		__u16 *name = &names[2 * group[byte] + pattern_set_has(set, byte)];

		if (*name == 0xffff)
			*name = next++;
		group[byte] = *name;
	}
}

/* Bytes that all classes treat alike are of one group. */
static void group_bytes(struct builder *b, __u16 group[256])
{
	memset(group, 0, 256 * sizeof(*group));
	for (size_t i = 0; i < b->count; i++) {
		for (__u32 c = b->nfa.nodes[b->current[i]].child; c; c = b->nfa.nodes[c].sibling) {
			unsigned int code = b->nfa.nodes[c].code;

			if (code < CODE_SET || code >= CODE_BYTE)
				continue;
			split_groups(group, b->contest->sets[code - CODE_SET]);
			b->work += 256;
		}
	}
}

/* Where every byte leads, if there are classes; all are named then. */
static int step_groups(struct builder *b)
{
	__u32 by_group[256];
	bool is_known[256] = {};
	__u16 group[256];
	int r;

	group_bytes(b, group);
	for (unsigned int byte = 0; byte < 256; byte++) {
		__u32 *target = &b->fan.target[byte];

		if (!is_named(&b->fan, byte) && is_known[group[byte]]) {
			*target = by_group[group[byte]];
			continue;
		}
		r = step_state(b, byte, target);
		if (r < 0)
			return r;
		if (!is_named(&b->fan, byte)) {
			is_known[group[byte]] = true;
			by_group[group[byte]] = *target;
		}
	}
	memset(b->fan.named, 0xff, sizeof(b->fan.named));
	return 0;
}

/* The target of most bytes. */
static __u32 most_frequent(const __u32 target[256])
{
	unsigned int most = 0;
	__u32 best = target[0];

	for (unsigned int i = 0; i < 256 && most < 256 - i; i++) {
		unsigned int count = 0;

		for (unsigned int k = i; k < 256; k++)
			count += target[k] == target[i];
		if (count > most) {
			most = count;
			best = target[i];
		}
	}
	return best;
}

/* Where the named bytes lead, and where the rest does. */
static int step_named(struct builder *b, __u32 *ret_next)
{
	unsigned int rest = 255;
	int r;

	for (unsigned int byte = next_named(&b->fan, 0); byte < 256; byte = next_named(&b->fan, byte + 1)) {
		r = step_state(b, byte, &b->fan.target[byte]);
		if (r < 0)
			return r;
	}
	*ret_next = GRAPH_DEAD;
	while (rest > 0 && is_named(&b->fan, rest))
		rest--;
	return b->fan.has_rest && !is_named(&b->fan, rest) ? step_state(b, rest, ret_next) : 0;
}

/* Whatever `next` says otherwise: where that is another row, all that is named. */
static int put_row(struct builder *b, __u32 state, __u32 next)
{
	__u32 row[256];
	size_t count = 0;

	for (unsigned int byte = next_named(&b->fan, 0); byte < 256; byte = next_named(&b->fan, byte + 1)) {
		if (b->graph->states[state].is_row || b->fan.target[byte] != next)
			row[count++] = byte << 24 | b->fan.target[byte];
	}
	return graph_set_row(b->graph, state, next, row, count);
}

/* Whether a node leads on by single bytes only, as the nodes of literal names do. */
static bool is_plain(const struct builder *b, const struct node *node)
{
	if (node->code < CODE_ANY || node->code == CODE_DIRS_WITHIN)
		return false;
	for (__u32 c = node->child; c; c = b->nfa.nodes[c].sibling) {
		if (b->nfa.nodes[c].code > CODE_DIRS && b->nfa.nodes[c].code < CODE_BYTE)
			return false;
	}
	return true;
}

/* The row of one plain node: what expand() would make of it, without looking at every byte. */
static int expand_plain(struct builder *b, __u32 state, const struct node *node)
{
	__u32 row[256], target;
	size_t count = 0;
	int r;

	for (__u32 c = node->child; c; c = b->nfa.nodes[c].sibling) {
		unsigned int code = b->nfa.nodes[c].code;

		if (code < CODE_BYTE)
			continue;
		node_sets_start(&b->sets);
		r = node_sets_gather(&b->sets, c);
		if (r == 0)
			r = find_state(b, &target);
		if (r < 0)
			return r;
		row[count++] = (code - CODE_BYTE) << 24 | target;
	}
	return graph_set_row(b->graph, state, GRAPH_DEAD, row, count);
}

/* Nodes of the current state that don't float, all of which lead on by single bytes or not at all; 0 if one does otherwise. */
static size_t count_anchored(const struct builder *b)
{
	size_t count = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct node *node = &b->nfa.nodes[b->current[i]];

		if (node->flags & NODE_FLOATS)
			continue;
		if (node->code != CODE_END && !is_plain(b, node))
			return 0;
		count++;
	}
	return count;
}

static void name_children(struct builder *b, const struct node *node)
{
	for (__u32 c = node->child; c; c = b->nfa.nodes[c].sibling) {
		if (b->nfa.nodes[c].code >= CODE_BYTE)
			name_byte(&b->fan, b->nfa.nodes[c].code - CODE_BYTE);
	}
}

/*
 * Names that float beside a literal name: where that one does not go on, all is as without it. So the row is that of
 * the state of those that float, but for the bytes of the literal one.
 */
static int expand_shared(struct builder *b, __u32 state)
{
	__u32 next;
	int r = 0;

	memset(b->fan.named, 0, sizeof(b->fan.named));
	node_sets_start(&b->sets);
	for (size_t i = 0; r == 0 && i < b->count; i++) {
		const struct node *node = &b->nfa.nodes[b->current[i]];

		if (node->flags & NODE_FLOATS)
			r = node_sets_gather(&b->sets, b->current[i]);
		else
			name_children(b, node);
	}
	if (r == 0)
		r = find_state(b, &next);
	for (unsigned int byte = next_named(&b->fan, 0); r == 0 && byte < 256; byte = next_named(&b->fan, byte + 1))
		r = step_state(b, byte, &b->fan.target[byte]);
	if (r < 0)
		return r;
	graph_share_row(b->graph, state);
	return put_row(b, state, next);
}

static int expand(struct builder *b, __u32 set)
{
	const __u32 *nodes;
	size_t anchored;
	__u32 next;
	int r;

	b->count = node_sets_get(&b->sets, set, &nodes);
	if (b->count == 1 && is_plain(b, &b->nfa.nodes[nodes[0]]))
		return expand_plain(b, b->first + set, &b->nfa.nodes[nodes[0]]);
	r = array_reserve(&b->current, &b->room, b->count, sizeof(*b->current));
	if (r < 0)
		return r;
	memcpy(b->current, nodes, b->count * sizeof(*nodes));
	anchored = count_anchored(b);
	if (anchored > 0 && anchored < b->count)
		return expand_shared(b, b->first + set);
	name_bytes(b);
	if (b->fan.has_sets) {
		r = step_groups(b);
		next = most_frequent(b->fan.target);
	} else {
		r = step_named(b, &next);
	}
	return r < 0 ? r : put_row(b, b->first + set, next);
}

int dfa_build(const struct contest *contest, struct graph *graph, struct cells *cells, __u32 *ret_start,
	      struct culprits *culprits)
{
	_cleanup_(builder_done) struct builder b = { .contest = contest, .graph = graph, .cells = cells };
	int r;

	*culprits = (struct culprits){};
	b.first = graph->state_count;
	r = nfa_build(&b.nfa, contest);
	if (r == 0)
		r = node_sets_init(&b.sets, &b.nfa);
	if (r < 0)
		return r;
	node_sets_start(&b.sets);
	r = node_sets_gather(&b.sets, 0);
	if (r == 0)
		r = find_state(&b, ret_start);
	for (size_t set = 0; r == 0 && set < b.sets.count; set++)
		r = expand(&b, set);
	if (r == 0 || r == -E2BIG)
		r = node_sets_culprits(&b.sets, culprits) < 0 ? -ENOMEM : r;
	return r;
}
