/* SPDX-License-Identifier: GPL-2.0-only */
/* log.c - `policyctl log`: the records that the daemon holds, and those that come. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "output.h"
#include "tree.h"
#include "verbs.h"

/* As tail -f does. */
#define FOLLOW_DEFAULT 10
#define ALL 1000000
/* Most names and rules fit; a line with the longest of them still fits a wide terminal. */
#define OBJECT_WIDTH 32
#define RULE_WIDTH 13

struct view {
	bool is_json;
	bool is_following;
	unsigned long long shown;
};

/* Padded, so that what follows stands below its like; a longer one just goes on. */
static void show_padded(const char *text, const char *after, size_t width)
{
	size_t columns = output_safe(stdout, text, strlen(text)) + output_safe(stdout, after, strlen(after));

	printf("%*s", (int)(columns < width ? width - columns : 0), "");
}

/* "2026-01-02T03:04:05.678…Z" → "03:04:05.678"; the day is in the JSON. */
static const char *time_of_day(yajl_val record)
{
	const char *time = tree_string(record, "time");

	return strlen(time) > 23 ? time + 11 : "";
}

/* "/etc/portcullis/policy.ini:12" → "policy.ini:12"; the folder is in the JSON. */
static const char *base_of(const char *rule)
{
	const char *slash = strrchr(rule, '/');

	return slash ? slash + 1 : rule;
}

/* 03:04:05.678 deny  open    read       /etc/shadow                      policy.ini:12 never  cat 4711 uid 1000 */
static void show_record(yajl_val record)
{
	const char *verdict = tree_string(record, "verdict");

	printf("%.12s %s%-5s%s %-7s %-10s ", time_of_day(record), colour_start(colour_of_verdict(verdict)), verdict,
	       colour_end(), tree_string(record, "hook"), tree_string(record, "access"));
	show_padded(tree_string(record, "object"), tree_is_true(record, "object_cut") ? "…" : "", OBJECT_WIDTH);
	printf(" %s", colour_start(COLOUR_FAINT));
	show_padded(base_of(tree_string(record, "rule")), "", RULE_WIDTH);
	printf(" %-5s ", tree_string(record, "verb"));
	show_padded(tree_string(record, "comm"), "", 0);
	printf(" %s uid %s%s\n", tree_number(record, "pid"), tree_number(record, "uid"), colour_end());
}

static void show_line(struct view *view, const char *line, size_t length)
{
	char error[128] = "";
	yajl_val record;

	view->shown++;
	if (view->is_json) {
		(void)fwrite(line, 1, length, stdout);
		putchar('\n');
		return;
	}
	record = yajl_tree_parse(line, error, sizeof(error));
	if (!record) {
		fprintf(stderr, "policyctl: the daemon sent a record that is no JSON: %s\n", error);
		return;
	}
	show_record(record);
	yajl_tree_free(record);
}

static int on_frame(enum pc_ctl_type type, const char *body, size_t length, void *userdata)
{
	struct view *view = userdata;
	struct pc_ctl_skipped skipped;

	if (type == PC_CTL_RECORD)
		show_line(view, body, length);
	if (type == PC_CTL_SKIPPED && length == sizeof(skipped)) {
		memcpy(&skipped, body, sizeof(skipped));
		fprintf(stderr, "policyctl: %llu records came too fast to be shown; the decision log has them\n",
			(unsigned long long)skipped.count);
	}
	if (type == PC_CTL_TEXT)
		(void)fwrite(body, 1, length, stderr);
	/* Who follows wants to see now, and ends with the reader of a pipe. */
	return view->is_following && fflush(stdout) != 0 ? -1 : 0;
}

int log_run(const struct args *args)
{
	struct view view = {
		.is_json = args->given & ARGS_JSON,
		.is_following = args->given & ARGS_FOLLOW,
	};
	struct pc_ctl_log log = { .count = view.is_following ? FOLLOW_DEFAULT : ALL, .is_following = view.is_following };
	int r;

	if (args->given & ARGS_COUNT)
		log.count = args->count;
	r = connection_ask(args->socket, PC_CTL_LOG, &log, sizeof(log), on_frame, &view);
	/* Silence could as well be a failure. */
	if (r == EXIT_FINE && view.shown == 0 && log.count > 0 && !view.is_following)
		fprintf(stderr, "policyctl: nothing has been recorded yet; -f waits for what comes\n");
	return r;
}
