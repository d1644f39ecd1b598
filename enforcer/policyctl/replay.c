/* SPDX-License-Identifier: GPL-2.0-only */
/* replay.c - `policyctl replay`: which past decisions a policy would change. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "changes_output.h"
#include "learn/past.h"
#include "logs.h"
#include "ownership.h"
#include "verbs.h"

struct replay {
	struct policy *policy;
	struct image *image;
	struct changes changes;
};

static void replay_done(struct replay *replay)
{
	changes_done(&replay->changes);
	(void)image_free(replay->image);
	(void)policy_free(replay->policy);
}

/* Of a policy that is wrong all errors are shown; of one that is fine, nothing: that is what check is for. */
static int load(const struct args *args, struct replay *replay)
{
	struct policy_options options = { .root = args->root };
	struct diags d = {};
	int r = policy_load(args->policy, &options, &d, &replay->policy);

	if (r == 0)
		r = image_compile(replay->policy, &d, &replay->image);
	if (r < 0) {
		diags_sort(&d);
		diags_print(&d, stderr);
		if (d.errors == 0)
			fprintf(stderr, "policyctl: cannot load %s: %s\n", args->policy, strerror(-r));
	}
	diags_done(&d);
	return r;
}

/* Whether the program would be put into a profile now: by what the record says of it, which is not all. */
static bool is_newly_profiled(const struct record *record, const struct image *image)
{
	const __u32 group = (__u32)strtoul(record->gid, NULL, 10);
	struct image_task task = { .user = (__u32)strtoul(record->uid, NULL, 10), .groups = &group, .group_count = 1 };

	if (*record->profile || *record_program(record) != '/')
		return false;
	if (*record->cgroup)
		task.cgroup = record->cgroup;
	return image_choose(image, record_program(record), &task) > 0;
}

static int take_record(const struct record *record, const char *why, const struct loc *loc, void *userdata)
{
	struct replay *replay = userdata;
	unsigned long long count = record ? record->repeats : 1;
	struct pc_answer answer;
	struct past past;
	int r = -EINVAL;

	replay->changes.decisions += count;
	if (record)
		r = past_question(record, replay->policy, &past, &why);
	if (r == 0)
		r = past_ask(&past, replay->image, &answer, &why);
	if (r == -EINVAL)
		unjudged_add(&replay->changes.unjudged, why, loc, count);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (is_newly_profiled(record, replay->image))
		replay->changes.newly_profiled += count;
	return changes_add(&replay->changes, record, &answer);
}

int replay_run(const struct args *args)
{
	_cleanup_(replay_done) struct replay replay = {};
	int r;

	if (!(args->given & ARGS_POLICY)) {
		fprintf(stderr, "policyctl: replay needs --policy FILE: the policy to ask\n");
		return EXIT_REFUSED;
	}
	if (load(args, &replay) < 0)
		return EXIT_REFUSED;
	r = logs_read(args->operands, args->operand_count, take_record, &replay);
	if (r == 0)
		r = changes_sort(&replay.changes);
	if (r == -ENOMEM)
		fprintf(stderr, "policyctl: out of memory\n");
	if (r < 0)
		return EXIT_REFUSED;
	if (args->given & ARGS_JSON)
		changes_show_json(&replay.changes, replay.image);
	else
		changes_show(&replay.changes, replay.image);
	return replay.changes.by_verdict[PC_DENY] > 0 ? EXIT_REFUSED : EXIT_FINE;
}
