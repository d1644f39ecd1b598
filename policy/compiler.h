/* SPDX-License-Identifier: GPL-2.0-only */
/* compiler.h - a policy on its way to an image; between the files that do a step of it. */
#pragma once

#include <portcullis/limits.h>

#include "choices.h"
#include "contest.h"
#include "graph.h"
#include "interval.h"
#include "policy.h"
#include "table.h"

struct compiler {
	const struct policy *policy;
	struct diags *d;
	struct graph graph;
	struct cells cells;
	struct interval_table intervals;
	__u32 (*starts)[PC_KINDS]; /* by section: states of the graph */
	size_t *section_end;	   /* the section's states follow those of the one before, up to here */
	struct table table;
	struct choices choices;
	/* Of the automaton with the most states: its section, and the rules that multiply in it. */
	size_t most_states;
	unsigned int most_section;
	struct culprits most_culprits;
};

/* "[open web]", in messages: the section by number. */
struct section_title {
	char text[PC_NAME_MAX + 16];
};
struct section_title section_title(const struct policy *policy, unsigned int section);

/* conflict.c: reports each object and access with two verbs in one section. −ENOMEM is the only error. */
int conflict_check_contest(struct compiler *c, const struct contest *contest);
int conflict_check_networks(struct compiler *c, unsigned int section, enum pc_kind kind);

/* special.c: gives `unresolved:` and `userns:` what they hold where no rule names them. Last of all cells. */
int special_add(struct compiler *c, unsigned int section);

/* reach.c: tells each state of names what longer names may lead to. */
void reach_compute(struct compiler *c);

/* image_write.c: everything there is, as one image. −E2BIG: past PC_IMAGE_CLASS_MAX. */
int image_write(struct compiler *c, struct image **ret_image);

/* coverage.c: warns of rules that win for no object. `is_used` is by number in the image's rule table. */
int coverage_check(const struct policy *policy, const bool *is_used, const struct image *image, struct diags *d);

/* Whether the kind's names are matched by patterns. */
bool kind_has_patterns(enum pc_kind kind);
enum pattern_flavour kind_flavour(enum pc_kind kind);
/* The patterns of a rule that was parsed before, so without a word. */
int rule_patterns(const struct rule *rule, struct patterns **ret_patterns);
