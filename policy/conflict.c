/* SPDX-License-Identifier: GPL-2.0-only */
/* conflict.c - finds objects that have two verbs for the same access in one section. */
#include <string.h>

#include "compiler.h"
#include "ownership.h"

/* The first rule seen of one object, by whether the access was written and by half; index + 1, 0: none. */
struct seen {
	size_t rules[2][2];
};

static void report(struct compiler *c, size_t a, size_t b)
{
	const struct rule *first = &c->policy->rules[a < b ? a : b],
			  *second = &c->policy->rules[a < b ? b : a];

	diag_add(c->d, &second->loc, DIAG_ERROR,
		 "'%s' contradicts '%s' at %s:%u: the same object and access in one section with two verbs",
		 second->text ?: "", first->text ?: "", first->loc.file ?: "?", first->loc.line);
}

/* Compares a rule with those of the same object before it. */
static void take_rule(struct compiler *c, struct seen *seen, size_t index)
{
	const struct rule *rule = &c->policy->rules[index];
	bool is_reported = false;

	for (unsigned int half = 0; half < 2; half++) {
		size_t *first = &seen->rules[rule->access_given][half];

		if (!(rule->access & (half ? PC_ACCESS_WRITE : PC_ACCESS_READ)))
			continue;
		if (!*first) {
			*first = index + 1;
			continue;
		}
		if (c->policy->rules[*first - 1].verb == rule->verb || is_reported)
			continue;
		report(c, *first - 1, index);
		is_reported = true;
	}
}

int conflict_check_contest(struct compiler *c, const struct contest *contest)
{
	struct seen seen = {};

	for (size_t i = 0; i < contest->count; i++) {
		const struct candidate *candidate = contest->by_codes[i];

		if (i > 0 && contest_compare_codes(contest, contest->by_codes[i - 1], candidate))
			seen = (struct seen){};
		take_rule(c, &seen, candidate->rule);
	}
	return 0;
}

/* Orders addresses so that those which are the same stand together. */
static int compare_objects(const struct object *a, const struct object *b)
{
	int r;

	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	if (a->is_any != b->is_any)
		return a->is_any - b->is_any;
	r = memcmp(a->address, b->address, sizeof(a->address));
	if (r)
		return r;
	if (a->protocol != b->protocol)
		return a->protocol < b->protocol ? -1 : 1;
	if (a->is_protocol_number != b->is_protocol_number)
		return a->is_protocol_number - b->is_protocol_number;
	if (a->port_count != b->port_count)
		return a->port_count < b->port_count ? -1 : 1;
	for (size_t i = 0; i < a->port_count; i++) {
		r = a->ports[i].first - b->ports[i].first;
		if (r == 0)
			r = a->ports[i].last - b->ports[i].last;
		if (r)
			return r;
	}
	return 0;
}

static int compare_rules(const void *x, const void *y, void *userdata)
{
	const struct policy *policy = userdata;
	const size_t *a = x, *b = y;
	int r = compare_objects(&policy->rules[*a].object, &policy->rules[*b].object);

	return r ? r : (*a > *b) - (*a < *b);
}

int conflict_check_networks(struct compiler *c, unsigned int section, enum pc_kind kind)
{
	const struct section *all = &c->policy->sections[section];
	_cleanup_free_ size_t *rules = calloc(all->rule_count + 1, sizeof(*rules));
	struct seen seen = {};
	size_t count = 0;

	if (!rules)
		return -ENOMEM;
	for (size_t i = all->first_rule; i < all->first_rule + all->rule_count; i++) {
		if (c->policy->rules[i].object.kind == kind)
			rules[count++] = i;
	}
	qsort_r(rules, count, sizeof(*rules), compare_rules, (void *)c->policy);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && compare_objects(&c->policy->rules[rules[i - 1]].object,
					     &c->policy->rules[rules[i]].object))
			seen = (struct seen){};
		take_rule(c, &seen, rules[i]);
	}
	return 0;
}
