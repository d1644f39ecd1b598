/* SPDX-License-Identifier: GPL-2.0-only */
/* rules.c - `policyctl rules`: how often each rule of the live policy decided. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "connection.h"
#include "moment.h"
#include "output.h"
#include "ownership.h"
#include "rule_rows.h"
#include "suggest.h"
#include "tree.h"
#include "verbs.h"

#define TIME_FORMAT "%Y-%m-%d %H:%M:%S"
#define CELL_MAX 64
/* The text gets so many columns of a terminal at least, and the columns before it that many at most. */
#define TEXT_MIN 20
#define PLACE_MAX 32
/* From here on there is room for both times. */
#define WIDE_COLUMNS 120

/* What is shown before place, section and text. */
struct column {
	const char *title;
	int width; /* negative: its values stand at the left */
	void (*format)(const struct rule_row *row, char out[CELL_MAX]);
};

static void format_hits(const struct rule_row *row, char out[CELL_MAX])
{
	(void)snprintf(out, CELL_MAX, "%llu", (unsigned long long)row->hits);
}

static void format_last(const struct rule_row *row, char out[CELL_MAX])
{
	if (row->last > 0)
		moment_format(row->last, TIME_FORMAT, out);
	else
		(void)snprintf(out, CELL_MAX, "never");
}

static void format_since(const struct rule_row *row, char out[CELL_MAX])
{
	moment_format(row->since, TIME_FORMAT, out);
}

static void format_watched(const struct rule_row *row, char out[CELL_MAX])
{
	__u64 now = moment_now();

	moment_format_span(now > row->since ? now - row->since : 0, out);
}

static const struct column used[] = {
	{ "HITS", 10, format_hits },
	{ "LAST HIT", -19, format_last },
	{ "SINCE", -19, format_since },
	{},
};
static const struct column used_narrow[] = {
	{ "HITS", 10, format_hits },
	{ "LAST HIT", -19, format_last },
	{},
};
static const struct column never_used[] = { { "WATCHED", -12, format_watched }, {} };
/* They may have been hit before the moment that is asked about. */
static const struct column no_longer_used[] = {
	{ "WATCHED", -12, format_watched },
	{ "HITS", 10, format_hits },
	{ "LAST HIT", -19, format_last },
	{},
};

static const struct column *choose_columns(const struct rule_choice *choice)
{
	size_t terminal = output_terminal();

	if (choice->is_unused)
		return choice->filter->since ? no_longer_used : never_used;
	return terminal == 0 || terminal >= WIDE_COLUMNS ? used : used_narrow;
}

struct table {
	const struct column *columns;
	size_t place; /* widths */
	size_t section;
	size_t text;
};

static void widen(size_t *width, const char *text, size_t most)
{
	size_t columns = output_columns(text, strlen(text));

	if (columns > *width)
		*width = columns < most ? columns : most;
}

static struct table make_table(const struct rule_rows *rows, const struct column *columns)
{
	struct table table = { .columns = columns, .place = strlen("RULE"), .section = strlen("SECTION") };
	size_t terminal = output_terminal(), used_up;

	for (size_t i = 0; i < rows->count; i++) {
		widen(&table.place, rows->list[i].place, terminal ? PLACE_MAX : SIZE_MAX);
		widen(&table.section, rows->list[i].section, terminal ? PLACE_MAX : SIZE_MAX);
	}
	used_up = table.place + table.section + 2;
	for (size_t i = 0; columns[i].title; i++)
		used_up += (size_t)abs(columns[i].width) + 1;
	table.text = terminal == 0 ? SIZE_MAX : terminal > used_up + TEXT_MIN ? terminal - used_up : TEXT_MIN;
	return table;
}

static void show_cell(const char *text, size_t width)
{
	output_blanks(stdout, width - output_fit(stdout, text, strlen(text), width) + 1);
}

static void show_titles(const struct table *table)
{
	for (size_t i = 0; table->columns[i].title; i++)
		printf("%*s ", table->columns[i].width, table->columns[i].title);
	show_cell("RULE", table->place);
	show_cell("SECTION", table->section);
	printf("TEXT\n");
}

static void show_row(const struct table *table, const struct rule_row *row)
{
	char cell[CELL_MAX];

	printf("%s", row->hits ? "" : colour_start(COLOUR_FAINT));
	for (size_t i = 0; table->columns[i].title; i++) {
		table->columns[i].format(row, cell);
		printf("%*s ", table->columns[i].width, cell);
	}
	show_cell(row->place, table->place);
	show_cell(row->section, table->section);
	(void)output_fit(stdout, row->text, strlen(row->text), table->text);
	printf("%s\n", row->hits ? "" : colour_end());
}

static void show(const struct rule_rows *rows, const struct column *columns)
{
	struct table table = make_table(rows, columns);

	if (rows->count > 0)
		show_titles(&table);
	for (size_t i = 0; i < rows->count; i++)
		show_row(&table, &rows->list[i]);
}

/* The daemon's own lines, in one document. */
static void show_json(const struct rule_rows *rows)
{
	printf("%.*s,\"rules\":[", (int)strlen(rows->json) - 1, rows->json);
	for (size_t i = 0; i < rows->count; i++)
		printf("%s\n%s", i ? "," : "", rows->list[i].json);
	printf("\n]}\n");
}

/* < 0: told on stderr. */
static int check_profiles(const struct rule_rows *rows, const struct filter *filter)
{
	yajl_val profiles = tree_find(rows->head, "profiles");
	size_t count = YAJL_GET_ARRAY(profiles)->len;
	_cleanup_free_ const char **known = calloc(count + 1, sizeof(*known));

	for (size_t i = 0; known && i < count; i++)
		known[i] = YAJL_GET_STRING(YAJL_GET_ARRAY(profiles)->values[i]);
	for (size_t i = 0; known && i < filter->profiles.count; i++) {
		const char *name = filter->profiles.list[i];
		size_t k = 0;

		while (known[k] && strcmp(known[k], name) != 0)
			k++;
		if (!known[k]) {
			fprintf(stderr, "policyctl: the policy has no profile '%s'%s\n", name,
				suggest(name, known).text);
			return -EINVAL;
		}
	}
	return known ? 0 : -ENOMEM;
}

static int show_text(const struct args *args, const struct filter *filter, char *text)
{
	struct rule_choice choice = { .filter = filter,
				      .is_unused = args->given & ARGS_UNUSED,
				      .top = args->top };
	_cleanup_(rule_rows_done) struct rule_rows rows = {};
	size_t young;

	if (rule_rows_parse(text, &rows) < 0) {
		fprintf(stderr, "policyctl: the daemon's list of rules is none\n");
		return EXIT_UNREACHABLE;
	}
	if (check_profiles(&rows, filter) < 0)
		return EXIT_REFUSED;
	rule_rows_choose(&rows, &choice, &young);
	if (args->given & ARGS_JSON)
		show_json(&rows);
	else
		show(&rows, choose_columns(&choice));
	if (young > 0)
		fprintf(stderr,
			"policyctl: %zu without a hit are left out: they have not been there for so long\n",
			young);
	/* Silence could as well be a failure. */
	else if (rows.count == 0 && !(args->given & ARGS_JSON))
		fprintf(stderr, "policyctl: no rule is like that\n");
	return EXIT_FINE;
}

/* Why it went wrong stands last. */
static void tell_last_line(char *text, size_t size)
{
	char *line;

	if (size > 0 && text[size - 1] == '\n')
		text[size - 1] = '\0';
	line = strrchr(text, '\n');
	if (size > 0)
		fprintf(stderr, "%s\n", line ? line + 1 : text);
}

int rules_run(const struct args *args)
{
	_cleanup_(filter_done) struct filter filter = {};
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r;

	if (args->given & ARGS_UNUSED && args->given & ARGS_TOP) {
		fprintf(stderr,
			"policyctl: --unused and --top exclude each other: what is not hit has no order\n");
		return EXIT_REFUSED;
	}
	if (filter_from_args(args, &filter) < 0)
		return EXIT_REFUSED;
	r = connection_ask_text(args->socket, PC_CTL_RULES, NULL, 0, &text, &size);
	if (r == EXIT_FINE)
		return show_text(args, &filter, text);
	if (text)
		tell_last_line(text, size);
	return r;
}
