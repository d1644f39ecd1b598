/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * network.c - the rules for addresses of one kind: ranks, and their automaton over nibbles.
 *
 * Prefixes make a tree of nibbles; one that ends inside a nibble hangs at each of the children that it
 * covers. A node takes over what its parent's address says and paints its own rules over it. Where a subtree
 * ends, every further nibble leads to a state that stays and holds the interval set; there is one such state
 * for each set.
 */
#include <string.h>

#include <portcullis/limits.h>

#include "network.h"
#include "ownership.h"

/* More than an explicit list of all ports has: no ports given covers the protocols without ports too. */
#define PORTS_ALL 65537

struct network_rank network_rank(const struct object *object)
{
	struct network_rank rank = {
		.prefix = object->is_any ? 0 : object->prefix + 1,
		.is_protocol_given = object->protocol != -1,
	};

	for (size_t i = 0; i < object->port_count; i++)
		rank.ports += object->ports[i].last - object->ports[i].first + 1;
	if (object->port_count == 0)
		rank.ports = PORTS_ALL;
	return rank;
}

int network_rank_compare(const struct network_rank *a, const struct network_rank *b)
{
	if (a->prefix != b->prefix)
		return a->prefix > b->prefix ? -1 : 1;
	if (a->ports != b->ports)
		return a->ports < b->ports ? -1 : 1;
	return b->is_protocol_given - a->is_protocol_given;
}

bool network_matches(const struct object *object, const __u8 *address, unsigned int class, unsigned int port)
{
	_cleanup_free_ struct key_range *list = NULL;
	__u32 key = PC_INTERVAL_KEY(class, port);
	struct key_ranges ranges = {};
	bool is_match = false;

	for (unsigned int bit = 0; bit < object->prefix; bit++) {
		if ((address[bit / 8] ^ object->address[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	}
	if (object_keys(object, &ranges) < 0)
		return false;
	list = ranges.list;
	for (size_t i = 0; i < ranges.count; i++)
		is_match = is_match || (list[i].first <= key && key < list[i].end);
	return is_match;
}

struct net_node {
	__u32 child[16]; /* 0: none */
	__u32 rules;     /* its own, best first: place in `links` + 1; 0: none */
};

struct link {
	__u32 rule;
	__u32 next; /* place in `links` + 1 */
};

struct net {
	const struct policy *policy;
	struct graph *graph;
	struct interval_table *intervals;
	struct cells *cells;
	struct net_node *nodes; /* node 0 is the root */
	size_t count;
	size_t room;
	struct link *links;
	size_t link_count;
	size_t link_room;
	__u32 *sinks; /* by interval set: the state that stays there + 1 */
	size_t sink_count;
	size_t sink_room;
	__u64 work;
	struct culprits *culprits;
};

static void net_done(struct net *net)
{
	free(net->nodes);
	free(net->links);
	free(net->sinks);
}

static int add_node(struct net *net, __u32 *ret_node)
{
	int r = array_reserve(&net->nodes, &net->room, net->count + 1, sizeof(*net->nodes));

	if (r < 0)
		return r;
	net->nodes[net->count] = (struct net_node){};
	*ret_node = net->count++;
	return 0;
}

static int get_child(struct net *net, __u32 node, unsigned int nibble, __u32 *ret_child)
{
	int r;

	if (!net->nodes[node].child[nibble]) {
		__u32 child;

		r = add_node(net, &child);
		if (r < 0)
			return r;
		net->nodes[node].child[nibble] = child;
	}
	*ret_child = net->nodes[node].child[nibble];
	return 0;
}

static int add_link(struct net *net, __u32 node, __u32 rule)
{
	int r = array_reserve(&net->links, &net->link_room, net->link_count + 1, sizeof(*net->links));

	if (r < 0)
		return r;
	net->links[net->link_count++] = (struct link){ .rule = rule, .next = net->nodes[node].rules };
	net->nodes[node].rules = net->link_count;
	return 0;
}

static unsigned int nibble_at(const __u8 *address, unsigned int i)
{
	return i % 2 ? address[i / 2] & 15 : address[i / 2] >> 4;
}

/* Hangs a rule where its prefix ends. Rules come worst first, so each node's list has the best first. */
static int add_rule(struct net *net, __u32 rule)
{
	const struct object *object = &net->policy->rules[rule].object;
	unsigned int whole = object->prefix / 4, rest = object->prefix % 4;
	__u32 node = 0, child;
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < whole; i++)
		r = get_child(net, node, nibble_at(object->address, i), &node);
	if (r < 0)
		return r;
	if (rest == 0)
		return add_link(net, node, rule);
	for (unsigned int nibble = 0; r == 0 && nibble < 16; nibble++) {
		if ((nibble ^ nibble_at(object->address, whole)) >> (4 - rest))
			continue;
		r = get_child(net, node, nibble, &child);
		if (r == 0)
			r = add_link(net, child, rule);
	}
	return r;
}

/* The state that stays and ends in that set. */
static int get_sink(struct net *net, __u32 set, __u32 *ret_state)
{
	size_t had = net->sink_count;
	int r;

	if (set >= had) {
		r = array_reserve(&net->sinks, &net->sink_room, set + 1, sizeof(*net->sinks));
		if (r < 0)
			return r;
		memset(&net->sinks[had], 0, (set + 1 - had) * sizeof(*net->sinks));
		net->sink_count = set + 1;
	}
	if (set == 0) {
		*ret_state = GRAPH_DEAD;
		return 0;
	}
	if (!net->sinks[set]) {
		r = graph_add_state(net->graph, set, ret_state);
		if (r < 0)
			return r;
		net->sinks[set] = *ret_state + 1;
	}
	*ret_state = net->sinks[set] - 1;
	return 0;
}

/* What holds at an address, and the set it is kept as. */
struct holding {
	const struct stretches *stretches;
	__u32 set;
};

/* The rules that what is inherited holds are those that multiply. */
static void name_culprits(struct net *net, const struct stretches *inherited)
{
	struct culprits *culprits = net->culprits;

	for (size_t i = 0; i < inherited->count && culprits->count < CULPRITS_MAX; i++) {
		__u32 rule = inherited->list[i].rule == NO_RULE ? inherited->list[i].never
								: inherited->list[i].rule;
		bool is_known = rule == NO_RULE;

		for (size_t k = 0; k < culprits->count; k++)
			is_known = is_known || culprits->rules[k] == rule;
		if (!is_known)
			culprits->rules[culprits->count++] = rule;
	}
}

/* Paints a node's own rules over what it inherits. */
static int paint_node(struct net *net, __u32 node, const struct holding *inherited, struct stretches *ret_own,
		      __u32 *ret_set)
{
	_cleanup_free_ __u32 *rules = NULL;
	size_t count = 0, room = 0;
	int r;

	for (__u32 link = net->nodes[node].rules; link; link = net->links[link - 1].next) {
		r = array_reserve(&rules, &room, count + 1, sizeof(*rules));
		if (r < 0)
			return r;
		rules[count++] = net->links[link - 1].rule;
	}
	r = stretches_overlay(net->policy, inherited->stretches, rules, count, ret_own);
	if (r < 0)
		return r;
	net->work += inherited->stretches->count + ret_own->count;
	r = net->work > PC_COMPILE_WORK_MAX ? -E2BIG : 0;
	if (r == 0)
		r = interval_table_add(net->intervals, net->cells, ret_own, ret_set);
	if (r == -E2BIG)
		name_culprits(net, ret_own);
	return r;
}

static void stretches_done(struct stretches *stretches)
{
	free(stretches->list);
}

/* The state of a node; recurses as deep as addresses have nibbles. */
static int make_state(struct net *net, __u32 node, const struct holding *inherited, __u32 *ret_state)
{
	_cleanup_(stretches_done) struct stretches own = {};
	struct holding holding = *inherited;
	__u32 row[16], sink, child;
	bool is_leaf = true;
	size_t count = 0;
	int r;

	if (net->nodes[node].rules) {
		r = paint_node(net, node, inherited, &own, &holding.set);
		if (r < 0)
			return r;
		holding.stretches = &own;
	}
	for (unsigned int nibble = 0; nibble < 16; nibble++)
		is_leaf = is_leaf && !net->nodes[node].child[nibble];
	r = get_sink(net, holding.set, &sink);
	if (r < 0 || is_leaf) {
		*ret_state = sink;
		return r;
	}
	r = graph_add_state(net->graph, holding.set, ret_state);
	for (unsigned int nibble = 0; r == 0 && nibble < 16; nibble++) {
		if (!net->nodes[node].child[nibble])
			continue;
		r = make_state(net, net->nodes[node].child[nibble], &holding, &child);
		if (r == 0 && child != sink)
			row[count++] = nibble << 24 | child;
	}
	return r < 0 ? r : graph_set_row(net->graph, *ret_state, sink, row, count);
}

/* Worst first. */
static int compare_rules(const void *x, const void *y, void *userdata)
{
	const struct policy *policy = userdata;
	const __u32 *a = x, *b = y;
	struct network_rank first = network_rank(&policy->rules[*a].object);
	struct network_rank second = network_rank(&policy->rules[*b].object);
	int r = network_rank_compare(&second, &first);

	return r ? r : rule_compare(policy, *b, *a);
}

static int add_rules(struct net *net, unsigned int section, enum pc_kind kind)
{
	const struct section *all = &net->policy->sections[section];
	_cleanup_free_ __u32 *rules = calloc(all->rule_count + 1, sizeof(*rules));
	size_t count = 0;
	int r = 0;

	if (!rules)
		return -ENOMEM;
	for (size_t i = all->first_rule; i < all->first_rule + all->rule_count; i++) {
		if (net->policy->rules[i].object.kind == kind)
			rules[count++] = i;
	}
	qsort_r(rules, count, sizeof(*rules), compare_rules, (void *)net->policy);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_rule(net, rules[i]);
	return r;
}

int network_build(const struct policy *policy, unsigned int section, enum pc_kind kind,
		  struct graph *graph, struct interval_table *intervals, struct cells *cells,
		  __u32 *ret_start, struct culprits *culprits)
{
	_cleanup_(net_done) struct net net = {
		.policy = policy,
		.graph = graph,
		.intervals = intervals,
		.cells = cells,
		.culprits = culprits,
	};
	struct stretch nothing = { .rule = NO_RULE, .never = NO_RULE };
	const struct stretches none = { &nothing, 1 };
	const struct holding holding = { &none, 0 };
	__u32 root;
	int r;

	*culprits = (struct culprits){};
	r = add_node(&net, &root);
	if (r == 0)
		r = add_rules(&net, section, kind);
	if (r < 0)
		return r;
	return make_state(&net, root, &holding, ret_start);
}
