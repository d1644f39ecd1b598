/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfa.h - the patterns of one contest as a tree: what they begin with in common is kept once.
 *
 * A node stands for "the codes up to here have matched". Node 0 is the root. A CODE_DIRS node (at the start
 * of a name) is followed by its twin, CODE_DIRS_WITHIN (inside a name that it swallows), which nothing points
 * to.
 */
#pragma once

#include "cells.h"
#include "contest.h"

#define CODE_DIRS_WITHIN 0xfeffU
#define CODE_ROOT 0xfefeU

#define NO_CANDIDATE 0xffffffffU

enum node_flag {
	NODE_SPREADS = 1,  /* has a child that needs no byte: CODE_END, CODE_STAR, CODE_DIRS */
	NODE_MOVES = 2,    /* a byte leads on from it */
	NODE_IN_NAME = 4,  /* nothing below can match a '/' */
	NODE_HAS_TAIL = 8, /* has a CODE_TAIL child */
	NODE_FLOATS = 16,  /* stays, or comes behind one that does: one of many places that it may match at */
};

struct node {
	__u32 child;   /* its children in the order of their codes; 0: none */
	__u32 sibling; /* 0: last */
	/*
	 * By slot, the best candidate that it leads to by itself: CODE_END, CODE_STAR and CODE_DIRS children
	 * don't count, because they are reached together with it and stand for themselves. They do at nodes
	 * that stay on some byte.
	 */
	__u32 best[SLOTS];
	__u16 code;
	__u16 flags;
};

struct nfa {
	const struct contest *contest;
	struct node *nodes;
	size_t count;
	size_t room;
};

/* The contest must be sorted and outlive it. −E2BIG: too many nodes. */
int nfa_build(struct nfa *nfa, const struct contest *contest);
void nfa_done(struct nfa *nfa);
