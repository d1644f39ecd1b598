/* SPDX-License-Identifier: GPL-2.0-only */
/* top_rows.c - the lines of `policyctl top`. */
#include <string.h>

#include "log_line.h"
#include "moment.h"
#include "output.h"
#include "ownership.h"
#include "top_rows.h"
#include "words.h"

/* Narrower ones show less, not everything cut. */
#define WIDE 100
#define NARROW 60

/* A line that is being written: what does not fit is left out. */
struct row {
	FILE *out;
	size_t left; /* columns */
};

const char *top_rows_title(enum top_table table)
{
	static const char *const titles[TOP_TABLES] = { "New denials", "Programs", "Objects", "Rules" };

	return titles[table];
}

/* A column of that width, and a blank; the last one of a line may be as wide as there is room. */
static void add(struct row *row, const char *bytes, size_t length, size_t width)
{
	size_t room = row->left < width ? row->left : width, used = output_fit(row->out, bytes, length, room);

	if (room == row->left) {
		row->left = 0;
		return;
	}
	output_blanks(row->out, room - used + 1);
	row->left -= room + 1;
}

static void add_text(struct row *row, const char *text, size_t width)
{
	add(row, text, strlen(text), width);
}

/* "1234", "56.7", "12.3k", "4.5M": six columns, to the right. */
static void add_number(struct row *row, double number)
{
	static const char units[] = " kMGTPE";
	char text[32];
	size_t unit = 0;

	for (; number >= 99999.5 && units[unit + 1]; unit++)
		number /= 1000;
	if (unit == 0)
		(void)snprintf(text, sizeof(text),
			       number < 99.95 && number != (double)(long)number ? "%6.1f" : "%6.0f", number);
	else
		(void)snprintf(text, sizeof(text), "%5.0f%c", number, units[unit]);
	add_text(row, text, 6);
}

void top_rows_write_head(FILE *out, const struct top_model *model, size_t columns)
{
	_cleanup_free_ char *text = NULL;
	char now[MOMENT_TEXT_MAX], lost[64] = "", skipped[64] = "";

	moment_format(moment_now(), "%H:%M:%S", now);
	if (model->lost > 0)
		(void)snprintf(lost, sizeof(lost), ", %llu LOST in the kernel", model->lost);
	if (model->skipped > 0)
		(void)snprintf(skipped, sizeof(skipped), ", %llu not seen here", model->skipped);
	if (asprintf(&text, "%s  %s  mode %s%s%s%s", now, model->policy, model->modes,
		     model->is_sound ? "" : ", NOT AS THE POLICY ASKS", lost, skipped) < 0) {
		text = NULL;
		return;
	}
	(void)output_fit(out, text, strlen(text), columns);
}

void top_rows_write_rate_heading(FILE *out, size_t columns)
{
	struct row row = { out, columns };

	add_text(&row, "HOOK", 7);
	add_text(&row, "VERDICT", 7);
	add_text(&row, "   /s", 6);
	add_text(&row, " TOTAL", 6);
	add_text(&row, "LAST MINUTE", row.left);
}

static double find_peak(const struct rates *rates, unsigned int hook, unsigned int verdict,
			unsigned int seconds)
{
	double peak = 0;

	for (unsigned int i = 0; i < seconds; i++)
		if (rates_at(rates, hook, verdict, i) > peak)
			peak = rates_at(rates, hook, verdict, i);
	return peak;
}

/* The latest second to the right; the highest bar is the row's own peak. */
static void add_bars(struct row *row, const struct rates *rates, unsigned int hook, unsigned int verdict)
{
	static const char *const bars[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	unsigned int seconds = row->left < RATES_SECONDS ? (unsigned int)row->left : RATES_SECONDS;
	double peak = find_peak(rates, hook, verdict, seconds);

	for (unsigned int i = seconds; i-- > 0;) {
		double rate = rates_at(rates, hook, verdict, i);
		unsigned int height = rate > 0 ? 1 + (unsigned int)(rate / peak * 7) : 0;

		fputs(bars[height], row->out);
	}
	row->left -= seconds;
}

void top_rows_write_rate(FILE *out, const struct rates *rates, unsigned int hook, unsigned int verdict,
			 size_t columns)
{
	struct row row = { out, columns };

	add_text(&row, section_name(hook), 7);
	add_text(&row, record_verdict_name(verdict), 7);
	add_number(&row, rates_at(rates, hook, verdict, 0));
	add_number(&row, (double)rates->counts[hook][verdict]);
	if (row.left >= 10)
		add_bars(&row, rates, hook, verdict);
}

void top_rows_write_heading(FILE *out, enum top_table table, size_t columns)
{
	static const char *const names[TOP_TABLES] = { "", "PROGRAM", "OBJECT", "RULE" };
	struct row row = { out, columns };

	if (table == TOP_DENIALS) {
		add_text(&row, "FIRST", 8);
		add_text(&row, " TIMES", 6);
		add_text(&row, "WHAT", row.left);
		return;
	}
	add_text(&row, "  /min", 6);
	add_text(&row, " TOTAL", 6);
	if (columns >= NARROW)
		add_text(&row, "DENIED", 6);
	add_text(&row, names[table], row.left);
}

/* When, how often, what; and by whom and why where there is room. */
static void write_denial(struct row *row, const struct tally_entry *entry, size_t columns)
{
	const struct record *record = &entry->last;
	const char *rule = strrchr(record->rule, '/') ? strrchr(record->rule, '/') + 1 : record->rule;
	char when[MOMENT_TEXT_MAX], what[32];
	size_t rest;

	moment_format(entry->first_time, "%H:%M:%S", when);
	log_line_what(record, what, sizeof(what));
	add_text(row, when, 8);
	add_number(row, tally_entry_count(entry));
	if (columns < NARROW) {
		add(row, record->object, record->object_length, row->left);
		return;
	}
	add_text(row, record_verdict_name(record->verdict), 5);
	add_text(row, what, columns < WIDE ? 12 : 15);
	rest = row->left;
	add(row, record->object, record->object_length, rest * (columns < WIDE ? 70 : 45) / 100);
	add_text(row, record_program(record), columns < WIDE ? row->left : rest * 28 / 100);
	add_text(row, rule, row->left);
}

static void write_name(struct row *row, enum top_table table, const struct top_model *model,
		       const struct tally_entry *entry)
{
	const struct record *record = &entry->last;
	const char *text;

	if (table == TOP_PROGRAMS) {
		add_text(row, record_program(record), row->left);
	} else if (table == TOP_OBJECTS) {
		add_text(row, section_name(record->hook), 7);
		add(row, record->object, record->object_length, row->left);
	} else {
		text = rulebook_text(model->book, record);
		add_text(row, section_name(record->hook), 7);
		add_text(row, strrchr(record->rule, '/') ? strrchr(record->rule, '/') + 1 : record->rule,
			 row->left < 50 ? row->left : 18);
		add_text(row, text ? text : record->verb, row->left);
	}
}

void top_rows_write(FILE *out, enum top_table table, const struct top_model *model,
		    const struct tally_entry *entry, size_t columns)
{
	struct row row = { out, columns };

	if (table == TOP_DENIALS) {
		write_denial(&row, entry, columns);
		return;
	}
	add_number(&row, top_model_pace(entry));
	add_number(&row, tally_entry_count(entry));
	if (columns >= NARROW)
		add_number(&row, entry->counts[PC_DENY]);
	write_name(&row, table, model, entry);
}
