/* SPDX-License-Identifier: GPL-2.0-only */
/* trial.c - what ends by itself: a policy on trial, and an audit mode for some time. */
#include "trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "clock.h"
#include "last_good.h"
#include "log.h"
#include "ownership.h"
#include "requests.h"

#define NS_PER_S 1000000000ULL
#define ACCURACY_US 100000U
/* A policy that is being compiled is let come to its end first. */
#define BUSY_US 200000U

struct trial_policy {
	struct pc_image_header *header; /* owned */
	struct policy_marks marks;
};

struct trial {
	sd_event_source *timer;
	struct trial_policy *before;
	__u64 until; /* CLOCK_BOOTTIME, ns */
};

struct trial_policy *trial_policy_free(struct trial_policy *policy)
{
	if (!policy)
		return NULL;
	free(policy->header);
	free(policy);
	return NULL;
}

struct trial_policy *trial_policy_take(const struct daemon *daemon)
{
	struct trial_policy *policy = calloc(1, sizeof(*policy));
	__u64 loaded;

	if (!policy)
		return NULL;
	policy->marks = daemon->marks;
	if (kernel_live_image(daemon->kernel, &policy->header, &loaded) < 0)
		return trial_policy_free(policy);
	return policy;
}

void trial_done(struct daemon *daemon)
{
	struct trial *trial = daemon->trial;

	if (!trial)
		return;
	(void)sd_event_source_disable_unref(trial->timer);
	(void)trial_policy_free(trial->before);
	free(trial);
	daemon->trial = NULL;
}

/* ---- The way back. ---- */

static int restore(struct daemon *daemon, FILE *out)
{
	struct trial_policy *before = daemon->trial->before;
	_cleanup_(candidate_done) struct candidate candidate = { .watched = { .fd = -1 } };
	int r = candidate_from_image(before->header, &candidate);

	if (r >= 0)
		r = candidate_prepare(&candidate, daemon->kernel, out);
	if (r >= 0)
		r = request_apply(daemon, &candidate, out);
	if (r >= 0)
		daemon->marks = before->marks;
	return r;
}

static void tell_restored(struct daemon *daemon)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return;
	r = restore(daemon, memory);
	last_good_drop(daemon->options.state);
	if (fclose(memory) == 0)
		log_lines(LOG_LEVEL_ERROR, text);
	if (r < 0)
		log_error_errno(r, "nobody confirmed the policy, but the one before cannot be brought back: it stays");
	else
		log_warning("nobody confirmed the policy: the one before is live again; %s still holds the other",
			    daemon->options.policy);
}

static int on_time(sd_event_source *source, uint64_t now, void *userdata)
{
	struct daemon *daemon = userdata;
	int r;

	(void)now;
	if (!reload_is_idle(daemon->reload)) {
		r = sd_event_source_set_time_relative(source, BUSY_US);
		return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	tell_restored(daemon);
	trial_done(daemon);
	request_seal(daemon);
	return 0;
}

int trial_begin(struct daemon *daemon, struct trial_policy *before, __u32 seconds)
{
	struct trial *trial = daemon->trial;
	int r;

	if (!trial)
		trial = daemon->trial = calloc(1, sizeof(*trial));
	if (!trial || (!trial->before && !before)) {
		(void)trial_policy_free(before);
		return -ENOMEM;
	}
	if (trial->before)
		(void)trial_policy_free(before);
	else
		trial->before = before;
	trial->timer = sd_event_source_disable_unref(trial->timer);
	trial->until = clock_boottime() + seconds * NS_PER_S;
	r = sd_event_add_time(daemon->event, &trial->timer, CLOCK_BOOTTIME, trial->until / 1000, ACCURACY_US, on_time, daemon);
	return r < 0 ? r : 0;
}

bool trial_confirm(struct daemon *daemon)
{
	if (!daemon->trial)
		return false;
	trial_done(daemon);
	return true;
}

__u64 trial_until(const struct daemon *daemon)
{
	return daemon->trial ? daemon->trial->until : 0;
}

/* ---- Audit mode for some time. ---- */

static int on_audit_end(sd_event_source *source, uint64_t now, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)now;
	(void)trial_force_audit(daemon, false, 0);
	log_info("the time for audit mode is over: mode as the policy says");
	request_seal(daemon);
	return 0;
}

static int end_audit_at(struct daemon *daemon, __u64 until)
{
	int r;

	daemon->audit_end = sd_event_source_disable_unref(daemon->audit_end);
	if (!until)
		return 0;
	r = sd_event_add_time(daemon->event, &daemon->audit_end, CLOCK_BOOTTIME, until / 1000, ACCURACY_US, on_audit_end, daemon);
	return r < 0 ? r : 0;
}

int trial_force_audit(struct daemon *daemon, bool is_forced, __u32 seconds)
{
	__u64 until = is_forced && seconds ? clock_boottime() + seconds * NS_PER_S : 0;
	int r = end_audit_at(daemon, until);

	if (r >= 0)
		r = kernel_force_audit(daemon->kernel, is_forced, until);
	if (r < 0)
		return r;
	daemon->is_audit_forced = is_forced;
	daemon->audit_until = until;
	request_protect(daemon);
	return 0;
}

int trial_take_over_audit(struct daemon *daemon)
{
	__u64 until;

	daemon->is_audit_forced = kernel_is_audit_forced(daemon->kernel, &until);
	if (!daemon->is_audit_forced)
		return 0;
	daemon->audit_until = until;
	log_warning("audit mode is still forced: nothing is refused; %s", until ? "it ends when the time is over" : "'policyctl mode policy' ends that");
	return end_audit_at(daemon, until);
}
