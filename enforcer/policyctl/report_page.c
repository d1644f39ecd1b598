/* SPDX-License-Identifier: GPL-2.0-only */
/* report_page.c - a report as one page of HTML. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "html.h"
#include "log_line.h"
#include "moment.h"
#include "ownership.h"
#include "report_page.h"
#include "words.h"

/* Rows of a table. */
#define ROWS_MAX 100
#define WHEN "%F %T"

struct page_table {
	const char *title;
	const char *about;
	const char *nothing;
	const char *heading; /* of its first columns, or NULL: times, program, object and rule */
};

static const struct page_table tables[REPORT_TABLES] = {
	[REPORT_BROKEN] = { "What enforce mode would have broken",
			    "Decisions that passed only because the policy, or a part of it, is in audit mode.",
			    "Nothing: no recorded decision would have been another one.", NULL },
	[REPORT_DENIED] = { "What was denied", "Decisions that were enforced.", "Nothing.", NULL },
	[REPORT_PROGRAMS] = { "By program", NULL, "Nothing.", "Program" },
	[REPORT_RULES] = { "By rule", NULL, "Nothing.", "Rule" },
	[REPORT_OBJECTS] = { "By object", NULL, "Nothing.", "Object" },
};

/* ---- Head ---- */

static int make_nonce(char out[33])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -errno;
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* The style sheet alone is let in, by a number that nobody who chose a name in here could know. */
static void write_start(FILE *out, const char *nonce)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-%s'; "
		"base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<title>Portcullis: decisions</title>\n<style nonce=\"%s\">\n%s</style>\n</head>\n<body>\n",
		nonce, nonce, report_style);
}

static void write_moment(FILE *out, __u64 moment, const char *format)
{
	char text[MOMENT_TEXT_MAX];

	moment_format(moment, format, text);
	html_text(out, text);
}

static void write_span(FILE *out, const struct report_data *data)
{
	__u64 from = data->filter.since ? data->filter.since : data->first;
	__u64 to = data->filter.until ? data->filter.until : data->last;

	if (data->records == 0 && (from == 0 || to == 0)) {
		fprintf(out, "<p>No record.</p>\n");
		return;
	}
	fprintf(out, "<p>From ");
	write_moment(out, from, WHEN);
	fprintf(out, " to ");
	write_moment(out, to > from ? to : from, WHEN);
	fprintf(out, " (");
	write_moment(out, from, "%Z");
	fprintf(out, ")</p>\n");
}

static void write_filters(FILE *out, const struct args *args)
{
	if (args->value_count == 0)
		return;
	fprintf(out, "<p class=\"faint\">Only <code>");
	for (int i = 0; i < args->value_count; i++) {
		fprintf(out, "%s%s ", i ? " " : "", args_option_name(args->values[i].option));
		html_text(out, args->values[i].text);
	}
	fprintf(out, "</code></p>\n");
}

static void write_sources(FILE *out, const struct report_page *page)
{
	fprintf(out, "<p class=\"faint\">Made ");
	write_moment(out, moment_now(), WHEN);
	fprintf(out, " by policyctl %s of ", PORTCULLIS_VERSION);
	if (page->args->operand_count == 0)
		fprintf(out, "the records that the daemon held");
	for (int i = 0; i < page->args->operand_count; i++) {
		fprintf(out, "%s<code>", i ? ", " : "");
		html_text(out,
			  strcmp(page->args->operands[i], "-") == 0 ? "(stdin)" : page->args->operands[i]);
		fprintf(out, "</code>");
	}
	fprintf(out, ".%s</p>\n",
		page->is_incomplete ? " <strong>Not all of it could be read.</strong>" : "");
}

static void write_sum(FILE *out, const char *name, const char *class, double number)
{
	fprintf(out, "<div><dt>%s</dt><dd class=\"%s\">", name, class);
	html_number(out, number);
	fprintf(out, "</dd></div>\n");
}

static void write_sums(FILE *out, const struct report_data *data)
{
	fprintf(out, "<dl class=\"sums\">\n");
	write_sum(out, "decisions recorded", "",
		  data->counts[PC_DENY] + data->counts[PC_AUDIT] + data->counts[PC_ALLOW]);
	write_sum(out, "denied", "deny", data->counts[PC_DENY]);
	write_sum(out, "would be denied", "audit", data->counts[PC_AUDIT] - data->watched);
	write_sum(out, "passed, but audited", "audit", data->watched);
	write_sum(out, "allowed", "allow", data->counts[PC_ALLOW]);
	write_sum(out, "records missing", data->missing > 0 ? "deny" : "", (double)data->missing);
	fprintf(out, "</dl>\n");
}

/* ---- Timeline ---- */

static void write_key(FILE *out, const char *class, const char *text)
{
	fprintf(out,
		"<li><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"%s\" width=\"10\" height=\"10\"/></svg>%s</li>",
		class, text);
}

static void write_timeline(FILE *out, const struct timeline *timeline)
{
	char width[64];

	fprintf(out, "<h2>Over time</h2>\n");
	if (timeline->used == 0) {
		fprintf(out, "<p>Nothing.</p>\n");
		return;
	}
	fprintf(out, "<p class=\"faint\">Decisions by verdict; a bar is %s.</p>\n",
		timeline_describe_width(timeline, width, sizeof(width)));
	report_chart_write(out, timeline);
	fprintf(out, "<ul class=\"key\">");
	write_key(out, "deny", "denied");
	write_key(out, "audit", "would be denied, or audited");
	write_key(out, "allow", "allowed");
	fprintf(out, "</ul>\n");
}

/* ---- Tables ---- */

static void write_number_cell(FILE *out, const char *class, double number)
{
	fprintf(out, "<td class=\"number %s\">", number > 0 ? class : "faint");
	html_number(out, number);
	fprintf(out, "</td>");
}

static void write_object_cell(FILE *out, const struct record *record)
{
	char what[32];

	log_line_what(record, what, sizeof(what));
	fprintf(out, "<td class=\"name\">");
	html_bytes(out, record->object, record->object_length);
	fprintf(out, "%s<small>%s", record->is_cut ? "…" : "", section_name(record->hook));
	if (strchr(what, ' '))
		html_text(out, strchr(what, ' '));
	fprintf(out, "</small></td>");
}

static void write_rule_cell(FILE *out, const struct report_data *data, const struct record *record,
			    bool has_hook)
{
	const char *slash = strrchr(record->rule, '/'), *text = rulebook_text(data->book, record);

	fprintf(out, "<td class=\"name\">");
	html_text(out, slash ? slash + 1 : *record->rule ? record->rule : "unknown");
	fprintf(out, "<small>");
	if (has_hook)
		fprintf(out, "%s: ", section_name(record->hook));
	/* A verb alone says less than the line, but it is of the record itself. */
	html_text(out, text ? text : record->verb);
	fprintf(out, "</small></td>");
}

static void write_program_cell(FILE *out, const struct record *record, bool has_profile)
{
	fprintf(out, "<td class=\"name\">");
	html_text(out, *record_program(record) ? record_program(record) : "unknown");
	if (has_profile && *record->profile) {
		fprintf(out, "<small>as ");
		html_text(out, record->profile);
		fprintf(out, "</small>");
	}
	fprintf(out, "</td>");
}

static void write_group_row(FILE *out, const struct report_data *data, const struct tally_entry *entry)
{
	write_number_cell(out, "", tally_entry_count(entry));
	write_program_cell(out, &entry->last, true);
	write_object_cell(out, &entry->last);
	write_rule_cell(out, data, &entry->last, false);
	fprintf(out, "<td class=\"when\">");
	write_moment(out, entry->last_time, WHEN);
	fprintf(out, "</td>");
}

/* Of what the first row has, by verdict. */
static void write_share_cell(FILE *out, const struct tally_entry *entry, double most)
{
	double x = 0;

	fprintf(out,
		"<td class=\"share\"><svg class=\"share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\">");
	for (unsigned int i = 0; i < PC_NO_VERDICT; i++) {
		double width = most > 0 ? entry->counts[i] / most * 100 : 0;

		if (width > 0)
			fprintf(out, "<rect class=\"%s\" x=\"%.2f\" width=\"%.2f\" height=\"10\"/>",
				record_verdict_name(i), x, width);
		x += width;
	}
	fprintf(out, "</svg></td>");
}

static void write_count_row(FILE *out, const struct report_data *data, enum report_table table,
			    const struct tally_entry *entry, double most)
{
	if (table == REPORT_PROGRAMS)
		write_program_cell(out, &entry->last, false);
	else if (table == REPORT_RULES)
		write_rule_cell(out, data, &entry->last, true);
	else
		write_object_cell(out, &entry->last);
	write_number_cell(out, "deny", entry->counts[PC_DENY]);
	write_number_cell(out, "audit", entry->counts[PC_AUDIT]);
	write_number_cell(out, "allow", entry->counts[PC_ALLOW]);
	write_number_cell(out, "", tally_entry_count(entry));
	write_share_cell(out, entry, most);
}

static void write_heading(FILE *out, const struct page_table *table)
{
	fprintf(out, "<div class=\"table\"><table%s><thead><tr>", table->heading ? " class=\"counts\"" : "");
	if (table->heading)
		fprintf(out,
			"<th>%s</th><th class=\"number\">denied</th><th class=\"number\">audit</th>"
			"<th class=\"number\">allowed</th><th class=\"number\">all</th><th class=\"share\"></th>",
			table->heading);
	else
		fprintf(out, "<th class=\"number\">Times</th><th>Program</th><th>Object</th><th>Rule</th>"
			     "<th class=\"when\">Last time</th>");
	fprintf(out, "</tr></thead><tbody>\n");
}

/* What is not on the page, and how far the numbers on it may be off. */
static void write_limits(FILE *out, const struct tally *tally, size_t shown)
{
	if (tally_slack(tally) > 0) {
		fprintf(out,
			"<p class=\"faint\">The first %zu, of more than could all be counted: each may have come up to ",
			shown);
		html_number(out, tally_slack(tally));
		fprintf(out, " times more, and what was never counted came no more often than that.</p>\n");
	} else if (tally_count(tally) > shown) {
		fprintf(out, "<p class=\"faint\">The first %zu of %zu.</p>\n", shown, tally_count(tally));
	}
}

static void write_table(FILE *out, struct report_data *data, enum report_table table)
{
	const struct page_table *words = &tables[table];
	const struct tally_entry *list[ROWS_MAX];
	size_t count = tally_list(data->tables[table], TALLY_MOST, list, ROWS_MAX);

	fprintf(out, "<h2>%s</h2>\n", words->title);
	if (words->about)
		fprintf(out, "<p class=\"faint\">%s</p>\n", words->about);
	if (count == 0) {
		fprintf(out, "<p>%s</p>\n", words->nothing);
		return;
	}
	write_heading(out, words);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "<tr>");
		if (words->heading)
			write_count_row(out, data, table, list[i], tally_entry_count(list[0]));
		else
			write_group_row(out, data, list[i]);
		fprintf(out, "</tr>\n");
	}
	fprintf(out, "</tbody></table></div>\n");
	write_limits(out, data->tables[table], count);
}

/* ---- Losses ---- */

static void write_gap(FILE *out, const struct report_gap *gap)
{
	fprintf(out, "<tr><td class=\"name\">");
	html_text(out, gap->name ? gap->name : "the daemon");
	fprintf(out, "</td><td class=\"when\">");
	write_moment(out, gap->from, WHEN);
	fprintf(out, "</td><td class=\"when\">");
	write_moment(out, gap->to, WHEN);
	fprintf(out, "</td>");
	write_number_cell(out, "deny", (double)gap->missing);
	fprintf(out, "</tr>\n");
}

static void write_losses(FILE *out, const struct report_data *data)
{
	fprintf(out, "<h2>Losses</h2>\n");
	if (data->gap_count == 0) {
		fprintf(out,
			"<p>None: the numbers of the records follow each other. What the kernel itself could not hand over is "
			"counted by <code>policyctl status</code>.</p>\n");
		return;
	}
	fprintf(out, "<p>The numbers of the records have holes: ");
	html_number(out, (double)data->missing);
	fprintf(out, " are missing, at ");
	html_number(out, (double)data->gap_count);
	fprintf(out,
		" place%s.</p>\n<div class=\"table\"><table><thead><tr><th>Log</th><th class=\"when\">After</th>"
		"<th class=\"when\">Before</th><th class=\"number\">Missing</th></tr></thead><tbody>\n",
		data->gap_count == 1 ? "" : "s");
	for (__u64 i = 0; i < data->gap_count && i < REPORT_GAPS_MAX; i++)
		write_gap(out, &data->gaps[i]);
	fprintf(out, "</tbody></table></div>\n");
	if (data->gap_count > REPORT_GAPS_MAX)
		fprintf(out, "<p class=\"faint\">The first %d.</p>\n", REPORT_GAPS_MAX);
}

int report_page_write(FILE *out, const struct report_page *page)
{
	char nonce[33];
	int r = make_nonce(nonce);

	if (r < 0)
		return r;
	write_start(out, nonce);
	fprintf(out, "<header>\n<h1>Decisions by policy</h1>\n");
	write_span(out, page->data);
	write_filters(out, page->args);
	write_sources(out, page);
	fprintf(out, "</header>\n<main>\n");
	write_sums(out, page->data);
	write_timeline(out, &page->data->timeline);
	for (unsigned int i = 0; i < REPORT_TABLES; i++)
		write_table(out, page->data, i);
	write_losses(out, page->data);
	fprintf(out, "</main>\n</body>\n</html>\n");
	return 0;
}
