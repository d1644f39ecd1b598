/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_list.h - the live policy's rules and their hits as text, a piece at a time: they may be a million. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "hits.h"

/* The hits as they were when it was made; the texts stay the policy's. */
struct rule_list;

/* Takes `counts`, live->rule_end of them and of all policies; `generations` is borrowed. There is a live policy. */
int rule_list_new(const struct generations *generations, struct pc_hit *counts,
		  struct rule_list **ret_list);
/* Accepts NULL; returns NULL. */
struct rule_list *rule_list_free(struct rule_list *list);

/*
 * Writes the next rules, some 32 KiB, a JSON object a line; returns 0 if there are none left, else 1. −ESTALE: the policy
 * has been replaced so often that its texts are gone.
 */
int rule_list_write(struct rule_list *list, FILE *out);
