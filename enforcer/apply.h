/* SPDX-License-Identifier: GPL-2.0-only */
/* apply.h - from the policy's text to the live policy, all or nothing. */
#pragma once

#include <stdio.h>

#include "generations.h"
#include "kernel.h"
#include "policy.h"
#include "watch.h"

/* A policy on its way, with its random id. */
struct candidate {
	struct image *image; /* compiled, holds its expectations; NULL once it is prepared */
	struct generation *generation;
	struct kernel_image *prepared; /* in the kernel, not live yet */
	struct watched watched;	       /* the links that its names pass through */
	struct policy_marks marks;
};

/* Where a policy comes from, and what is asked of it. */
struct candidate_source {
	const char *path;
	/*
	 * Marks of a policy that was loaded before: it is compiled only if the same text now leads to other names. −EALREADY: to
	 * the same. −ESTALE: the text is another. With both the candidate holds the links only. NULL: it is compiled.
	 */
	const struct policy_marks *known;
	bool is_forced;	   /* what this host can't do without may be refused: only warned of */
	const char *socket; /* that policyctl connects to */
	const char *state; /* folder that it is kept in (last_good.h); NULL: in none */
	const char *config; /* the daemon's settings, whose [protect] adds rules; NULL: CONFIG_PATH */
};

/*
 * Compiles. Diagnostics (also of a policy that is fine) go to `out`, one a line.
 * −EINVAL: the text is wrong. −errno of open(2): the file cannot be read; `out` says so.
 */
int candidate_load(const struct candidate_source *source, FILE *out, struct candidate *ret_candidate);
/* Of an image that was live before; it is copied. */
int candidate_from_image(const struct pc_image_header *header, struct candidate *ret_candidate);
/* Puts it into the kernel, beside the one that is live; `out` says what went wrong. May run in another thread. */
int candidate_prepare(struct candidate *candidate, struct kernel *kernel, FILE *out);
/* Makes it live in one step; on failure the old one stays and `out` says why. */
int candidate_apply(struct candidate *candidate, struct kernel *kernel, struct generations *all, FILE *out);
void candidate_done(struct candidate *candidate);
