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

struct view {
	bool is_json;
	bool is_following;
};

static void show_field(yajl_val record, const char *name)
{
	const char *text = tree_string(record, name);

	output_safe(stdout, text, strlen(text));
}

/* "2026-01-02T03:04:05.678…Z" → "03:04:05.678"; the day is in the JSON. */
static const char *time_of_day(yajl_val record)
{
	const char *time = tree_string(record, "time");

	return strlen(time) > 23 ? time + 11 : "";
}

/*
 * 03:04:05.678 deny  open    /etc/shadow (read)
 *              policy.ini:12 deny.read, cat 4711 of 4700, uid 1000
 */
static void show_record(yajl_val record)
{
	const char *verdict = tree_string(record, "verdict");
	const char *access = tree_string(record, "access");

	printf("%.12s %s%-5s%s %-7s ", time_of_day(record), colour_start(colour_of_verdict(verdict)), verdict, colour_end(),
	       tree_string(record, "hook"));
	show_field(record, "object");
	if (tree_is_true(record, "object_cut"))
		printf("…");
	if (*access)
		printf(" (%s)", access);
	printf("\n             %s", colour_start(COLOUR_FAINT));
	show_field(record, "rule");
	printf(" %s in %s mode, ", tree_string(record, "verb"), tree_string(record, "mode"));
	show_field(record, "comm");
	printf(" %s, uid %s%s\n", tree_number(record, "pid"), tree_number(record, "uid"), colour_end());
}

static void show_line(const struct view *view, const char *line, size_t length)
{
	char error[128] = "";
	yajl_val record;

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
	const struct view *view = userdata;
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

	if (args->given & ARGS_COUNT)
		log.count = args->count;
	return connection_ask(args->socket, PC_CTL_LOG, &log, sizeof(log), on_frame, &view);
}
