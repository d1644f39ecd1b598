/* SPDX-License-Identifier: GPL-2.0-only */
/* verify.h - whether a draft compiles, allows what was accepted, and nothing else that was seen. */
#pragma once

#include "learn/proposals.h"

/*
 * Reads the policy at `path` with the draft behind it, and asks it everything that was seen. −EINVAL: it does not hold;
 * each reason is told on stderr. −ENOMEM and others.
 */
int verify_draft(const char *path, const struct policy_options *options, const struct policy_draft *draft,
		 const struct sightings *sightings, const struct proposals *proposals);
