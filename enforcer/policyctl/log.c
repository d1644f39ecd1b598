/* SPDX-License-Identifier: GPL-2.0-only */
/* log.c - `policyctl log`: records of the daemon, and those that come; or of files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "log_line.h"
#include "ownership.h"
#include "source.h"
#include "verbs.h"

/* As tail -f does. */
#define FOLLOW_DEFAULT 10
#define ALL 1000000

struct view {
	const struct args *args;
	struct filter filter;
	struct rulebook *book; /* NULL: none is to be had, or not asked for yet */
	bool is_book_due;
	char generation[24]; /* of the policy that the book is of, if that is followed */
	struct log_layout layout;
	char **last; /* the last ones, if only so many are wanted: number n at n % args->count */
	unsigned long long matched;
};

static void view_done(struct view *view)
{
	for (unsigned int i = 0; view->last && i < view->args->count; i++)
		free(view->last[i]);
	free(view->last);
	(void)rulebook_close(view->book);
	filter_done(&view->filter);
}

static bool has_files(const struct args *args)
{
	return args->operand_count > 0;
}

static void show(const struct view *view, const struct record *record, const char *text)
{
	if (view->args->given & ARGS_JSON)
		puts(text);
	else
		log_line_write(stdout, &view->layout, view->book, record);
}

static int keep(struct view *view, const struct source_line *line)
{
	char **place = &view->last[view->matched % view->args->count];

	free(*place);
	*place = strdup(line->text);
	return *place ? 0 : -ENOMEM;
}

/*
 * Not before there is a record: who can't ask the daemon is told so once. What is followed may be of a policy that was
 * loaded since.
 */
static void find_book(struct view *view, const struct record *record)
{
	bool is_followed = view->args->given & ARGS_FOLLOW && !(view->args->given & ARGS_POLICY);

	if (is_followed && view->book && strcmp(view->generation, record->generation) != 0)
		view->is_book_due = true;
	if (!view->is_book_due)
		return;
	view->is_book_due = false;
	view->book = rulebook_close(view->book);
	(void)rulebook_find(view->args, !has_files(view->args), &view->book);
	(void)snprintf(view->generation, sizeof(view->generation), "%s", record->generation);
}

static int on_record(const struct record *record, const struct source_line *line, void *userdata)
{
	struct view *view = userdata;
	int r = 0;

	find_book(view, record);
	if (!filter_matches(&view->filter, record, view->book))
		return 0;
	if (view->last)
		r = keep(view, line);
	else
		show(view, record, line->text);
	view->matched++;
	/* Who follows wants to see now, and ends with the reader of a pipe. */
	if (r == 0 && view->args->given & ARGS_FOLLOW && fflush(stdout) != 0)
		return -EPIPE;
	return r;
}

static void show_last(const struct view *view)
{
	unsigned int count = view->args->count;
	struct record record;
	const char *why;

	for (unsigned long long i = view->matched > count ? view->matched - count : 0; i < view->matched;
	     i++) {
		const char *text = view->last[i % count];

		if (!text || record_parse(text, strlen(text), &record, &why) < 0)
			continue;
		show(view, &record, text);
		record_done(&record);
	}
}

static int prepare(struct view *view)
{
	const struct args *args = view->args;
	bool is_limited = args->given & ARGS_COUNT && !(args->given & ARGS_FOLLOW);

	if (has_files(args) && args->given & ARGS_FOLLOW) {
		fprintf(stderr,
			"policyctl: -f follows the daemon; for a file: tail -F FILE | policyctl log -\n");
		return -EINVAL;
	}
	if (filter_from_args(args, &view->filter) < 0)
		return -EINVAL;
	/* The texts of rules are shown to people, and asked for by --rule. */
	view->is_book_due = !(args->given & ARGS_JSON) || view->filter.rules.count > 0;
	if (args->given & ARGS_POLICY) {
		view->is_book_due = false;
		if (rulebook_find(args, false, &view->book) < 0)
			return -EINVAL;
	}
	view->layout = log_layout_for_stdout();
	if (is_limited && args->count > 0)
		view->last = calloc(args->count, sizeof(*view->last));
	return is_limited && args->count > 0 && !view->last ? -ENOMEM : 0;
}

static int read_records(struct view *view)
{
	const struct args *args = view->args;
	struct pc_ctl_log question = { .count = ALL, .is_following = (args->given & ARGS_FOLLOW) != 0 };

	if (has_files(args)) {
		/* Perhaps of a program that goes on writing. */
		(void)setvbuf(stdout, NULL, _IOLBF, 0);
		return source_read_files(args->operands, (size_t)args->operand_count, on_record, view);
	}
	if (question.is_following)
		question.count = args->given & ARGS_COUNT ? args->count : FOLLOW_DEFAULT;
	return source_ask_daemon(args->socket, &question, on_record, view);
}

int log_run(const struct args *args)
{
	_cleanup_(view_done) struct view view = { .args = args };
	int r;

	if (prepare(&view) < 0)
		return EXIT_REFUSED;
	if (args->given & ARGS_COUNT && args->count == 0 && !(args->given & ARGS_FOLLOW))
		return EXIT_FINE;
	r = read_records(&view);
	if (view.last)
		show_last(&view);
	/* Silence could as well be a failure. */
	if (r == EXIT_FINE && view.matched == 0 && !(args->given & ARGS_FOLLOW))
		fprintf(stderr,
			args->value_count > 0 ? "policyctl: no record is like that\n"
			: has_files(args)
				? "policyctl: there are no records in it\n"
				: "policyctl: nothing has been recorded yet; -f waits for what comes\n");
	return r;
}
