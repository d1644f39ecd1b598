/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_counters.h - the programs' counters, of all CPUs together. */
#pragma once

#include <portcullis/abi.h>

/* 0 or −errno. */
int counters_read(int map, struct pc_counters *ret_counters);
/* Of all hooks and verdicts: enum pc_fate. */
static inline __u64 counters_sum(const struct pc_counters *counters, unsigned int fate)
{
	__u64 sum = 0;

	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		for (unsigned int k = 0; k < PC_NO_VERDICT; k++)
			sum += counters->fate[i][k][fate];
	return sum;
}
