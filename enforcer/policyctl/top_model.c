/* SPDX-License-Identifier: GPL-2.0-only */
/* top_model.c - what `policyctl top` has seen so far. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "moment.h"
#include "ownership.h"
#include "top_model.h"
#include "tree.h"
#include "words.h"

/* Different keys of a table: some 8 KiB each at worst, a tenth of that as a rule. */
#define TABLE_SIZE 512
/* Seconds in which what has come fades to half. */
#define HALF_LIFE 30.0

int top_model_init(struct top_model *model, const struct args *args)
{
	*model = (struct top_model){ .args = args, .faded = moment_now() };
	for (unsigned int i = 0; i < TOP_TABLES; i++) {
		model->tables[i] = tally_new(TABLE_SIZE);
		if (!model->tables[i])
			return -ENOMEM;
	}
	return filter_from_args(args, &model->filter);
}

void top_model_done(struct top_model *model)
{
	for (unsigned int i = 0; i < TOP_TABLES; i++)
		(void)tally_free(model->tables[i]);
	(void)rulebook_close(model->book);
	filter_done(&model->filter);
}

/* "open\x1f/etc/shadow"; of what is longer only the beginning counts. */
static void make_key(enum top_table table, const struct record *record, char key[TALLY_TEXT_MAX])
{
	const char *hook = section_name(record->hook), *program = record_program(record);

	switch (table) {
	case TOP_DENIALS:
		(void)snprintf(key, TALLY_TEXT_MAX, "%s\x1f%d\x1f%.300s\x1f%.200s\x1f%.32s\x1f%s\x1f%s", hook,
			       (int)record->verdict, program, record->rule, record->profile, record->access,
			       record->object);
		return;
	case TOP_PROGRAMS:
		(void)snprintf(key, TALLY_TEXT_MAX, "%s", program);
		return;
	case TOP_OBJECTS:
		(void)snprintf(key, TALLY_TEXT_MAX, "%s\x1f%s", hook, record->object);
		return;
	default:
		(void)snprintf(key, TALLY_TEXT_MAX, "%s\x1f%s\x1f%s", hook, record->rule, record->verb);
		return;
	}
}

/* What one at that moment is worth at another one: more than one if that is the earlier. */
static double fading(__u64 from, __u64 to)
{
	double seconds =
		to > from ? (double)(to - from) / MOMENT_SECOND : -(double)(from - to) / MOMENT_SECOND;

	return exp2(-seconds / HALF_LIFE);
}

void top_model_take_record(struct top_model *model, const struct record *record)
{
	__u64 now = moment_now();
	/* A clock that was set back must not make it worth more than all others. */
	double freshness = fading(record->time < now ? record->time : now, model->faded);
	char key[TALLY_TEXT_MAX];

	if (!filter_matches(&model->filter, record, model->book))
		return;
	for (unsigned int i = 0; i < TOP_TABLES; i++) {
		if (i == TOP_DENIALS && record->verdict == PC_ALLOW)
			continue;
		make_key(i, record, key);
		(void)tally_add(model->tables[i], key, record, freshness);
	}
}

static void take_counters(struct top_model *model, yajl_val status)
{
	__u64 counts[PC_SECTIONS][PC_NO_VERDICT] = {};
	char path[64];

	model->lost = 0;
	for (unsigned int hook = 0; hook < PC_SECTIONS; hook++) {
		for (unsigned int verdict = 0; verdict < PC_NO_VERDICT; verdict++) {
			(void)snprintf(path, sizeof(path), "counters.%s.%s.decided", section_name(hook),
				       record_verdict_name(verdict));
			counts[hook][verdict] = strtoull(tree_number(status, path), NULL, 10);
			(void)snprintf(path, sizeof(path), "counters.%s.%s.lost", section_name(hook),
				       record_verdict_name(verdict));
			model->lost += strtoull(tree_number(status, path), NULL, 10);
		}
	}
	rates_sample(&model->rates, clock_boottime(), counts);
}

/* "enforce", or each hook's own where they differ. */
static void take_modes(struct top_model *model, yajl_val status)
{
	char path[64];
	const char *first = tree_string(status, "mode.effective.exec");
	bool is_one = true;
	size_t used = 0;

	model->modes[0] = '\0';
	for (unsigned int hook = 0; hook < PC_SECTIONS; hook++) {
		(void)snprintf(path, sizeof(path), "mode.effective.%s", section_name(hook));
		is_one = is_one && strcmp(tree_string(status, path), first) == 0;
		used += (size_t)snprintf(model->modes + used, sizeof(model->modes) - used, "%s%s %.16s",
					 hook ? ", " : "", section_name(hook), tree_string(status, path));
	}
	if (is_one)
		(void)snprintf(model->modes, sizeof(model->modes), "%.16s", first);
}

/* The texts of rules are those of the policy that is loaded. */
static void take_policy(struct top_model *model, yajl_val status)
{
	const char *generation = tree_string(status, "policy.generation"),
		   *name = tree_string(status, "policy.name");
	const char *path = tree_string(status, "policy.path");
	bool is_named = model->args->given & ARGS_POLICY;
	struct diags none = {};

	(void)snprintf(model->policy, sizeof(model->policy), "%s", *name ? name : path);
	(void)snprintf(model->path, sizeof(model->path), "%s", path);
	if (!tree_is_true(status, "policy.loaded"))
		(void)snprintf(model->policy, sizeof(model->policy), "NO POLICY: everything is allowed");
	model->is_sound = tree_is_true(status, "sound");
	if (strcmp(model->generation, generation) == 0)
		return;
	(void)snprintf(model->generation, sizeof(model->generation), "%s", generation);
	model->book = rulebook_close(model->book);
	(void)rulebook_open(is_named ? model->args->policy : path, is_named, &none, &model->book);
	diags_done(&none);
}

void top_model_take_status(struct top_model *model, const char *text)
{
	yajl_val status = yajl_tree_parse(text, NULL, 0);

	if (!status)
		return;
	take_counters(model, status);
	take_modes(model, status);
	take_policy(model, status);
	yajl_tree_free(status);
}

void top_model_fade(struct top_model *model)
{
	__u64 now = moment_now();

	for (unsigned int i = 0; i < TOP_TABLES; i++)
		tally_fade(model->tables[i], fading(model->faded, now));
	model->faded = now;
}

void top_model_set_filter(struct top_model *model, struct filter *filter)
{
	filter_done(&model->filter);
	model->filter = *filter;
	*filter = (struct filter){};
	model->skipped = 0;
	for (unsigned int i = 0; i < TOP_TABLES; i++)
		tally_clear(model->tables[i]);
}

/* A steady pace of one a second fades into HALF_LIFE / ln 2. */
static double pace_of(double recent)
{
	return recent * M_LN2 / HALF_LIFE * 60;
}

double top_model_pace(const struct tally_entry *entry)
{
	return pace_of(entry->recent);
}

double top_model_slack(const struct top_model *model, enum top_table table)
{
	return pace_of(tally_slack(model->tables[table]));
}

size_t top_model_list(struct top_model *model, enum top_table table, const struct tally_entry **list,
		      size_t most)
{
	return tally_list(model->tables[table], table == TOP_DENIALS ? TALLY_NEWEST : TALLY_RECENT, list,
			  most);
}
