/* SPDX-License-Identifier: GPL-2.0-only */
/* interval.c - what the rules for one address say of each protocol and port. */
#include <netinet/in.h>
#include <string.h>

#include <portcullis/limits.h>

#include "interval.h"
#include "ownership.h"

static const __u32 classes_with_ports[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP,
					    IPPROTO_UDPLITE };

static int add_range(struct key_ranges *ranges, __u32 first, __u32 end)
{
	int r = array_reserve(&ranges->list, &ranges->room, ranges->count + 1, sizeof(*ranges->list));

	if (r < 0)
		return r;
	ranges->list[ranges->count++] = (struct key_range){ first, end };
	return 0;
}

static int add_ports(const struct object *object, struct key_ranges *ranges)
{
	int r = 0;

	for (size_t c = 0; c < sizeof(classes_with_ports) / sizeof(classes_with_ports[0]); c++) {
		__u32 class = classes_with_ports[c];

		if (object->protocol != -1 && object->protocol != (int)class)
			continue;
		for (size_t i = 0; r == 0 && i < object->port_count; i++)
			r = add_range(ranges, PC_INTERVAL_KEY(class, object->ports[i].first),
				      PC_INTERVAL_KEY(class, object->ports[i].last) + 1);
	}
	return r;
}

int object_keys(const struct object *object, struct key_ranges *ranges)
{
	__u32 class = object->protocol;
	int r;

	if (object->port_count > 0)
		return add_ports(object, ranges);
	if (object->protocol == -1)
		return add_range(ranges, 0, KEY_END);
	if (class == PC_CLASS_RAW)
		return add_range(ranges, PC_INTERVAL_KEY(PC_CLASS_RAW, 0), KEY_END);
	r = add_range(ranges, PC_INTERVAL_KEY(class, 0), PC_INTERVAL_KEY(class + 1, 0));
	if (r < 0 || !object->is_protocol_number)
		return r;
	class += PC_CLASS_RAW;
	return add_range(ranges, PC_INTERVAL_KEY(class, 0), PC_INTERVAL_KEY(class + 1, 0));
}

/* An overlay in the making: one stretch for each key at which anything may change. */
struct canvas {
	struct key_ranges ranges;
	struct stretch *list;
	size_t count;
	/* By stretch: the next one, from it on, that no rule has taken yet; for ordinary rules and for
	 * `never`. */
	__u32 *skip[2];
};

static void canvas_done(struct canvas *c)
{
	free(c->ranges.list);
	free(c->list);
	free(c->skip[0]);
	free(c->skip[1]);
}

static int compare_stretches(const void *x, const void *y)
{
	const struct stretch *a = x, *b = y;

	return (a->key > b->key) - (a->key < b->key);
}

/* All keys of what is inherited and of all the ranges, each once. */
static int cut_canvas(struct canvas *c, const struct stretches *inherited)
{
	size_t count = 0, kept = 0;

	c->list = calloc(inherited->count + 2 * c->ranges.count, sizeof(*c->list));
	if (!c->list)
		return -ENOMEM;
	for (size_t i = 0; i < inherited->count; i++)
		c->list[count++].key = inherited->list[i].key;
	for (size_t i = 0; i < c->ranges.count; i++) {
		c->list[count++].key = c->ranges.list[i].first;
		if (c->ranges.list[i].end < KEY_END)
			c->list[count++].key = c->ranges.list[i].end;
	}
	qsort(c->list, count, sizeof(*c->list), compare_stretches);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || c->list[kept - 1].key != c->list[i].key)
			c->list[kept++] = (struct stretch){ c->list[i].key, NO_RULE, NO_RULE };
	}
	c->count = kept;
	for (size_t half = 0; half < 2; half++) {
		c->skip[half] = calloc(kept + 1, sizeof(*c->skip[half]));
		if (!c->skip[half])
			return -ENOMEM;
		for (size_t i = 0; i <= kept; i++)
			c->skip[half][i] = i;
	}
	return 0;
}

/* The first stretch from `i` on that is free, with the way there made shorter for the next time. */
static __u32 next_free(__u32 *skip, __u32 i)
{
	while (skip[i] != i) {
		skip[i] = skip[skip[i]];
		i = skip[i];
	}
	return i;
}

/* Gives a rule the free stretches of a range. */
static void paint(struct canvas *c, const struct key_range *range, __u32 rule, bool is_never)
{
	const struct stretch wanted = { .key = range->first };
	const struct stretch *first = bsearch(&wanted, c->list, c->count, sizeof(wanted), compare_stretches);
	__u32 *skip = c->skip[is_never];

	for (__u32 i = next_free(skip, first - c->list); i < c->count && c->list[i].key < range->end;
	     i = next_free(skip, i)) {
		*(is_never ? &c->list[i].never : &c->list[i].rule) = rule;
		skip[i] = i + 1;
	}
}

/* Where no rule painted, what is inherited stays. */
static void paint_inherited(struct canvas *c, const struct stretches *inherited)
{
	size_t from = 0;

	for (size_t i = 0; i < c->count; i++) {
		while (from + 1 < inherited->count && inherited->list[from + 1].key <= c->list[i].key)
			from++;
		if (c->list[i].rule == NO_RULE)
			c->list[i].rule = inherited->list[from].rule;
		if (c->list[i].never == NO_RULE)
			c->list[i].never = inherited->list[from].never;
	}
}

static void join_equal(struct canvas *c)
{
	size_t kept = 1;

	for (size_t i = 1; i < c->count; i++) {
		const struct stretch *last = &c->list[kept - 1];

		if (c->list[i].rule != last->rule || c->list[i].never != last->never)
			c->list[kept++] = c->list[i];
	}
	c->count = kept;
}

int stretches_overlay(const struct policy *policy, const struct stretches *inherited, const __u32 *rules,
		      size_t count, struct stretches *ret_stretches)
{
	_cleanup_(canvas_done) struct canvas c = {};
	_cleanup_free_ size_t *ends = calloc(count + 1, sizeof(*ends));
	int r;

	if (!ends)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		r = object_keys(&policy->rules[rules[i]].object, &c.ranges);
		if (r < 0)
			return r;
		ends[i] = c.ranges.count;
	}
	if (inherited->count + 2 * c.ranges.count > PC_INTERVALS_MAX)
		return -E2BIG;
	r = cut_canvas(&c, inherited);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i ? ends[i - 1] : 0; k < ends[i]; k++)
			paint(&c, &c.ranges.list[k], rules[i], policy->rules[rules[i]].verb == PC_VERB_NEVER);
	}
	paint_inherited(&c, inherited);
	join_equal(&c);
	*ret_stretches = (struct stretches){ take_ptr(c.list), c.count };
	return 0;
}
