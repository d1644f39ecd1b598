/* SPDX-License-Identifier: GPL-2.0-only */
/* node_set.c - the sets of nodes that are states: gathered, pruned to winners, kept once. */
#include <string.h>

#include "hash.h"
#include "node_set.h"
#include "ownership.h"

#define SET_IN_POOL 0x80000000U
#define POOL_HEAD 2

int node_sets_init(struct node_sets *sets, const struct nfa *nfa)
{
	*sets = (struct node_sets){ .nfa = nfa, .table_size = 1024 };
	sets->single = calloc(nfa->count, sizeof(*sets->single));
	sets->mark = calloc(nfa->count, sizeof(*sets->mark));
	sets->table = calloc(sets->table_size, sizeof(*sets->table));
	return sets->single && sets->mark && sets->table ? 0 : -ENOMEM;
}

void node_sets_done(struct node_sets *sets)
{
	free(sets->where);
	free(sets->single);
	free(sets->pool);
	free(sets->table);
	free(sets->mark);
	free(sets->gathered);
	*sets = (struct node_sets){};
}

/* Every earlier mark is none. */
static void forget_marks(struct node_sets *sets)
{
	if (++sets->now == 0) {
		memset(sets->mark, 0, sets->nfa->count * sizeof(*sets->mark));
		sets->now = 1;
	}
}

void node_sets_start(struct node_sets *sets)
{
	forget_marks(sets);
	sets->gathered_count = 0;
}

/* Recurses no deeper than a pattern has codes in a row that need no byte: `**`, `*`, end. */
int node_sets_gather(struct node_sets *sets, __u32 n)
{
	const struct node *nodes = sets->nfa->nodes, *node = &nodes[n];
	int r;

	if (sets->mark[n] == sets->now)
		return 0;
	sets->mark[n] = sets->now;
	if (node->flags & NODE_MOVES || node->code == CODE_END) {
		r = array_reserve(&sets->gathered, &sets->gathered_room, sets->gathered_count + 1,
				  sizeof(*sets->gathered));
		if (r < 0)
			return r;
		sets->gathered[sets->gathered_count++] = n;
	}
	if (!(node->flags & NODE_SPREADS))
		return 0;
	for (__u32 c = node->child; c && nodes[c].code <= CODE_DIRS; c = nodes[c].sibling) {
		r = node_sets_gather(sets, c);
		if (r < 0)
			return r;
	}
	return 0;
}

/* By slot, the best candidate that is sure to match … */
struct sure {
	__u32 always[SLOTS];  /* whatever follows, or nothing */
	__u32 further[SLOTS]; /* if anything follows */
	__u32 in_name[SLOTS]; /* as long as no '/' follows */
	__u32 here[SLOTS];    /* if nothing follows */
};

static void take_best(__u32 best[SLOTS], const __u32 other[SLOTS])
{
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		if (other[slot] < best[slot])
			best[slot] = other[slot];
	}
}

/* The child with that code, which is among the first. */
static const struct node *find_child(const struct nfa *nfa, const struct node *node, unsigned int code)
{
	for (__u32 c = node->child; c && nfa->nodes[c].code <= code; c = nfa->nodes[c].sibling) {
		if (nfa->nodes[c].code == code)
			return &nfa->nodes[c];
	}
	return NULL;
}

static void make_sure(const struct node_sets *sets, struct sure *sure)
{
	memset(sure, 0xff, sizeof(*sure));
	for (size_t i = 0; i < sets->gathered_count; i++) {
		const struct node *node = &sets->nfa->nodes[sets->gathered[i]], *child;

		if (node->code == CODE_TAIL)
			take_best(sure->always, node->best);
		if (node->code == CODE_END)
			take_best(sure->here, node->best);
		if (node->flags & NODE_HAS_TAIL)
			take_best(sure->further, find_child(sets->nfa, node, CODE_TAIL)->best);
		child = node->code == CODE_STAR ? find_child(sets->nfa, node, CODE_END) : NULL;
		if (child)
			take_best(sure->in_name, child->best);
	}
}

/*
 * Whether the node can still win, or makes sure what the others were judged by. Where it leads to the very
 * candidate that is sure without it, it is that pattern's own past.
 */
static bool can_win(const struct nfa *nfa, const struct node *node, const struct sure *sure)
{
	const struct node *tail = NULL, *end = NULL;

	if (node->flags & NODE_HAS_TAIL)
		tail = find_child(nfa, node, CODE_TAIL);
	if (node->code == CODE_STAR)
		end = find_child(nfa, node, CODE_END);
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		__u32 best = node->best[slot];

		if (best == NO_CANDIDATE)
			continue;
		if (node->code == CODE_TAIL) {
			if (best == sure->always[slot])
				return true;
			continue;
		}
		if (best >= sure->always[slot])
			continue;
		if (node->code == CODE_END) {
			if (best == sure->here[slot])
				return true;
			continue;
		}
		if (best >= sure->further[slot] && !(tail && tail->best[slot] == sure->further[slot]))
			continue;
		if (best >= sure->in_name[slot] && node->flags & NODE_IN_NAME &&
		    !(end && end->best[slot] == sure->in_name[slot]))
			continue;
		return true;
	}
	return false;
}

void node_sets_prune(struct node_sets *sets)
{
	struct sure sure;
	size_t count = 0;

	if (sets->gathered_count < 2)
		return;
	make_sure(sets, &sure);
	for (size_t i = 0; i < sets->gathered_count; i++) {
		if (can_win(sets->nfa, &sets->nfa->nodes[sets->gathered[i]], &sure))
			sets->gathered[count++] = sets->gathered[i];
	}
	sets->gathered_count = count;
}

static int add_set(struct node_sets *sets, __u32 where, __u32 *ret_set)
{
	int r = array_reserve(&sets->where, &sets->room, sets->count + 1, sizeof(*sets->where));

	if (r < 0)
		return r;
	sets->where[sets->count] = where;
	*ret_set = sets->count++;
	return 0;
}

static int find_single(struct node_sets *sets, __u32 *ret_set)
{
	__u32 node = sets->gathered[0];
	int r;

	if (!sets->single[node]) {
		r = add_set(sets, node, ret_set);
		if (r < 0)
			return r;
		sets->single[node] = *ret_set + 1;
	}
	*ret_set = sets->single[node] - 1;
	return 0;
}

/* Whether the set in the pool is the marked one, whose size it has. */
static bool is_marked(const struct node_sets *sets, __u32 set)
{
	const __u32 *entry = &sets->pool[sets->where[set] & ~SET_IN_POOL];

	for (__u32 i = 0; i < entry[0]; i++) {
		if (sets->mark[entry[POOL_HEAD + i]] != sets->now)
			return false;
	}
	return true;
}

/* The place in the hash table where the marked set is or would be. */
static __u32 *find_place(const struct node_sets *sets, __u32 hash)
{
	for (__u32 place = hash;; place++) {
		__u32 *entry = &sets->table[place & (sets->table_size - 1)];
		const __u32 *other;

		if (!*entry)
			return entry;
		other = &sets->pool[sets->where[*entry - 1] & ~SET_IN_POOL];
		if (other[1] == hash && other[0] == sets->gathered_count && is_marked(sets, *entry - 1))
			return entry;
	}
}

/* Keeps the hash table at most half full. */
static int make_room(struct node_sets *sets)
{
	size_t size = 2 * sets->table_size;
	__u32 *table;

	if (2 * sets->table_count < sets->table_size)
		return 0;
	table = calloc(size, sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < sets->table_size; i++) {
		__u32 place;

		if (!sets->table[i])
			continue;
		place = sets->pool[(sets->where[sets->table[i] - 1] & ~SET_IN_POOL) + 1];
		while (table[place & (size - 1)])
			place++;
		table[place & (size - 1)] = sets->table[i];
	}
	free(sets->table);
	sets->table = table;
	sets->table_size = size;
	return 0;
}

static int add_to_pool(struct node_sets *sets, __u32 hash, __u32 *ret_set)
{
	size_t size = POOL_HEAD + sets->gathered_count;
	__u32 *entry;
	int r;

	if (sets->pool_count + size >= SET_IN_POOL)
		return -E2BIG;
	r = array_reserve(&sets->pool, &sets->pool_room, sets->pool_count + size, sizeof(*sets->pool));
	if (r == 0)
		r = add_set(sets, SET_IN_POOL | sets->pool_count, ret_set);
	if (r < 0)
		return r;
	entry = &sets->pool[sets->pool_count];
	entry[0] = sets->gathered_count;
	entry[1] = hash;
	memcpy(&entry[POOL_HEAD], sets->gathered, sets->gathered_count * sizeof(*entry));
	sets->pool_count += size;
	sets->table_count++;
	return 0;
}

int node_sets_find(struct node_sets *sets, __u32 *ret_set)
{
	__u32 *place, hash;
	__u64 sum = 0;
	int r;

	if (sets->gathered_count == 1)
		return find_single(sets, ret_set);
	r = make_room(sets);
	if (r < 0)
		return r;
	forget_marks(sets);
	for (size_t i = 0; i < sets->gathered_count; i++) {
		sets->mark[sets->gathered[i]] = sets->now;
		/* A sum: sets that hold the same nodes in another order are the same. */
		sum += hash_mix(sets->gathered[i] + 1);
	}
	hash = hash_mix(sum);
	place = find_place(sets, hash);
	if (*place) {
		*ret_set = *place - 1;
		return 0;
	}
	r = add_to_pool(sets, hash, ret_set);
	if (r < 0)
		return r;
	*place = *ret_set + 1;
	return 0;
}

size_t node_sets_get(const struct node_sets *sets, __u32 set, const __u32 **ret_nodes)
{
	__u32 where = sets->where[set];

	if (!(where & SET_IN_POOL)) {
		*ret_nodes = &sets->where[set];
		return 1;
	}
	where &= ~SET_IN_POOL;
	*ret_nodes = &sets->pool[where + POOL_HEAD];
	return sets->pool[where];
}
