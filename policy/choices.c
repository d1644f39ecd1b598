/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * choices.c - which profile a program is given, as the image holds it.
 *
 * Of several profiles that fit the one with the most specific `exe` is taken, then the one that is asked more of, then
 * by name. All of it is known when the policy is compiled: each line gets its place in that order.
 */
#include <string.h>

#include "choices.h"
#include "compiler.h"
#include "ownership.h"

/* A line, or the absence of any. */
struct bid {
	size_t exe; /* its place in choices.exes */
	bool has_exe;
	struct rank rank; /* of the line's pattern */
	const struct profile *profile;
};

static bool is_asked(const struct profile *profile, enum pc_condition_kind kind)
{
	for (size_t i = 0; i < profile->condition_count; i++)
		if (profile->conditions[i].kind == kind)
			return true;
	return false;
}

static int compare_bids(const void *x, const void *y)
{
	const struct bid *a = x, *b = y;
	int r;

	if (a->has_exe != b->has_exe)
		return a->has_exe ? -1 : 1;
	r = a->has_exe ? pattern_rank_compare(&a->rank, &b->rank) : 0;
	for (unsigned int kind = 0; r == 0 && kind < PC_CONDITIONS; kind++)
		r = is_asked(b->profile, kind) - is_asked(a->profile, kind);
	if (r == 0)
		r = strcmp(a->profile->name, b->profile->name);
	return r ? r : (a->exe > b->exe) - (a->exe < b->exe);
}

static int rank_of_rule(const struct rule *rule, struct rank *ret_rank)
{
	struct patterns *patterns;
	int r = rule_patterns(rule, &patterns);

	if (r < 0)
		return r;
	*ret_rank = patterns->list[0].rank;
	patterns_free(patterns);
	return 0;
}

/* One for each line, then one for each profile that is chosen without any. */
static int collect_bids(const struct policy *policy, struct choices *choices, struct bid *bids, size_t *ret_count)
{
	size_t count = 0;

	for (size_t i = choices->first_rule; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];
		int r;

		/* A pattern of a condition leaves its place unused. */
		if (section_id(rule->section) != (enum pc_section_id)CHOICE_PROGRAMS)
			continue;
		r = rank_of_rule(rule, &bids[count].rank);
		if (r < 0)
			return r;
		bids[count].exe = i - choices->first_rule;
		bids[count].has_exe = true;
		bids[count++].profile = &policy->profiles[rule->profile];
		choices->exes[i - choices->first_rule].profile = rule->profile;
	}
	choices->exe_count = policy->rule_count - choices->first_rule;
	for (size_t i = 0; i < policy->profile_count; i++) {
		const struct profile *profile = &policy->profiles[i];

		if (!profile_is_chosen(profile) || profile->exe_count > 0)
			continue;
		bids[count++] = (struct bid){ .exe = choices->exe_count, .profile = profile };
		choices->exes[choices->exe_count++].profile = i;
	}
	*ret_count = count;
	return 0;
}

static void add_conditions(struct choices *choices, struct pc_choice *choice, const struct profile *profile)
{
	choice->first_condition = choices->condition_count;
	for (size_t i = 0; i < profile->condition_count; i++) {
		const struct condition *condition = &profile->conditions[i];

		/* All patterns of one kind are one automaton. */
		if (condition->glob && i > 0 && condition[-1].kind == condition->kind)
			continue;
		choices->conditions[choices->condition_count++] = (struct pc_condition){
			.kind = condition->kind,
			.value = condition->value,
		};
	}
	choice->condition_count = choices->condition_count - choice->first_condition;
}

static void fill_choices(const struct policy *policy, struct choices *choices, const struct bid *bids, size_t count)
{
	for (size_t i = 0; i < policy->choice_count; i++)
		choices->list[i].any = PC_EXE_NONE;
	for (size_t i = 0, next = 0; i < policy->profile_count; i++) {
		const struct profile *profile = &policy->profiles[i];

		/* Choices are numbered by their first profiles. */
		if (!profile_is_chosen(profile) || profile->choice != next)
			continue;
		add_conditions(choices, &choices->list[next++], profile);
	}
	/* The first bid for any program is the best. */
	for (size_t i = 0; i < count; i++) {
		__u32 *any = &choices->list[bids[i].profile->choice].any;

		choices->exes[bids[i].exe].preference = i;
		if (!bids[i].has_exe && *any == PC_EXE_NONE)
			*any = bids[i].exe;
	}
}

int choices_build(const struct policy *policy, struct choices *ret_choices)
{
	unsigned int first = section_number(1 + policy->profile_count, PC_EXEC);
	size_t most = policy->profile_count, conditions = 0, count;
	_cleanup_(choices_done) struct choices choices = { .count = policy->choice_count };
	_cleanup_free_ struct bid *bids = NULL;
	int r;

	/* The sections of the choices are the last. */
	choices.first_rule = first < policy->section_count ? policy->sections[first].first_rule : policy->rule_count;
	most += policy->rule_count - choices.first_rule;
	for (size_t i = 0; i < policy->profile_count; i++)
		conditions += policy->profiles[i].condition_count;
	choices.exes = calloc(most + 1, sizeof(*choices.exes));
	choices.list = calloc(choices.count + 1, sizeof(*choices.list));
	choices.conditions = calloc(conditions + 1, sizeof(*choices.conditions));
	bids = calloc(most + 1, sizeof(*bids));
	if (!choices.exes || !choices.list || !choices.conditions || !bids)
		return -ENOMEM;
	r = collect_bids(policy, &choices, bids, &count);
	if (r < 0)
		return r;
	qsort(bids, count, sizeof(*bids), compare_bids);
	fill_choices(policy, &choices, bids, count);
	*ret_choices = choices;
	choices = (struct choices){};
	return 0;
}

void choices_done(struct choices *choices)
{
	free(choices->exes);
	free(choices->list);
	free(choices->conditions);
	*choices = (struct choices){};
}
