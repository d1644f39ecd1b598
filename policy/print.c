/* SPDX-License-Identifier: GPL-2.0-only */
/* print.c - the policy as one text: lists and files resolved, in a fixed order. */
#include <string.h>

#include "compiler.h"
#include "print.h"

static const char *mode_word(enum pc_mode mode)
{
	return mode == PC_MODE_ENFORCE ? "enforce" : "audit";
}

/* A blank and a ';' would start a comment: in a list file they did not. */
static void print_text(const char *text, FILE *out)
{
	for (const char *p = text; *p; p++) {
		if (*p == ';' && p > text && (p[-1] == ' ' || p[-1] == '\t'))
			(void)fputc('\\', out);
		(void)fputc(*p, out);
	}
	(void)fputc('\n', out);
}

/* Whether a rule is another object of the line before it: `any` is one for each kind of address. */
static bool is_same_line(const struct rule *rule, const struct rule *before)
{
	return rule->section == before->section && rule->loc.file == before->loc.file &&
	       rule->loc.line == before->loc.line && rule->item.file == before->item.file &&
	       rule->item.line == before->item.line && !strcmp(rule->text, before->text);
}

static void print_rules(const struct policy *policy, enum pc_section_id id, FILE *out)
{
	const struct rule *before = NULL;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (rule->section != id || rule->is_alias)
			continue;
		if (!before || !is_same_line(rule, before))
			print_text(rule->text, out);
		before = rule;
	}
}

static void print_section(const struct policy *policy, enum pc_section_id id, FILE *out)
{
	static const char *const verdicts[] = {
		[PC_DENY] = "deny", [PC_AUDIT] = "audit", [PC_ALLOW] = "allow"
	};
	static const char *const logs[] = { [LOG_DENY] = "deny", [LOG_ALL] = "all", [LOG_NONE] = "none" };
	const struct section *section = &policy->sections[id];

	if (!section->is_given)
		return;
	fprintf(out, "\n%s\ndefault = %s\n", section_title(id), verdicts[section->default_verdict]);
	if (section->mode != policy->mode)
		fprintf(out, "mode = %s\n", mode_word(section->mode));
	if (section->log != LOG_DENY)
		fprintf(out, "log = %s\n", logs[section->log]);
	print_rules(policy, id, out);
}

void policy_print(const struct policy *policy, FILE *out)
{
	fprintf(out, "[policy]\nversion = 1\nmode = %s\n", mode_word(policy->mode));
	if (policy->name)
		fprintf(out, "name = %s\n", policy->name);
	for (unsigned int id = 0; id < PC_SECTIONS; id++)
		print_section(policy, id, out);
	if (policy->expectation_count > 0)
		fputs("\n[expect]\n", out);
	for (size_t i = 0; i < policy->expectation_count; i++)
		print_text(policy->expectations[i].text, out);
}
