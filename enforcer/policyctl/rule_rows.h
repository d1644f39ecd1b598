/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_rows.h - the live policy's rules as the daemon tells them, and which of them are asked for. */
#pragma once

#include <yajl/yajl_tree.h>

#include "filter.h"

struct rule_row {
	const char *json; /* its line as it came; borrowed */
	char *place;      /* "policy.ini:12", without the folder; this and those below are owned */
	char *section;    /* "[open web]" */
	char *text;
	char *profile; /* "": none */
	unsigned int hook;
	__u64 hits;
	__u64 last;  /* ns since 1970; 0: never */
	__u64 since; /* likewise: when the daemon met it */
};

struct rule_rows {
	yajl_val head;         /* what the daemon tells of the policy; owned */
	const char *json;      /* the same as it came; borrowed */
	struct rule_row *list; /* as they stand in the policy */
	size_t count;
};

/* Takes the daemon's text apart, line by line; it is changed and must stay. −EPROTO: it is not what it should be. */
int rule_rows_parse(char *text, struct rule_rows *ret_rows);
void rule_rows_done(struct rule_rows *rows);

struct rule_choice {
	const struct filter *filter; /* hooks, profiles; since: hit since then */
	bool is_unused;              /* not hit, since then or ever */
	unsigned int top;            /* those with the most hits; 0: all */
};

/*
 * Keeps those that are asked for. What was met after the moment since which it is to be unused can't be told yet:
 * *ret_young are left out for that.
 */
void rule_rows_choose(struct rule_rows *rows, const struct rule_choice *choice, size_t *ret_young);
