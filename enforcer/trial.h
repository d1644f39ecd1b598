/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial.h - what ends by itself: a policy on trial, which the one before takes the place of unless it is confirmed, and an
 * audit mode for some time.
 */
#pragma once

#include <stdio.h>

#include "daemon.h"

/* A copy of the policy that is live, for a trial of what takes its place next. NULL: out of memory, or none is. */
struct trial_policy;

struct trial_policy *trial_policy_take(const struct daemon *daemon);
/* Accepts NULL; returns NULL. */
struct trial_policy *trial_policy_free(struct trial_policy *policy);

/* The live policy is on trial for so long; `before` is taken, unless another trial was under way: then that one's comes back. */
int trial_begin(struct daemon *daemon, struct trial_policy *before, __u32 seconds);
/* The live policy stays. False: none is on trial. */
bool trial_confirm(struct daemon *daemon);
/* Of which policy status tells; 0: of none. CLOCK_BOOTTIME, ns. */
__u64 trial_until(const struct daemon *daemon);
/* Ends one without a word. */
void trial_done(struct daemon *daemon);

/* Sets the mode, for so many seconds or (0) for good. */
int trial_force_audit(struct daemon *daemon, bool is_forced, __u32 seconds);
/* What an earlier daemon forced stays so, as long as was said. */
int trial_take_over_audit(struct daemon *daemon);
