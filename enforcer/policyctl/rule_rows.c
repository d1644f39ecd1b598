/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_rows.c - the live policy's rules as the daemon tells them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "ownership.h"
#include "rule_rows.h"
#include "tree.h"
#include "words.h"

static void row_done(struct rule_row *row)
{
	free(row->place);
	free(row->section);
	free(row->text);
	free(row->profile);
}

void rule_rows_done(struct rule_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		row_done(&rows->list[i]);
	free(rows->list);
	yajl_tree_free(rows->head);
	*rows = (struct rule_rows){};
}

/* A time that is not there is 0. */
static int parse_time(yajl_val line, const char *key, __u64 *ret_moment)
{
	const char *text = tree_string(line, key);

	*ret_moment = 0;
	return *text ? moment_parse(text, ret_moment) : 0;
}

static int parse_row(yajl_val line, struct rule_row *row)
{
	const char *place = tree_string(line, "rule"), *slash = strrchr(place, '/');
	const char *profile = tree_string(line, "profile"), *hook = tree_string(line, "hook");

	while (row->hook < PC_SECTIONS && strcmp(section_name(row->hook), hook) != 0)
		row->hook++;
	row->hits = strtoull(tree_number(line, "hits"), NULL, 10);
	if (row->hook == PC_SECTIONS || parse_time(line, "last", &row->last) < 0 ||
	    parse_time(line, "since", &row->since) < 0 || row->since == 0)
		return -EPROTO;
	row->place = strdup(slash ? slash + 1 : place);
	row->text = strdup(tree_string(line, "text"));
	row->profile = strdup(profile);
	if (asprintf(&row->section, "[%s%s%s]", hook, *profile ? " " : "", profile) < 0)
		row->section = NULL;
	return row->place && row->text && row->profile && row->section ? 0 : -ENOMEM;
}

static int add_row(struct rule_rows *rows, const char *json)
{
	struct rule_row *grown = array_grow(rows->list, rows->count, sizeof(*grown)), row = { .json = json };
	yajl_val line;
	int r;

	if (!grown)
		return -ENOMEM;
	rows->list = grown;
	line = yajl_tree_parse(json, NULL, 0);
	r = line ? parse_row(line, &row) : -EPROTO;
	yajl_tree_free(line);
	grown[rows->count++] = row;
	return r;
}

int rule_rows_parse(char *text, struct rule_rows *ret_rows)
{
	struct rule_rows rows = {};
	char *rest = NULL, *line = strtok_r(text, "\n", &rest);
	int r = 0;

	rows.json = line;
	rows.head = line ? yajl_tree_parse(line, NULL, 0) : NULL;
	if (!rows.head || !YAJL_IS_ARRAY(tree_find(rows.head, "profiles")))
		r = -EPROTO;
	while (r == 0 && (line = strtok_r(NULL, "\n", &rest)))
		r = add_row(&rows, line);
	if (r < 0)
		rule_rows_done(&rows);
	else
		*ret_rows = rows;
	return r;
}

static bool is_of_profile(const struct filter_words *profiles, const char *profile)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (strcmp(profiles->list[i], profile) == 0)
			return true;
	return profiles->count == 0;
}

static bool is_chosen(const struct rule_row *row, const struct rule_choice *choice, size_t *young)
{
	const struct filter *filter = choice->filter;
	bool is_used = row->hits > 0 && row->last >= filter->since;

	if ((filter->hooks && !(filter->hooks >> row->hook & 1)) ||
	    !is_of_profile(&filter->profiles, row->profile))
		return false;
	if (!choice->is_unused)
		return is_used || filter->since == 0;
	if (!is_used && filter->since > 0 && row->since > filter->since) {
		(*young)++;
		return false;
	}
	return !is_used;
}

/* Most hits first; what is the same stays in the policy's order, which is that of the lines as they came. */
static int compare(const void *x, const void *y)
{
	const struct rule_row *a = x, *b = y;

	if (a->hits != b->hits)
		return a->hits > b->hits ? -1 : 1;
	return (a->json > b->json) - (a->json < b->json);
}

void rule_rows_choose(struct rule_rows *rows, const struct rule_choice *choice, size_t *ret_young)
{
	size_t kept = 0, young = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (is_chosen(&rows->list[i], choice, &young))
			rows->list[kept++] = rows->list[i];
		else
			row_done(&rows->list[i]);
	}
	rows->count = kept;
	if (choice->top > 0 && kept > 0)
		qsort(rows->list, kept, sizeof(*rows->list), compare);
	while (choice->top > 0 && rows->count > choice->top)
		row_done(&rows->list[--rows->count]);
	*ret_young = young;
}
