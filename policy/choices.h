/* SPDX-License-Identifier: GPL-2.0-only */
/* choices.h - which profile a program is given, as the image holds it: all but the automata. */
#pragma once

#include "model.h"

struct choices {
	struct pc_exe *exes; /* by the order of the choices' rules, `exe` lines among them, then those of no line */
	size_t exe_count;
	size_t first_rule; /* index of the choices' first rule */
	struct pc_choice *list; /* without `start` */
	size_t count;
	struct pc_condition *conditions; /* without the states of UNIT and CGROUP */
	size_t condition_count;
};

/* 0 or −ENOMEM. */
int choices_build(const struct policy *policy, struct choices *ret_choices);
void choices_done(struct choices *choices);
