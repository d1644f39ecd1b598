/* SPDX-License-Identifier: GPL-2.0-only */
/* dfa.h - from the patterns of one contest to states in which all precedence is settled. */
#pragma once

#include "contest.h"
#include "graph.h"

struct cells;

/*
 * Adds the automaton of a sorted contest to the graph. −E2BIG: past PC_STATES_MAX or PC_COMPILE_WORK_MAX.
 * `culprits` are set then, and on success: the rules that multiply most. The graph is of no use after an
 * error.
 */
int dfa_build(const struct contest *contest, struct graph *graph, struct cells *cells, __u32 *ret_start,
	      struct culprits *culprits);
