/* SPDX-License-Identifier: GPL-2.0-only */
/* lifeline.h - what this host needs to boot, to let somebody log in, and to be repaired: whether a policy lets it. */
#pragma once

#include "policy.h"

struct lifeline_options {
	enum diag_level level; /* of what would be refused */
	const char *socket;    /* that policyctl connects to; NULL: it isn't asked for */
};

/*
 * Adds a diagnostic for each program, library or file that is there, is needed, and would be refused: in enforce mode, that
 * is. `image` is as compiled. −EINVAL if any; −ENOMEM.
 */
int policy_check_lifeline(const struct image *image, const struct lifeline_options *options, struct diags *d);
