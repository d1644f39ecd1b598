/* SPDX-License-Identifier: GPL-2.0-only */
/* print.c - `policyctl print`: the policy as it was understood, in one text. */
#include <stdio.h>
#include <string.h>

#include "policy.h"
#include "print.h"
#include "verbs.h"

int print_run(const struct args *args)
{
	struct policy_options options = {};
	struct policy *policy = NULL;
	struct diags d = {};
	int r;

	r = policy_load(args->operands[0], &options, &d, &policy);
	if (r < 0) {
		diags_sort(&d);
		diags_print(&d, stderr);
		if (d.errors == 0)
			fprintf(stderr, "%s: error: cannot load: %s\n", args->operands[0], strerror(-r));
	} else {
		policy_print(policy, stdout);
	}
	diags_done(&d);
	(void)policy_free(policy);
	return r < 0 ? EXIT_REFUSED : EXIT_FINE;
}
