/* SPDX-License-Identifier: GPL-2.0-only */
/* log_line.c - a record for people. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log_line.h"
#include "moment.h"
#include "output.h"
#include "ownership.h"
#include "tree.h"
#include "words.h"

/* "Jan 31 08:00:00 ", "audit ", "open read+write " */
#define WHEN_WIDTH 16
#define VERDICT_WIDTH 6
#define WHAT_WIDTH 16
/* Of a record's second line. */
#define INDENT 4
#define BEGINNING (WHEN_WIDTH + VERDICT_WIDTH + WHAT_WIDTH)
/* From here on most objects, reasons and programs fit beside each other. */
#define ONE_LINE_COLUMNS 150

struct log_layout log_layout_for_stdout(void)
{
	size_t columns = output_terminal(), rest = columns > BEGINNING ? columns - BEGINNING : 1;

	if (columns == 0)
		return (struct log_layout){ .object = 32, .reason = 56, .program = SIZE_MAX };
	if (columns < ONE_LINE_COLUMNS)
		return (struct log_layout){ .columns = columns, .object = rest };
	/* A blank stands between each two. */
	rest -= 2;
	return (struct log_layout){
		.columns = columns,
		.object = rest * 30 / 100,
		.reason = rest * 45 / 100,
		.program = rest * 25 / 100,
	};
}

void log_line_what(const struct record *record, char *out, size_t size)
{
	const char *detail = *record->operation ? record->operation : record->access;

	(void)snprintf(out, size, "%s%s%.12s", section_name(record->hook), *detail ? " " : "", detail);
}

/* What the program was to be started with, as far as the record has it. */
static void write_args(FILE *out, const struct record *record)
{
	yajl_val args = record->tree ? tree_find(record->tree, "args") : NULL;

	if (!YAJL_IS_ARRAY(args))
		return;
	fprintf(out, "; args:");
	for (size_t i = 0; i < YAJL_GET_ARRAY(args)->len; i++) {
		const char *text = YAJL_GET_STRING(YAJL_GET_ARRAY(args)->values[i]);

		fprintf(out, " %s", text ? text : "");
	}
	if (tree_is_true(record->tree, "args_cut"))
		fprintf(out, "…");
}

char *log_line_program(const struct record *record)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s[%s] uid %s", record_program(record), record->pid, record->uid);
	if (*record->profile)
		fprintf(out, " as %s", record->profile);
	if (record->repeats > 1)
		fprintf(out, " ×%llu", (unsigned long long)record->repeats);
	write_args(out, record);
	return fclose(out) == 0 ? text : NULL;
}

/* Off a terminal what is wider goes on. */
static size_t write_part(FILE *out, const struct log_layout *layout, const char *bytes, size_t length,
			 size_t width)
{
	return layout->columns ? output_fit(out, bytes, length, width) : output_safe(out, bytes, length);
}

/* A column's end: blanks, at least one. */
static void fill_column(FILE *out, size_t used, size_t width)
{
	output_blanks(out, (used < width ? width - used : 0) + 1);
}

static void write_object(FILE *out, const struct log_layout *layout, const struct record *record)
{
	size_t width = layout->object - record->is_cut;
	size_t used = write_part(out, layout, record->object, record->object_length, width);

	if (record->is_cut)
		fprintf(out, "…");
	if (layout->program > 0)
		fill_column(out, used, width);
}

static void write_beginning(FILE *out, const struct record *record)
{
	const char *verdict = record_verdict_name(record->verdict);
	char when[MOMENT_TEXT_MAX], what[32];
	size_t used;

	moment_format(record->time, "%b %e %H:%M:%S", when);
	log_line_what(record, what, sizeof(what));
	fprintf(out, "%s %s%-5s%s ", when, colour_start(colour_of_verdict(verdict)), verdict, colour_end());
	used = output_safe(out, what, strlen(what));
	output_blanks(out, used < WHAT_WIDTH ? WHAT_WIDTH - used : 1);
}

/* In the line below: the program whole if it can be, the reason in what is left. */
static void write_below(FILE *out, const struct log_layout *layout, const char *reason, const char *program)
{
	size_t room = layout->columns > INDENT + 20 ? layout->columns - INDENT : 20;
	size_t wanted = output_columns(program, strlen(program)), least = room / 2;
	size_t width = room > wanted + 2 + least ? room - wanted - 2 : least;

	fprintf(out, "\n");
	output_blanks(out, INDENT);
	width = output_fit(out, reason, strlen(reason), width);
	fprintf(out, "  ");
	(void)output_fit(out, program, strlen(program), room > width + 2 ? room - width - 2 : 1);
}

void log_line_write(FILE *out, const struct log_layout *layout, const struct rulebook *book,
		    const struct record *record)
{
	_cleanup_free_ char *reason = rulebook_reason(book, record);
	_cleanup_free_ char *program = log_line_program(record);

	if (!reason || !program)
		return;
	write_beginning(out, record);
	write_object(out, layout, record);
	fprintf(out, "%s", colour_start(COLOUR_FAINT));
	if (layout->program == 0) {
		write_below(out, layout, reason, program);
	} else {
		fill_column(out, write_part(out, layout, reason, strlen(reason), layout->reason),
			    layout->reason);
		(void)output_fit(out, program, strlen(program), layout->program);
	}
	fprintf(out, "%s\n", colour_end());
}
