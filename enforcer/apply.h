/* SPDX-License-Identifier: GPL-2.0-only */
/* apply.h - from the policy's text to the live policy, all or nothing. */
#pragma once

#include <stdio.h>

#include "generations.h"
#include "kernel.h"
#include "policy.h"

/* A policy that compiled and holds its expectations, with its random id; not live yet. */
struct candidate {
	struct image *image;
	struct generation *generation;
};

/*
 * Compiles aside. Diagnostics (also of a policy that is fine) go to `out`, one a line.
 * −EINVAL: the text is wrong. −errno of open(2): the file cannot be read; `out` says so.
 */
int candidate_load(const char *path, FILE *out, struct candidate *ret_candidate);
void candidate_done(struct candidate *candidate);
/* Makes it live in one step; on failure the old one stays and `out` says why. */
int candidate_apply(struct candidate *candidate, struct kernel *kernel, struct generations *all, FILE *out);
