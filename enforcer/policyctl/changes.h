/* SPDX-License-Identifier: GPL-2.0-only */
/* changes.h - past decisions that another policy gives another verdict, gathered by what they have in common. */
#pragma once

#include "image.h"
#include "policyctl/record.h"
#include "unjudged.h"

/* All decisions with the same hook, object, program, and the same answers then and now. Strings are owned. */
struct change {
	char *hook;
	char *access;
	char *profile;
	char *program;
	char *object;
	size_t object_length;
	char *was;      /* verdict then */
	char *was_rule; /* "file:line", "default" */
	enum pc_verdict now;
	__u32 now_ref;
	unsigned long long count;
	char *first; /* times as in the records */
	char *last;
};

struct changes {
	void *tree;           /* tsearch(3) of struct change */
	struct change **list; /* by changes_sort() */
	size_t count;
	unsigned long long decisions; /* judged and not */
	unsigned long long unchanged;
	unsigned long long newly_profiled; /* of tasks in no profile, whose programs would now be in one */
	unsigned long long by_verdict[PC_NO_VERDICT]; /* changed ones, by what they are now */
	struct unjudged unjudged;
};

/* 0 or −ENOMEM. */
int changes_add(struct changes *changes, const struct record *record, const struct pc_answer *now);
/* Fills the list: denials first, then the most frequent. */
int changes_sort(struct changes *changes);
void changes_done(struct changes *changes);
