/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.h - the maps in which the programs count the hits of rules: see bpf/lsm/hits.h. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>

/* The kernel's clock ticks, in which the maps tell when a rule was last hit. */
struct ticks {
	__u64 now;
	unsigned int per_second; /* 0: not known yet */
};

/* A map for that many rules: a file descriptor, or −errno. */
int hits_map_create(__u32 rules);
/* Fills `count` of them, in ticks. 0 or −errno. */
int hits_map_read(int fd, struct pc_hit *ret_hits, size_t count);

/*
 * Takes the count of ticks of just now; `uptime` is CLOCK_MONOTONIC then, ns. Ticks begin at 2^32 less five minutes of them
 * (INITIAL_JIFFIES), from which their rate follows, but for the moment when those five minutes are over.
 */
void ticks_take(struct ticks *ticks, __u64 now, __u64 uptime);
/* From ticks to CLOCK_BOOTTIME, of which `boottime` is now. Sleep since then is not told from running. */
void hits_convert(struct pc_hit *hits, size_t count, const struct ticks *ticks, __u64 boottime);
