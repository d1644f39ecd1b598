/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hits.h - how often each rule of the live policy decided, and since when it is there: over all reloads.
 *
 * The kernel counts for one policy. A rule that stands in the next one as well, in the same section with the same text,
 * keeps what it has, wherever it stands; of several that are alike the first keeps what the first had, and so on.
 */
#pragma once

#include "generations.h"

/*
 * For `next`, which is live now instead of `before`: adds the final counts of that one, before->rule_end of them, to
 * next->rule_end `counts`, in which the kernel counts on. −ENOMEM: nothing was added.
 */
int hits_carry(const struct generation *before, const struct pc_hit *final, const struct generation *next, struct pc_hit *counts);

/* Since when the rule stands in the policy: seconds since 1970. */
__u64 hits_since(const struct pc_hit *hit, const struct generation *live);

/* A line of the policy: its rules, which are several if it names a list, follow each other. */
struct hits_line {
	__u32 rule; /* the first */
	__u64 count;
};

/* The lines that decided most, `most` at most, the first of them first; returns how many to `list`. −ENOMEM. */
int hits_busiest(const struct generation *live, const struct pc_hit *counts, struct hits_line *list,
		 size_t most);
