/* SPDX-License-Identifier: GPL-2.0-only */
/* explain.h - why a question is answered as it is: the deciding rule, and the rules that it beat. */
#pragma once

#include "image.h"

/* A rule that speaks of the object too. */
struct explain_loser {
	size_t rule;     /* index of policy->rules */
	const char *why; /* the first difference that made it lose, in words; static */
};

enum explain_source {
	EXPLAIN_RULE,    /* `rule` decided */
	EXPLAIN_DEFAULT, /* the section's default did */
	EXPLAIN_NOTHING, /* nothing speaks of the object: it passes */
};

struct explanation {
	struct pc_answer answer; /* of image_ask(): the mode is taken into account */
	enum pc_verdict verdict; /* by the rules alone */
	enum explain_source source;
	size_t rule; /* index of policy->rules */
	unsigned int section; /* number of the one that answered */
	struct explain_loser *losers;
	size_t loser_count;
};

/* `image` must be compiled from `policy`. Patterns are matched one by one: this takes its time. 0, −ENOMEM.
 */
int policy_explain(const struct policy *policy, const struct image *image, const struct question *question,
		   struct explanation *ret_explanation);
void explanation_done(struct explanation *explanation);
