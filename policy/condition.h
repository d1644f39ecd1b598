/* SPDX-License-Identifier: GPL-2.0-only */
/* condition.h - what a profile asks of a task besides its program: unit, cgroup, user, group. */
#pragma once

#include "parser.h"

/* By the name of their key; false: it is none. */
bool condition_find(const char *key, enum pc_condition_kind *ret_kind);
const char *condition_key(enum pc_condition_kind kind);
/* One line of [profile NAME]. 0, also if it was refused (reported), or −ENOMEM. */
int condition_take(struct parser *parser, struct profile *profile, enum pc_condition_kind kind,
		   const struct reader_line *line);
/* Sorts them and leaves each there once. */
void conditions_sort(struct profile *profile);
bool conditions_are_same(const struct profile *a, const struct profile *b);
/* Those that are patterns become rules of the profile's choice. */
int conditions_draft(struct parser *parser, const struct profile *profile);
void conditions_done(struct profile *profile);
