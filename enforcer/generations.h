/* SPDX-License-Identifier: GPL-2.0-only */
/* generations.h - the rules of the last policies that were live, by which records are read. */
#pragma once

#include <portcullis/abi.h>
#include <stdbool.h>

#include "policy.h"

/* What records need of an applied image: its rules and how they are called. Immutable. */
struct generation {
	__u64 id; /* random; 0 never is one */
	struct pc_rule *rules;
	__u32 rule_count;
	__u32 rule_end; /* rules from here on choose profiles; those before, but PC_RULE_DEFAULT, decide */
	__u32 *first_rules; /* of the sections: the host-wide ones, then each profile's; see struct pc_section */
	char *text;
	__u32 text_size;
	__u32 name; /* offset in text; points to "" where the policy has none */
	__u32 image_size;
	__u32 rules_of[PC_SECTIONS];     /* those of profiles included */
	enum pc_mode modes[PC_SECTIONS]; /* host-wide */
	bool is_enforcing;               /* some section does, of a profile perhaps */
	__u32 *profiles;                 /* names, offsets in text; by place in the image */
	__u32 *profile_flags; /* enum pc_profile_flags, likewise */
	__u32 profile_count;
	__u64 loaded; /* CLOCK_REALTIME, ns */
};

/* Copies what records need out of an image, so that its table need not stay in memory. */
int generation_from_image(const struct image *image, struct generation **ret_generation);
struct generation *generation_free(struct generation *g);

/* The rule behind a record; NULL for a number that is none. */
const struct pc_rule *generation_rule(const struct generation *g, __u32 rule);
/* A string of the text area; "" for an offset outside it. */
const char *generation_text(const struct generation *g, __u32 offset);
/* Without the one that stands for the defaults. */
__u32 generation_rules(const struct generation *g);
/* By what a record holds: place plus 1. NULL: none, or not one of this policy's. */
const char *generation_profile(const struct generation *g, __u32 profile);

/* The profile whose section holds that rule, which decides; NULL: it is host-wide. */
const char *generation_rule_profile(const struct generation *g, __u32 rule);

/* The last generations, the live one first: a record may still come from one that was just replaced. */
struct generations;

struct generations *generations_new(void);
struct generations *generations_free(struct generations *all);
/* Takes ownership of `g`, which becomes the live one; the oldest are forgotten. */
void generations_add(struct generations *all, struct generation *g);
/* NULL if nothing was ever applied. */
const struct generation *generations_live(const struct generations *all);
/* NULL: never there, or forgotten. */
const struct generation *generations_find(const struct generations *all, __u64 id);
