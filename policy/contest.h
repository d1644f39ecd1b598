/* SPDX-License-Identifier: GPL-2.0-only */
/* contest.h - the patterns that compete for the names of one kind in one section, in the order in which they
 * win. */
#pragma once

#include "model.h"
#include "pattern.h"

/*
 * A pattern is a run of codes. Their order puts first what needs no byte, and bytes behind all others: the
 * automaton's builder relies on it.
 */
#define CODE_END 0U
#define CODE_STAR 1U
#define CODE_DIRS 2U
#define CODE_TAIL 3U
#define CODE_ANY 4U /* `?` */
#define CODE_SET 5U /* and up: number of a set, plus this */
#define CODE_BYTE 0xff00U
#define CODE_SETS_MAX (0xfe00U - CODE_SET) /* what lies between is nfa.h's */

struct candidate {
	size_t rule;        /* index of policy->rules */
	struct rank rank;   /* zeros where the kind has no patterns */
	unsigned int slots; /* bits 1 << enum cell_slot */
	size_t first;       /* run of codes, CODE_END at its end */
	size_t count;
};

struct contest {
	const struct policy *policy;
	struct candidate *list;            /* best first, once sorted */
	const struct candidate **by_codes; /* once sorted; those of the same codes by how they rank */
	size_t count;
	size_t room;
	__u16 *codes;
	size_t code_count;
	size_t code_room;
	__u32 (*sets)[8]; /* classes that are neither one byte nor `?` */
	size_t set_count;
	size_t set_room;
	__u16 *set_table; /* hash table of their numbers + 1; NULL: there are none */
};

/* Rules that were most in the way when an automaton grew past its bounds; indices of policy->rules. */
#define CULPRITS_MAX 3

struct culprits {
	size_t rules[CULPRITS_MAX];
	size_t count;
};

void contest_done(struct contest *contest);
/* −E2BIG: more different classes than there are codes. */
int contest_add(struct contest *contest, size_t rule, const struct pattern *pattern);
/* An object that is one byte (a family, a word of [system]), or none (length 0: a special object). */
int contest_add_bytes(struct contest *contest, size_t rule, const __u8 *bytes, size_t length);
/* Every function of other files wants it sorted. */
int contest_sort(struct contest *contest);
/* 0: the same object. */
int contest_compare_codes(const struct contest *contest, const struct candidate *a,
			  const struct candidate *b);
/* Which of two rules wins where their objects rank the same: < 0 the first. */
int rule_compare(const struct policy *policy, size_t a, size_t b);
