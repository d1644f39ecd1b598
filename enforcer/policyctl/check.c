/* SPDX-License-Identifier: GPL-2.0-only */
/* check.c - `policyctl check` and `policyctl print`: what needs only the policy's text. */
#include <stdio.h>
#include <string.h>

#include "ownership.h"
#include "policy.h"
#include "verbs.h"

/* Until the hooks for those are there. */
static void note_uncovered_writes(const struct policy *policy, struct diags *d)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];

		if (rule->section != PC_OPEN || rule->verb == PC_VERB_ALLOW ||
		    !(rule->access & PC_ACCESS_WRITE))
			continue;
		diag_add(
			d, &rule->loc, DIAG_NOTE,
			"of writing, this rule and its like cover opening only: removing, renaming, linking, creating by other means than open, truncate(2), chmod and chown still pass");
		return;
	}
}

static int compile(const struct args *args, struct diags *d, size_t *ret_rules, size_t *ret_size)
{
	struct policy_options options = { .root = args->root };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(image_freep) struct image *image = NULL;
	int r;

	r = policy_load(args->operands[0], &options, d, &policy);
	if (r < 0)
		return r;
	r = image_compile(policy, d, &image);
	if (r < 0)
		return r;
	note_uncovered_writes(policy, d);
	*ret_rules = policy->rule_count;
	*ret_size = image->size;
	return policy_check_expectations(policy, image, d);
}

static size_t count_warnings(const struct diags *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->count; i++)
		count += d->entries[i].level == DIAG_WARNING;
	return count;
}

int check_run(const struct args *args)
{
	size_t rules = 0, size = 0, warnings;
	struct diags d = {};
	int r;

	r = compile(args, &d, &rules, &size);
	diags_sort(&d);
	diags_print(&d, stderr);
	warnings = count_warnings(&d);
	if (r < 0 && d.errors == 0)
		fprintf(stderr, "%s: error: cannot load: %s\n", args->operands[0], strerror(-r));
	if (r == 0)
		printf("%s: fine: %zu rules, %zu bytes, %zu warning%s\n", args->operands[0], rules, size,
		       warnings, warnings == 1 ? "" : "s");
	diags_done(&d);
	return r < 0 ? EXIT_REFUSED : EXIT_FINE;
}
