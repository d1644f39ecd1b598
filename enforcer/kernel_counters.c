/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_counters.c - the programs' counters, of all CPUs together. */
#include "kernel_counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

static void add(struct pc_counters *sum, const struct pc_counters *more)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from = (const __u64 *)more;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(__u64); i++)
		to[i] += from[i];
}

/* Plain allows are counted once there. */
static void spread(struct pc_counters *counters)
{
	for (int i = 0; i < PC_SECTIONS; i++) {
		__u64 plain = counters->plain[i] + counters->remembered[i];

		counters->fate[i][PC_ALLOW][PC_DECIDED] += plain;
		counters->fate[i][PC_ALLOW][PC_UNLOGGED] += plain;
	}
}

int counters_read(int map, struct pc_counters *ret_counters)
{
	int cpus = libbpf_num_possible_cpus();
	struct pc_cpu *each;
	struct pc_counters sum = {};
	__u32 zero = 0;
	int r = 0;

	if (cpus < 0)
		return cpus;
	each = calloc(cpus, sizeof(*each));
	if (!each)
		return -ENOMEM;
	if (bpf_map_lookup_elem(map, &zero, each))
		r = -errno;
	for (int i = 0; !r && i < cpus; i++) {
		spread(&each[i].counters);
		add(&sum, &each[i].counters);
	}
	if (!r)
		*ret_counters = sum;
	free(each);
	return r;
}
