/* SPDX-License-Identifier: GPL-2.0-only */
/* pairs.c - notes of profiles that can fit the same task: unless some key that both give has no value in common. */
#include <string.h>

#include "compiler.h"
#include "overlap.h"
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
					int r = pattern_overlap(x, y), order;

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
