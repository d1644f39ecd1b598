/* SPDX-License-Identifier: GPL-2.0-only */
/* print.c - the policy as one text: lists and files resolved, in a fixed order. */
#include <string.h>

#include <portcullis/limits.h>

#include "compiler.h"
#include "condition.h"
#include "print.h"
#include "profile.h"
#include "words.h"

/* Of an object, so that "more = " and the piece fit in a line. */
#define PIECE_MAX (PC_LINE_MAX - 7)

static const char *mode_word(enum pc_mode mode)
{
	return mode == PC_MODE_ENFORCE ? "enforce" : "audit";
}

/* Whether a rule is another object of the line before it: `any` is one for each kind of address. */
static bool is_same_line(const struct rule *rule, const struct rule *before)
{
	return rule->section == before->section && rule->loc.file == before->loc.file &&
	       rule->loc.line == before->loc.line && rule->item.file == before->item.file &&
	       rule->item.line == before->item.line && !strcmp(rule->text, before->text);
}

/* A section's rules that have lines of their own; of `exe` lines those of one profile. */
struct walk {
	const struct policy *policy;
	unsigned int section;
	size_t profile;
	size_t index;
	const struct rule *before;
};

static const struct rule *next_rule(struct walk *walk)
{
	const struct section *section = &walk->policy->sections[walk->section];

	while (walk->index < section->rule_count) {
		const struct rule *rule = &walk->policy->rules[section->first_rule + walk->index++];
		const struct rule *before = walk->before;

		if (rule->is_alias || rule->profile != walk->profile)
			continue;
		walk->before = rule;
		if (!before || !is_same_line(rule, before))
			return rule;
	}
	return NULL;
}

static const char *rule_object(const struct rule *rule)
{
	return strchr(rule->text, '=') + 2;
}

/* Where an object may be cut: blanks at the ends of a line go, and a ';' behind a blank starts a comment. */
static size_t piece_length(const char *object)
{
	size_t len = strnlen(object, PIECE_MAX + 1);

	if (len <= PIECE_MAX)
		return len;
	while (--len > 0)
		if (!strchr(" \t", object[len - 1]) && !strchr(" \t;", object[len]))
			return len;
	return PIECE_MAX;
}

/* A list for each rule that does not fit in a line. */
static void print_lists(struct walk walk, unsigned int number, FILE *out)
{
	const struct rule *rule;

	while ((rule = next_rule(&walk))) {
		const char *key = "item";

		if (strlen(rule->text) <= PC_LINE_MAX)
			continue;
		fprintf(out, "\n[list long-%u]\n", ++number);
		for (const char *p = rule_object(rule); *p; p += piece_length(p)) {
			fprintf(out, "%s = %.*s\n", key, (int)piece_length(p), p);
			key = "more";
		}
	}
}

/* *number is that of the last list that was used. */
static void print_rules(struct walk walk, unsigned int *number, FILE *out)
{
	const struct rule *rule;

	while ((rule = next_rule(&walk))) {
		if (strlen(rule->text) <= PC_LINE_MAX)
			fprintf(out, "%s\n", rule->text);
		else
			fprintf(out, "%.*s$long-%u\n", (int)(rule_object(rule) - rule->text), rule->text,
				++*number);
	}
}

static void print_section(const struct policy *policy, unsigned int index, unsigned int *number, FILE *out)
{
	static const char *const verdicts[] = {
		[PC_DENY] = "deny", [PC_AUDIT] = "audit", [PC_ALLOW] = "allow"
	};
	static const char *const logs[] = { [LOG_DENY] = "deny", [LOG_ALL] = "all", [LOG_NONE] = "none" };
	const struct section *section = &policy->sections[index];
	struct walk walk = { .policy = policy, .section = index };
	enum pc_mode mode = index < PC_SECTIONS ? policy->mode : policy->profiles[index / PC_SECTIONS - 1].mode;

	if (!section->is_given)
		return;
	print_lists(walk, *number, out);
	fprintf(out, "\n%s\n", section_title(policy, index).text);
	if (section->default_verdict != PC_NO_VERDICT)
		fprintf(out, "default = %s\n", verdicts[section->default_verdict]);
	if (section->mode != mode)
		fprintf(out, "mode = %s\n", mode_word(section->mode));
	if (section->log != LOG_DENY)
		fprintf(out, "log = %s\n", logs[section->log]);
	print_rules(walk, number, out);
}

static void print_condition(const struct condition *condition, FILE *out)
{
	if (condition->glob)
		fprintf(out, "%s = %s\n", condition_key(condition->kind), condition->glob);
	else
		fprintf(out, "%s = %u\n", condition_key(condition->kind), condition->value);
}

static void print_profile(const struct policy *policy, size_t index, unsigned int *number, FILE *out)
{
	const struct profile *profile = &policy->profiles[index];
	struct walk walk = {
		.policy = policy,
		.section = choice_section(policy, index, CHOICE_PROGRAMS),
		.profile = index,
	};

	if (profile->exe_count > 0)
		print_lists(walk, *number, out);
	fprintf(out, "\n[profile %s]\n", profile->name);
	if (profile->exe_count > 0)
		print_rules(walk, number, out);
	for (size_t i = 0; i < profile->condition_count; i++)
		print_condition(&profile->conditions[i], out);
	if (profile->is_process)
		fputs("scope = process\n", out);
	if (profile->mode != policy->mode)
		fprintf(out, "mode = %s\n", mode_word(profile->mode));
	for (unsigned int id = 0; id < PC_SECTIONS; id++)
		print_section(policy, section_number(1 + index, id), number, out);
}

/* It was read from one line; with blanks around its '=' it may be too long for another. */
static void print_expectation(const char *text, FILE *out)
{
	const char *equals = strchr(text, '=');

	if (strlen(text) <= PC_LINE_MAX)
		fprintf(out, "%s\n", text);
	else
		fprintf(out, "%.*s=%s\n", (int)(equals - 1 - text), text, equals + 2);
}

void policy_print(const struct policy *policy, FILE *out)
{
	unsigned int number = 0;

	fprintf(out, "[policy]\nversion = 1\nmode = %s\n", mode_word(policy->mode));
	if (policy->name)
		fprintf(out, "name = %s\n", policy->name);
	for (unsigned int id = 0; id < PC_SECTIONS; id++)
		print_section(policy, id, &number, out);
	for (size_t i = 0; i < policy->profile_count; i++)
		print_profile(policy, i, &number, out);
	if (policy->expectation_count > 0)
		fputs("\n[expect]\n", out);
	for (size_t i = 0; i < policy->expectation_count; i++)
		print_expectation(policy->expectations[i].text, out);
}
