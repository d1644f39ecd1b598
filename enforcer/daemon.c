/* SPDX-License-Identifier: GPL-2.0-only */
/* daemon.c - start, run, end with the accounts balanced. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "clock.h"
#include "daemon.h"
#include "kernel_counters.h"
#include "last_good.h"
#include "log.h"
#include "ownership.h"
#include "start.h"
#include "trial.h"

static void daemon_freep(struct daemon **daemon)
{
	(void)daemon_free(*daemon);
}

int daemon_start(const struct options *options, struct daemon **ret_daemon)
{
	_cleanup_(daemon_freep) struct daemon *daemon = calloc(1, sizeof(*daemon));
	_cleanup_(candidate_done) struct candidate candidate = {};
	const struct generation *live;
	int r;

	if (!daemon)
		return -ENOMEM;
	daemon->options = *options;
	daemon->lock_fd = -1;
	daemon->started = clock_boottime();
	daemon->started_at = clock_realtime();
	daemon->generations = generations_new();
	if (!daemon->generations)
		return -ENOMEM;
	r = start_steps(daemon, &candidate);
	if (r < 0)
		return r;
	(void)malloc_trim(0);
	daemon->last_load = clock_realtime();
	live = generations_live(daemon->generations);
	log_info("ready: %s, %u rules, generation %016llx", daemon->fallback[0] ? LAST_GOOD_FILE : options->policy, generation_rules(live),
		 (unsigned long long)live->id);
	(void)sd_notify(false, "READY=1");
	*ret_daemon = take_ptr(daemon);
	return 0;
}

int daemon_run(struct daemon *daemon)
{
	int r = sd_event_loop(daemon->event);

	if (r < 0)
		return log_error_errno(r, "the event loop broke");
	return 0;
}

/* ---- The end. ---- */

/* What was decided, and what became of it. */
static void tell_balance(const struct daemon *daemon)
{
	__u64 sum[PC_FATES], fates = 0;
	struct pc_counters counters;
	struct kernel_told told;

	if (kernel_counters(daemon->kernel, &counters) < 0)
		return;
	kernel_told(daemon->kernel, &told);
	for (unsigned int f = 0; f < PC_FATES; f++)
		sum[f] = counters_sum(&counters, f);
	for (size_t f = PC_LOGGED; f < PC_FATES; f++)
		fates += sum[f];
	log_info("ended: %llu decided = %llu logged + %llu coalesced + %llu unlogged + %llu lost; %llu records taken, %llu unwritten",
		 (unsigned long long)sum[PC_DECIDED], (unsigned long long)sum[PC_LOGGED],
		 (unsigned long long)sum[PC_COALESCED], (unsigned long long)sum[PC_UNLOGGED],
		 (unsigned long long)sum[PC_LOST], (unsigned long long)told.records,
		 (unsigned long long)outputs_lost(daemon->outputs));
	if (kernel_outlives(daemon->kernel))
		log_info("the policy goes on: 'policyctl detach --yes' ends it");
	else if (sum[PC_DECIDED] != fates || sum[PC_LOGGED] != told.records ||
		 sum[PC_COALESCED] != told.repeats)
		log_warning("these do not balance: decisions went unrecorded");
}

/* What is in the rings is written. Where nothing is decided any more, they come to an end; else the next daemon goes on. */
static void end_records(struct daemon *daemon)
{
	if (!daemon->records)
		return;
	kernel_stop(daemon->kernel);
	records_drain(daemon->records, daemon->kernel);
	if (daemon->repeats)
		repeats_end(daemon->repeats);
	if (daemon->control)
		control_wake(daemon->control);
	outputs_end(daemon->outputs);
	tell_balance(daemon);
}

struct daemon *daemon_free(struct daemon *daemon)
{
	if (!daemon)
		return NULL;
	end_records(daemon);
	daemon->follow = sd_event_source_disable_unref(daemon->follow);
	daemon->proof = sd_event_source_disable_unref(daemon->proof);
	daemon->audit_end = sd_event_source_disable_unref(daemon->audit_end);
	trial_done(daemon);
	daemon->watch = watch_free(daemon->watch);
	daemon->metrics = http_free(daemon->metrics);
	daemon->control = control_free(daemon->control);
	daemon->repeats = repeats_free(daemon->repeats);
	daemon->records = records_free(daemon->records);
	daemon->outputs = outputs_free(daemon->outputs);
	/* A policy is being compiled: what its thread uses is left to the end of the process, which is near. */
	if (daemon->reload && !reload_is_idle(daemon->reload))
		return NULL;
	daemon->reload = reload_free(daemon->reload);
	daemon->kernel = kernel_close(daemon->kernel);
	daemon->generations = generations_free(daemon->generations);
	daemon->event = sd_event_unref(daemon->event);
	if (daemon->lock_fd >= 0)
		(void)close(daemon->lock_fd);
	config_done(&daemon->config);
	free(daemon);
	return NULL;
}
