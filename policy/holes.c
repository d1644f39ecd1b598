/* SPDX-License-Identifier: GPL-2.0-only */
/* holes.c - warns of what a blocklist of programs lets through. */
#include "holes.h"

static void warn_of_hole(const struct section *exec, const char *object, const char *copy, const char *rule,
			 struct diags *d)
{
	diag_add(d, &exec->loc, DIAG_WARNING,
		 "[exec] blocks by path but says nothing of %s, so a copy %s runs; add deny = %s", object,
		 copy, rule);
}

/*
 * A list of what must not run says little while a file without a name, or of a foreign file system, may.
 * `userns:` is judged as `unresolved:`, strictly; but a rule that allows this one allows both.
 */
void holes_warn(const struct policy *policy, struct diags *d)
{
	const struct section *exec = &policy->sections[PC_EXEC];
	bool is_named[PC_KINDS] = {}, is_blocklist = false, is_unresolved_allowed = false;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (rule->section != PC_EXEC)
			continue;
		is_named[rule->object.kind] = true;
		is_blocklist |= rule->object.kind == PC_KIND_PATH && rule->verb != PC_VERB_ALLOW;
		is_unresolved_allowed |=
			rule->object.kind == PC_KIND_UNRESOLVED && rule->verb == PC_VERB_ALLOW;
	}
	if (!is_blocklist || exec->default_verdict != PC_ALLOW)
		return;
	if (!is_named[PC_KIND_FOREIGN])
		warn_of_hole(exec, "foreign:", "on a file system that the host does not mount", "foreign:/**",
			     d);
	if (!is_named[PC_KIND_ANON])
		warn_of_hole(exec, "anon:", "in a file without a name", "anon:", d);
	if (!is_named[PC_KIND_USERNS] && is_unresolved_allowed)
		warn_of_hole(exec, "userns:, which is judged as unresolved:", "on a user's own file system",
			     "userns:", d);
}
