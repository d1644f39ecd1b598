/* SPDX-License-Identifier: GPL-2.0-only */
/* check.c - `policyctl check` and `policyctl print`: what needs only the policy's text. */
#include <stdio.h>
#include <string.h>

#include "lifeline.h"
#include "ownership.h"
#include "policy.h"
#include "verbs.h"

static int compile(const struct args *args, struct diags *d, size_t *ret_rules, size_t *ret_size)
{
	const struct lifeline_options lifeline = { .level = DIAG_ERROR, .socket = args->socket };
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
	*ret_rules = policy->rule_count;
	*ret_size = image->size;
	r = policy_check_expectations(policy, image, d);
	return r < 0 || !(args->given & ARGS_LIFELINE) ? r : policy_check_lifeline(image, &lifeline, d);
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
