/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_hits.c - how often rules decided, as far as the daemon has to do with it. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "events.h"
#include "log.h"
#include "ownership.h"
#include "rule_hits.h"

int rule_hits_take(const struct daemon *daemon, struct pc_hit **ret_counts)
{
	const struct generation *live = generations_live(daemon->generations);
	_cleanup_free_ struct pc_hit *counts = calloc(live->rule_end, sizeof(*counts));
	int r;

	if (!counts)
		return -ENOMEM;
	r = kernel_hits(daemon->kernel, counts, live->rule_end);
	if (r < 0)
		return r;
	*ret_counts = take_ptr(counts);
	return 0;
}

void rule_hits_carry(const struct daemon *daemon, const struct generation *before)
{
	const struct generation *live = generations_live(daemon->generations);
	_cleanup_(kernel_hits_close) struct kernel_hits_view view = {};
	int r = kernel_hits_view(daemon->kernel, before->rule_end, live->rule_end, &view);

	if (r >= 0)
		r = hits_carry(before, view.before, live, view.live);
	if (r < 0)
		log_error_errno(r, "the hits of all rules are counted anew: those of the policy before are lost");
}

/* What all the rules have in common, as a line of JSON. */
static int write_head(const struct daemon *daemon, FILE *out)
{
	const struct generation *live = generations_live(daemon->generations);
	const char *policy = daemon->options.policy, *text;
	char time[EVENT_TIME_MAX];
	struct line line = {};
	size_t length;
	int r;

	event_format_time(clock_realtime(), time);
	line_begin(&line);
	line_key_clean(&line, "policy", policy, strlen(policy));
	line_key_hex64(&line, "generation", live->id);
	line_key_string(&line, "time", time);
	line_key(&line, "profiles");
	line_open(&line, '[');
	for (__u32 i = 1; i <= live->profile_count; i++)
		line_string(&line, generation_profile(live, i), strlen(generation_profile(live, i)));
	line_close(&line, ']');
	r = line_end(&line, &text, &length);
	if (r >= 0)
		fprintf(out, "%.*s\n", (int)length, text);
	line_done(&line);
	return r;
}

enum pc_ctl_result request_rules(void *userdata, FILE *out, struct rule_list **ret_list)
{
	struct daemon *daemon = userdata;
	_cleanup_free_ struct pc_hit *counts = NULL;
	int r = rule_hits_take(daemon, &counts);

	if (r < 0) {
		fprintf(out, "error: the kernel does not tell how often rules decided: %s\n", strerror(-r));
		log_error_errno(r, "cannot tell how often rules decided");
		return PC_CTL_FAILED;
	}
	r = write_head(daemon, out);
	if (r >= 0)
		r = rule_list_new(daemon->generations, counts, ret_list);
	if (r < 0) {
		fprintf(out, "error: cannot tell the rules: %s\n", strerror(-r));
		return PC_CTL_FAILED;
	}
	(void)take_ptr(counts);
	return PC_CTL_FINE;
}
