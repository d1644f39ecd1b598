/* SPDX-License-Identifier: GPL-2.0-only */
/* ticks.h - the kernel's clock ticks, in which its programs tell when a rule was last hit: they cost nothing to read. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>

struct ticks {
	__u64 now;
	unsigned int per_second; /* 0: not known yet */
};

/*
 * Takes the count of ticks of just now; `uptime` is CLOCK_MONOTONIC then, ns. The kernel counts from 2^32 less five minutes
 * of them on (INITIAL_JIFFIES), which tells their rate, but for the moment when those five minutes are over.
 */
void ticks_take(struct ticks *ticks, __u64 now, __u64 uptime);
/* From ticks to CLOCK_BOOTTIME, of which `boottime` is now. The host's sleep since then is taken for none. */
void ticks_convert(const struct ticks *ticks, __u64 boottime, struct pc_hit *hits, size_t count);
