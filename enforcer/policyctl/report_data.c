/* SPDX-License-Identifier: GPL-2.0-only */
/* report_data.c - what a report is made of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_data.h"
#include "words.h"

/* Different keys of a table that are counted exactly. */
#define TABLE_SIZE 8192

/* The last record of a file. */
struct report_source {
	__u64 seq; /* 0: there was none */
	__u64 time;
};

int report_data_init(struct report_data *data, size_t sources)
{
	*data = (struct report_data){ .source_count = sources ? sources : 1 };
	data->sources = calloc(data->source_count, sizeof(*data->sources));
	if (!data->sources)
		return -ENOMEM;
	for (size_t i = 0; i < REPORT_TABLES; i++) {
		data->tables[i] = tally_new(TABLE_SIZE);
		if (!data->tables[i])
			return -ENOMEM;
	}
	return 0;
}

void report_data_done(struct report_data *data)
{
	for (size_t i = 0; i < REPORT_TABLES; i++)
		(void)tally_free(data->tables[i]);
	free(data->sources);
	(void)rulebook_close(data->book);
	filter_done(&data->filter);
}

/* Numbers begin anew with each daemon; within one they have no holes unless a record was lost. */
static void follow_numbers(struct report_data *data, const struct record *record,
			   const struct source_line *line)
{
	struct report_source *source = &data->sources[line->source];

	if (record->seq == 0)
		return;
	if (source->seq > 0 && record->seq > source->seq + 1) {
		__u64 missing = record->seq - source->seq - 1;

		if (data->gap_count < REPORT_GAPS_MAX)
			data->gaps[data->gap_count] =
				(struct report_gap){ line->name, source->time, record->time, missing };
		data->gap_count++;
		data->missing += missing;
	}
	source->seq = record->seq;
	source->time = record->time;
}

static void add_to(struct report_data *data, enum report_table table, const char *key,
		   const struct record *record)
{
	/* Without memory the table is short of it, as it is of what does not fit: the sums are not. */
	(void)tally_add(data->tables[table], key, record, 1);
}

static void add_to_tables(struct report_data *data, const struct record *record)
{
	const char *hook = section_name(record->hook), *program = record_program(record);
	char key[TALLY_TEXT_MAX];

	add_to(data, REPORT_PROGRAMS, program, record);
	(void)snprintf(key, sizeof(key), "%s\x1f%s\x1f%s", hook, record->rule, record->verb);
	add_to(data, REPORT_RULES, key, record);
	(void)snprintf(key, sizeof(key), "%s\x1f%s", hook, record->object);
	add_to(data, REPORT_OBJECTS, key, record);
	(void)snprintf(key, sizeof(key), "%s\x1f%.300s\x1f%.200s\x1f%.32s\x1f%s", hook, program, record->rule,
		       record->profile, record->object);
	if (record->verdict == PC_DENY)
		add_to(data, REPORT_DENIED, key, record);
	/* What an audit rule lets pass, it lets pass in enforce mode too. */
	if (record->verdict == PC_AUDIT && strcmp(record->verb, "audit") != 0)
		add_to(data, REPORT_BROKEN, key, record);
}

void report_data_add(struct report_data *data, const struct record *record, const struct source_line *line)
{
	if (filter_spans(&data->filter, record))
		follow_numbers(data, record, line);
	if (!filter_matches(&data->filter, record, data->book))
		return;
	if (data->records == 0 || record->time < data->first)
		data->first = record->time;
	if (record->time > data->last)
		data->last = record->time;
	data->records++;
	data->counts[record->verdict] += (double)record->repeats;
	if (record->verdict == PC_AUDIT && strcmp(record->verb, "audit") == 0)
		data->watched += (double)record->repeats;
	timeline_add(&data->timeline, record->time, record->verdict, (double)record->repeats);
	add_to_tables(data, record);
}
