/* SPDX-License-Identifier: GPL-2.0-only */
/* check.h - a policy looked at as the daemon would, without loading it. */
#pragma once

#include "lifeline.h"

struct check_result {
	size_t rules;
	size_t size; /* of the image, bytes */
};

/* Compiles, asks [expect], and for what the host can't do without (`lifeline`, or NULL). As policy_load(). */
int check_policy(const char *path, const struct policy_options *options, const struct lifeline_options *lifeline, struct diags *d,
		 struct check_result *ret_result);
