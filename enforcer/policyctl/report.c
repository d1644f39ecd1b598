/* SPDX-License-Identifier: GPL-2.0-only */
/* report.c - `policyctl report`: a page about the decisions of a span of time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ownership.h"
#include "report_page.h"
#include "source.h"
#include "text/atomic_file.h"
#include "verbs.h"

/* All that the daemon holds. */
#define HELD 1000000

struct report {
	const struct args *args;
	struct report_data data;
	bool is_book_due;
};

static void report_done(struct report *report)
{
	report_data_done(&report->data);
}

static bool has_files(const struct args *args)
{
	return args->operand_count > 0;
}

static int on_record(const struct record *record, const struct source_line *line, void *userdata)
{
	struct report *report = userdata;

	/* Not before there is a record: who can't ask the daemon is told so once. */
	if (report->is_book_due)
		(void)rulebook_find(report->args, !has_files(report->args), &report->data.book);
	report->is_book_due = false;
	report_data_add(&report->data, record, line);
	return 0;
}

static int read_records(struct report *report)
{
	const struct args *args = report->args;
	struct pc_ctl_log question = { .count = HELD };

	if (has_files(args))
		return source_read_files(args->operands, (size_t)args->operand_count, on_record, report);
	fprintf(stderr,
		"policyctl: this is of the last 1024 records at most; a report of more names decision logs\n");
	return source_ask_daemon(args->socket, &question, on_record, report);
}

static int tell(const char *path, int error)
{
	fprintf(stderr, "policyctl: cannot write %s: %s\n", path,
		error == EEXIST ? "it is no regular file; - is stdout" : strerror(error));
	return EXIT_REFUSED;
}

static int write_page(const struct report_page *page)
{
	_cleanup_(atomic_file_done) struct atomic_file file = {};
	const char *path = page->args->html;
	int r;

	if (strcmp(path, "-") == 0) {
		r = report_page_write(stdout, page);
		return r < 0 ? tell("the page", -r) : EXIT_FINE;
	}
	r = atomic_file_open(path, &file);
	if (r == 0)
		r = report_page_write(file.out, page);
	if (r == 0)
		r = atomic_file_commit(&file);
	return r < 0 ? tell(path, -r) : EXIT_FINE;
}

static int prepare(struct report *report)
{
	const struct args *args = report->args;

	if (!args->html) {
		fprintf(stderr, "policyctl: report needs --html FILE\n");
		return -EINVAL;
	}
	if (report_data_init(&report->data, (size_t)args->operand_count) < 0) {
		fprintf(stderr, "policyctl: out of memory\n");
		return -ENOMEM;
	}
	if (filter_from_args(args, &report->data.filter) < 0)
		return -EINVAL;
	report->is_book_due = !(args->given & ARGS_POLICY);
	return report->is_book_due ? 0 : rulebook_find(args, false, &report->data.book);
}

int report_run(const struct args *args)
{
	_cleanup_(report_done) struct report report = { .args = args };
	struct report_page page = { .args = args, .data = &report.data };
	int r, written;

	if (prepare(&report) < 0)
		return EXIT_REFUSED;
	r = read_records(&report);
	/* Without the daemon there is nothing to tell; of logs, what could be read is worth a page. */
	if (r == EXIT_UNREACHABLE || (r != EXIT_FINE && report.data.records == 0))
		return r;
	page.is_incomplete = r != EXIT_FINE;
	written = write_page(&page);
	if (written == EXIT_FINE && report.data.records == 0)
		fprintf(stderr, "policyctl: no record is like that; the page says so\n");
	return written != EXIT_FINE ? written : r;
}
