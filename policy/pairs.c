/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pairs.c - notes of profiles that can fit the same task.
 *
 * Two fit one unless some key that both give has no value in common. Whether two patterns match some name is told by
 * walking through both at once.
 */
#include <string.h>

#include "compiler.h"
#include "ownership.h"
#include "pairs.h"
#include "profile.h"

/* More are told by their number. */
#define NOTES_MAX 100

/* The patterns of one key of one profile. */
struct side {
	struct patterns **list; /* owned, each */
	size_t count;
};

/* What a profile asks by patterns. */
struct suitor {
	struct side programs;
	struct side units;
	struct side cgroups;
};

/* ---- Whether two patterns match the same name. ---- */

/* A place in a pattern: its item, and whether a name of `**` has begun. */
struct place {
	size_t item;
	bool is_inside;
};

struct walk {
	const struct pattern *patterns[2];
	__u8 *seen;    /* bits */
	__u32 *stack; /* pairs of places, by number */
	size_t depth;
	size_t width; /* places of the second pattern */
};

static void walk_done(struct walk *walk)
{
	free(walk->seen);
	free(walk->stack);
}

static void visit(struct walk *walk, struct place a, struct place b)
{
	size_t number = (2 * a.item + a.is_inside) * walk->width + 2 * b.item + b.is_inside;

	if (walk->seen[number / 8] >> (number % 8) & 1)
		return;
	walk->seen[number / 8] |= 1 << (number % 8);
	walk->stack[walk->depth++] = number;
}

/* Whether the pattern can go on there without a byte. */
static bool can_skip(const struct pattern *pattern, struct place place)
{
	if (place.item == pattern->count || place.is_inside)
		return false;
	return pattern->items[place.item].type == ITEM_STAR || pattern->items[place.item].type == ITEM_DIRS;
}

static bool is_end(const struct pattern *pattern, struct place place)
{
	return place.item == pattern->count || (place.is_inside && pattern->items[place.item].type == ITEM_TAIL);
}

/* Where the byte leads from there; false: nowhere. */
static bool step(const struct pattern *pattern, struct place place, __u8 byte, struct place *ret_next)
{
	const struct item *item = &pattern->items[place.item];

	*ret_next = place;
	if (place.item == pattern->count)
		return false;
	switch (item->type) {
	case ITEM_BYTE:
		ret_next->item++;
		return byte == item->byte;
	case ITEM_SET:
		ret_next->item++;
		return pattern_set_has(item->set, byte);
	case ITEM_STAR:
		return byte != '/';
	case ITEM_DIRS:
		ret_next->is_inside = byte != '/';
		return byte != '/' || place.is_inside;
	default:
		ret_next->is_inside = true;
		return true;
	}
}

/* Most items take one byte alone. */
static void find_bytes(const struct pattern *pattern, struct place place, unsigned int *first, unsigned int *last)
{
	if (place.item < pattern->count && pattern->items[place.item].type == ITEM_BYTE)
		*first = *last = pattern->items[place.item].byte;
}

static void visit_next(struct walk *walk, struct place a, struct place b)
{
	unsigned int first = 1, last = 255;
	struct place next[2] = { a, b };

	if (can_skip(walk->patterns[0], a)) {
		next[0].item++;
		visit(walk, next[0], b);
	}
	if (can_skip(walk->patterns[1], b)) {
		next[1].item++;
		visit(walk, a, next[1]);
	}
	find_bytes(walk->patterns[0], a, &first, &last);
	find_bytes(walk->patterns[1], b, &first, &last);
	for (unsigned int byte = first; byte <= last; byte++)
		if (step(walk->patterns[0], a, byte, &next[0]) && step(walk->patterns[1], b, byte, &next[1]))
			visit(walk, next[0], next[1]);
}

/* By far the most don't even begin alike. */
static bool begins_alike(const struct pattern *a, const struct pattern *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		if (a->items[i].type != ITEM_BYTE || b->items[i].type != ITEM_BYTE)
			return true;
		if (a->items[i].byte != b->items[i].byte)
			return false;
	}
	return true;
}

/* 1 or 0, or −ENOMEM. */
static int do_overlap(const struct pattern *a, const struct pattern *b)
{
	_cleanup_(walk_done) struct walk walk = { .patterns = { a, b }, .width = 2 * (b->count + 1) };
	size_t places = 2 * (a->count + 1) * walk.width;

	if (!begins_alike(a, b))
		return 0;
	walk.seen = calloc(places / 8 + 1, 1);
	walk.stack = calloc(places, sizeof(*walk.stack));
	if (!walk.seen || !walk.stack)
		return -ENOMEM;
	visit(&walk, (struct place){}, (struct place){});
	while (walk.depth > 0) {
		__u32 number = walk.stack[--walk.depth];
		struct place at[2] = {
			{ number / walk.width / 2, number / walk.width % 2 },
			{ number % walk.width / 2, number % walk.width % 2 },
		};

		if (is_end(a, at[0]) && is_end(b, at[1]))
			return 1;
		visit_next(&walk, at[0], at[1]);
	}
	return 0;
}

/* ---- Whether two profiles fit the same task. ---- */

static void side_done(struct side *side)
{
	for (size_t i = 0; i < side->count; i++)
		patterns_free(side->list[i]);
	free(side->list);
}

static int side_add(struct side *side, const struct rule *rule)
{
	struct patterns **grown = array_grow(side->list, side->count, sizeof(struct patterns *));
	int r;

	if (!grown)
		return -ENOMEM;
	side->list = grown;
	r = rule_patterns(rule, &grown[side->count]);
	side->count += r == 0;
	return r;
}

/* Of two that can both fit, which one is taken: it may be now this one and now that. */
enum taken {
	TAKEN_A = 1,
	TAKEN_B = 2,
	OVERLAP = 4, /* they can */
};

/* Bits of enum taken by the patterns and their ranks, or −ENOMEM. */
static int compare_sides(const struct side *a, const struct side *b)
{
	int taken = 0;

	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			for (size_t m = 0; m < a->list[i]->count; m++)
				for (size_t n = 0; n < b->list[k]->count; n++) {
					const struct pattern *x = &a->list[i]->list[m], *y = &b->list[k]->list[n];
					int r = do_overlap(x, y), order;

					if (r < 0)
						return r;
					if (r == 0)
						continue;
					order = pattern_rank_compare(&x->rank, &y->rank);
					taken |= OVERLAP | (order < 0 ? TAKEN_A : order > 0 ? TAKEN_B : 0);
				}
	return taken;
}

static bool have_user_in_common(const struct profile *a, const struct profile *b)
{
	bool is_given[2] = {};

	for (size_t i = 0; i < a->condition_count; i++)
		for (size_t k = 0; a->conditions[i].kind == PC_CONDITION_USER && k < b->condition_count; k++) {
			if (b->conditions[k].kind != PC_CONDITION_USER)
				continue;
			is_given[1] = true;
			if (a->conditions[i].value == b->conditions[k].value)
				return true;
		}
	return !is_given[1];
}

/* By what is asked for and by the names, the patterns of `exe` being equal. */
static int compare_requests(const struct policy *policy, size_t a, size_t b)
{
	const struct profile *profiles[2] = { &policy->profiles[a], &policy->profiles[b] };
	__u32 kinds[2] = {};

	if (!profiles[0]->exe_count != !profiles[1]->exe_count)
		return profiles[0]->exe_count ? TAKEN_A : TAKEN_B;
	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < profiles[side]->condition_count; i++)
			kinds[side] |= 1U << profiles[side]->conditions[i].kind;
	for (unsigned int kind = 0; kind < PC_CONDITIONS; kind++)
		if ((kinds[0] ^ kinds[1]) >> kind & 1)
			return kinds[0] >> kind & 1 ? TAKEN_A : TAKEN_B;
	return strcmp(profiles[0]->name, profiles[1]->name) < 0 ? TAKEN_A : TAKEN_B;
}

/* TAKEN_A, TAKEN_B or both; 0: no task fits both; −ENOMEM. */
static int compare_profiles(const struct policy *policy, const struct suitor *suitors, size_t a, size_t b)
{
	const struct suitor *x = &suitors[a], *y = &suitors[b];
	int r = have_user_in_common(&policy->profiles[a], &policy->profiles[b]) ? OVERLAP : 0;

	if (r > 0 && x->units.count && y->units.count)
		r = compare_sides(&x->units, &y->units);
	if (r > 0 && x->cgroups.count && y->cgroups.count)
		r = compare_sides(&x->cgroups, &y->cgroups);
	if (r > 0)
		r = x->programs.count && y->programs.count ? compare_sides(&x->programs, &y->programs) : OVERLAP;
	if (r <= 0)
		return r;
	if (r & (TAKEN_A | TAKEN_B))
		return r & (TAKEN_A | TAKEN_B);
	return compare_requests(policy, a, b);
}

/* ---- Notes. ---- */

static void note(const struct policy *policy, size_t a, size_t b, int taken, struct diags *d)
{
	const struct profile *first = &policy->profiles[a], *second = &policy->profiles[b];
	const char *which = taken == TAKEN_A ? first->name : taken == TAKEN_B ? second->name : NULL;

	diag_add(d, &second->loc, DIAG_NOTE, "[profile %s] and [profile %s] (%s:%u) can both fit: %s%s%s", second->name,
		 first->name, first->loc.file, first->loc.line, which ? "'" : "the one with the more specific exe",
		 which ? which : "", which ? "' is taken" : " is taken");
}

static int fill_suitors(const struct policy *policy, struct suitor *suitors)
{
	size_t first = section_number(1 + policy->profile_count, 0);
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];
		enum choice_section section = (enum choice_section)section_id(rule->section);

		if (rule->section < first)
			continue;
		if (section == CHOICE_PROGRAMS)
			r = side_add(&suitors[rule->profile].programs, rule);
		/* Those of a choice are asked by all that are chosen there. */
		for (size_t k = 0; r == 0 && section != CHOICE_PROGRAMS && k < policy->profile_count; k++) {
			if (!profile_is_chosen(&policy->profiles[k]) || choice_section(policy, k, section) != rule->section)
				continue;
			r = side_add(section == CHOICE_UNITS ? &suitors[k].units : &suitors[k].cgroups, rule);
		}
	}
	return r;
}

static bool stands_before(const struct profile *a, const struct profile *b)
{
	return a->loc.file == b->loc.file ? a->loc.line < b->loc.line : strcmp(a->loc.file, b->loc.file) < 0;
}

static int note_all(const struct policy *policy, const struct suitor *suitors, struct diags *d)
{
	size_t count = 0;

	for (size_t a = 0; a < policy->profile_count; a++)
		for (size_t b = 0; b < policy->profile_count; b++) {
			int taken;

			if (!profile_is_chosen(&policy->profiles[a]) || !profile_is_chosen(&policy->profiles[b]) ||
			    !stands_before(&policy->profiles[a], &policy->profiles[b]))
				continue;
			taken = compare_profiles(policy, suitors, a, b);
			if (taken < 0)
				return taken;
			if (taken > 0 && count++ < NOTES_MAX)
				note(policy, a, b, taken, d);
		}
	if (count > NOTES_MAX)
		diag_add(d, &policy->profiles[0].loc, DIAG_NOTE, "%zu more pairs of profiles can both fit", count - NOTES_MAX);
	return 0;
}

int pairs_note(const struct policy *policy, struct diags *d)
{
	struct suitor *suitors = calloc(policy->profile_count + 1, sizeof(*suitors));
	int r;

	if (!suitors)
		return -ENOMEM;
	r = fill_suitors(policy, suitors);
	if (r == 0)
		r = note_all(policy, suitors, d);
	for (size_t i = 0; i < policy->profile_count; i++) {
		side_done(&suitors[i].programs);
		side_done(&suitors[i].units);
		side_done(&suitors[i].cgroups);
	}
	free(suitors);
	return r;
}
