/* SPDX-License-Identifier: GPL-2.0-only */
/* profile.c - [profile NAME] and what hangs on it: which profiles there are, and which are chosen together. */
#include <string.h>

#include <portcullis/limits.h>

#include "condition.h"
#include "ownership.h"
#include "parser.h"
#include "profile.h"
#include "suggest.h"
#include "words.h"

/* The profile of kernel threads: they are in no other. */
#define KERNEL_NAME "kernel"

static const char *const profile_keys[] = { "exe", "unit", "cgroup", "user", "group", "scope", "mode", NULL };

static const struct word scope_words[] = {
	{ "family", false },
	{ "process", true },
	{},
};

/* FNV-1a (Fowler, Noll, Vo), 64 bits: the same for a name for ever. */
__u64 profile_id(const char *name)
{
	__u64 hash = 0xcbf29ce484222325ULL;

	for (; *name; name++)
		hash = (hash ^ (__u8)*name) * 0x100000001b3ULL;
	hash = PC_PROFILE_ID(hash);
	return hash == PC_PROFILE_NONE || hash == PC_PROFILE_UNKNOWN ? 2 : hash;
}

const struct profile *policy_profile(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->profile_count; i++)
		if (!strcmp(policy->profiles[i].name, name))
			return &policy->profiles[i];
	return NULL;
}

void profile_done(struct profile *profile)
{
	free(profile->name);
	conditions_done(profile);
}

/* ---- While the text is read: profiles and their sections in the order in which they are first spoken of. ---- */

/* The sections of one more group: a profile's, or a choice's. */
static int add_group(struct policy *policy)
{
	struct section *sections =
		reallocarray(policy->sections, policy->section_count + PC_SECTIONS, sizeof(*sections));

	if (!sections)
		return -ENOMEM;
	policy->sections = sections;
	for (int i = 0; i < PC_SECTIONS; i++)
		sections[policy->section_count++] = (struct section){ .default_verdict = PC_NO_VERDICT };
	return 0;
}

int parser_find_profile(struct parser *parser, const char *name, const struct loc *loc, size_t *ret_index)
{
	struct policy *policy = parser->policy;
	const struct profile *known = policy_profile(policy, name);
	struct profile *profiles;

	if (known) {
		*ret_index = (size_t)(known - policy->profiles);
		return 0;
	}
	profiles = array_grow(policy->profiles, policy->profile_count, sizeof(*profiles));
	if (!profiles)
		return -ENOMEM;
	policy->profiles = profiles;
	profiles += policy->profile_count;
	*profiles = (struct profile){ .name = strdup(name), .first = *loc, .id = profile_id(name) };
	if (!profiles->name)
		return -ENOMEM;
	*ret_index = policy->profile_count++;
	return add_group(policy);
}

int parser_take_profile_key(struct parser *parser, const struct reader_line *line)
{
	struct profile *profile = &parser->policy->profiles[parser->profile];
	enum pc_condition_kind kind;
	int value;

	if (!strcmp(line->key, "exe"))
		return parser_take_exe(parser, line);
	if (condition_find(line->key, &kind))
		return condition_take(parser, profile, kind, line);
	if (!strcmp(line->key, "scope")) {
		if (!parser_is_first(parser, &profile->scope_loc, line))
			return 0;
		value = word_parse(scope_words, "scope", line->value, parser->d, &line->loc);
		profile->is_process = value > 0;
		return 0;
	}
	if (!strcmp(line->key, "mode")) {
		if (parser_is_first(parser, &profile->mode_loc, line))
			parser_take_mode(parser, line, &profile->mode);
		return 0;
	}
	return parser_report_unknown_key(parser, line, profile_keys);
}

/* ---- Once all is read. ---- */

static void report_unknown_profile(struct parser *parser, const struct loc *loc, const char *name)
{
	const struct policy *policy = parser->policy;
	const char **known = calloc(policy->profile_count + 1, sizeof(*known));
	size_t count = 0;

	for (size_t i = 0; known && i < policy->profile_count; i++)
		if (policy->profiles[i].loc.file)
			known[count++] = policy->profiles[i].name;
	diag_add(parser->d, loc, DIAG_ERROR, "there is no [profile %s]%s", name, known ? suggest(name, known).text : "");
	free(known);
}

static void check_profile(struct parser *parser, const struct profile *profile)
{
	if (!profile->loc.file)
		report_unknown_profile(parser, &profile->first, profile->name);
	else if (!strcmp(profile->name, KERNEL_NAME))
		diag_add(parser->d, &profile->loc, DIAG_ERROR,
			 "'%s' is the profile of kernel threads, which is built in; take another name", KERNEL_NAME);
}

static int compare_profiles(const void *x, const void *y, void *userdata)
{
	const struct policy *policy = userdata;
	const struct profile *a = &policy->profiles[*(const size_t *)x], *b = &policy->profiles[*(const size_t *)y];

	return (a->id > b->id) - (a->id < b->id);
}

static void move_draft(struct draft *draft, const size_t *place)
{
	size_t group = draft->rule.section / PC_SECTIONS;

	if (draft->is_exe)
		draft->rule.profile = place[draft->rule.profile];
	else if (group > 0)
		draft->rule.section = section_number(1 + place[group - 1], section_id(draft->rule.section));
}

/* From the order of the text to that of the ids. */
static int sort_profiles(struct parser *parser)
{
	struct policy *policy = parser->policy;
	size_t count = policy->profile_count;
	_cleanup_free_ struct section *sections = calloc(policy->section_count, sizeof(*sections));
	_cleanup_free_ struct profile *profiles = calloc(count + 1, sizeof(*profiles));
	_cleanup_free_ size_t *old = calloc(count + 1, sizeof(*old)); /* by new place, where each was */
	_cleanup_free_ size_t *place = calloc(count + 1, sizeof(*place));

	if (!sections || !profiles || !old || !place)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		old[i] = i;
	if (count == 0)
		return 0;
	qsort_r(old, count, sizeof(*old), compare_profiles, policy);
	memcpy(sections, policy->sections, policy->section_count * sizeof(*sections));
	memcpy(profiles, policy->profiles, count * sizeof(*profiles));
	for (size_t i = 0; i < count; i++) {
		place[old[i]] = i;
		policy->profiles[i] = profiles[old[i]];
		memcpy(&policy->sections[section_number(1 + i, 0)], &sections[section_number(1 + old[i], 0)],
		       PC_SECTIONS * sizeof(*sections));
		if (i > 0 && policy->profiles[i].id == policy->profiles[i - 1].id)
			diag_add(parser->d, &policy->profiles[i].loc, DIAG_ERROR,
				 "'%s' and '%s' come to the same id; take another name for one of them",
				 policy->profiles[i].name, policy->profiles[i - 1].name);
	}
	for (size_t i = 0; i < parser->draft_count; i++)
		move_draft(&parser->drafts[i], place);
	return 0;
}

/* The choice of a profile: that of one before it with the same conditions, else a new one. */
static int find_choice(struct parser *parser, size_t index)
{
	struct policy *policy = parser->policy;
	struct profile *profile = &policy->profiles[index];
	int r;

	for (size_t i = 0; i < index; i++) {
		if (!profile_is_chosen(&policy->profiles[i]) || !conditions_are_same(&policy->profiles[i], profile))
			continue;
		profile->choice = policy->profiles[i].choice;
		return 0;
	}
	if (policy->choice_count == PC_CHOICES_MAX)
		diag_add(parser->d, &profile->loc, DIAG_ERROR,
			 "more than %d profiles with different units, cgroups, users and groups; tell them apart by exe", PC_CHOICES_MAX);
	profile->choice = policy->choice_count++;
	r = add_group(policy);
	return r < 0 ? r : conditions_draft(parser, profile);
}

static void settle_modes(struct policy *policy)
{
	for (size_t i = 0; i < policy->profile_count; i++)
		if (!policy->profiles[i].mode_loc.file)
			policy->profiles[i].mode = policy->mode;
	for (size_t i = 0; i < policy->section_count; i++) {
		struct section *section = &policy->sections[i];
		size_t group = i / PC_SECTIONS;

		if (!section->scalars[SECTION_MODE].file)
			section->mode = group > 0 && group <= policy->profile_count ? policy->profiles[group - 1].mode :
										     policy->mode;
	}
}

static void settle_expectations(struct parser *parser)
{
	for (size_t i = 0; i < parser->policy->expectation_count; i++) {
		struct expectation *expectation = &parser->policy->expectations[i];
		const struct profile *profile;

		if (!expectation->profile_name)
			continue;
		profile = policy_profile(parser->policy, expectation->profile_name);
		if (profile && profile->loc.file)
			expectation->profile = (size_t)(profile - parser->policy->profiles);
		else
			report_unknown_profile(parser, &expectation->loc, expectation->profile_name);
	}
}

int parser_settle_profiles(struct parser *parser)
{
	struct policy *policy = parser->policy;
	int r;

	if (policy->profile_count > PC_PROFILES_MAX)
		diag_add(parser->d, &policy->profiles[PC_PROFILES_MAX].first, DIAG_ERROR, "more than %d profiles",
			 PC_PROFILES_MAX);
	for (size_t i = 0; i < policy->profile_count; i++) {
		check_profile(parser, &policy->profiles[i]);
		conditions_sort(&policy->profiles[i]);
	}
	r = sort_profiles(parser);
	if (r < 0)
		return r;
	settle_expectations(parser);
	for (size_t i = 0; r == 0 && i < policy->profile_count; i++)
		if (profile_is_chosen(&policy->profiles[i]))
			r = find_choice(parser, i);
	for (size_t i = 0; r == 0 && i < parser->draft_count; i++) {
		struct rule *rule = &parser->drafts[i].rule;

		if (parser->drafts[i].is_exe)
			rule->section = choice_section(policy, rule->profile, CHOICE_PROGRAMS);
	}
	settle_modes(policy);
	return r;
}
