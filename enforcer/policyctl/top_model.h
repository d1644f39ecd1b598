/* SPDX-License-Identifier: GPL-2.0-only */
/* top_model.h - what `policyctl top` has seen so far. */
#pragma once

#include <limits.h>

#include "filter.h"
#include "rates.h"
#include "tally.h"

enum top_table {
	TOP_DENIALS, /* and would-be ones: who, what and why */
	TOP_PROGRAMS,
	TOP_OBJECTS,
	TOP_RULES,
	TOP_TABLES,
};

/* Of the texts in the head; longer ones are cut. */
#define TOP_TEXT_MAX 256

struct top_model {
	const struct args *args;
	struct filter filter;
	struct tally *tables[TOP_TABLES];
	struct rates rates;
	__u64 faded; /* the moment that the tables' recent counts are of */
	struct rulebook *book;
	char generation[24];       /* that the book is of */
	char policy[TOP_TEXT_MAX]; /* its name */
	char path[PATH_MAX];       /* "": not known yet */
	char modes[TOP_TEXT_MAX];
	bool is_sound;
	unsigned long long lost;    /* in the kernel, as counted */
	unsigned long long skipped; /* by the daemon, for it was read too slowly */
};

int top_model_init(struct top_model *model, const struct args *args);
void top_model_done(struct top_model *model);
void top_model_take_record(struct top_model *model, const struct record *record);
void top_model_take_status(struct top_model *model, const char *text);
/* Now and then: what came before becomes less. */
void top_model_fade(struct top_model *model);
/* Begins anew with another filter, whose contents it takes. */
void top_model_set_filter(struct top_model *model, struct filter *filter);
/* Decisions a minute, of late. */
double top_model_pace(const struct tally_entry *entry);
/* By how much each pace of the table may be too small, and what is missing had less. */
double top_model_slack(const struct top_model *model, enum top_table table);
/* The rows of a table in their order; returns how many. */
size_t top_model_list(struct top_model *model, enum top_table table, const struct tally_entry **list,
		      size_t most);
