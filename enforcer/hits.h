/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hits.h - how often each rule of the live policy decided, and since when it is there: over all reloads.
 *
 * The kernel counts for one policy. A rule that stands in the next one as well, in the same section with the same text,
 * keeps what it has, wherever it stands; of several that are alike the first keeps what the first had, and so on.
 */
#pragma once

#include "generations.h"

/* What the rules of the live policy have from policies before it. Immutable; NULL: nothing, there was none. */
struct hits;

/*
 * For `next`, which is live now instead of `before`; `hits` was that one's. `final` are the kernel's last counts of it,
 * before->rule_end of them, and are changed.
 */
int hits_follow(const struct hits *hits, const struct generation *before, struct pc_hit *final,
		const struct generation *next, struct hits **ret_hits);
/* Accepts NULL; returns NULL. */
struct hits *hits_free(struct hits *hits);

/* Adds to the kernel's counts, live->rule_end of them, what was before. */
void hits_add(const struct hits *hits, struct pc_hit *counts);
/* Since when the daemon knows the rule: seconds since 1970. */
__u32 hits_since(const struct hits *hits, const struct generation *live, __u32 rule);

/* A line of the policy: its rules, which are several if it names a list, follow each other. */
struct hits_line {
	__u32 rule; /* the first */
	__u64 count;
};

/* The lines that decided most, `most` at most, the first of them first; returns how many to `list`. −ENOMEM. */
int hits_busiest(const struct generation *live, const struct pc_hit *counts, struct hits_line *list,
		 size_t most);
