/* SPDX-License-Identifier: GPL-2.0-only */
/* check.c - `policyctl check` and `policyctl print`: what needs only the policy's text. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "ownership.h"
#include "policy.h"
#include "verbs.h"

int check_policy(const char *path, const struct policy_options *options, const struct lifeline_options *lifeline, struct diags *d,
		 struct check_result *ret_result)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(image_freep) struct image *image = NULL;
	int r = policy_load(path, options, d, &policy);

	if (r >= 0)
		r = image_compile(policy, d, &image);
	if (r >= 0)
		r = policy_check_expectations(policy, image, d);
	if (r >= 0 && lifeline)
		r = policy_check_lifeline(image, lifeline, d);
	if (r >= 0)
		*ret_result = (struct check_result){ policy->rule_count, image->size };
	return r;
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
	const struct policy_options options = { .root = args->root };
	const struct lifeline_options lifeline = { .level = DIAG_ERROR, .socket = args->socket };
	struct check_result result = {};
	struct diags d = {};
	size_t warnings;
	int r;

	r = check_policy(args->operands[0], &options, args->given & ARGS_LIFELINE ? &lifeline : NULL, &d, &result);
	diags_sort(&d);
	diags_print(&d, stderr);
	warnings = count_warnings(&d);
	if (r < 0 && d.errors == 0)
		fprintf(stderr, "%s: error: cannot load: %s\n", args->operands[0], strerror(-r));
	if (r == 0)
		printf("%s: fine: %zu rules, %zu bytes, %zu warning%s\n", args->operands[0], result.rules, result.size,
		       warnings, warnings == 1 ? "" : "s");
	diags_done(&d);
	return r < 0 ? EXIT_REFUSED : EXIT_FINE;
}
