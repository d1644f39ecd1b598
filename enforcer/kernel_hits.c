/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.c - the maps in which the programs count the hits of rules. */
#include "kernel_hits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#define NS_PER_S 1000000000ULL

int hits_map_create(__u32 rules)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pc_hits", sizeof(__u32), sizeof(struct pc_hit), rules, &options);

	return fd < 0 ? -errno : fd;
}

int hits_map_read(int fd, struct pc_hit *ret_hits, size_t count)
{
	__u32 *keys = calloc(count, sizeof(*keys)), taken = (__u32)count, next;
	int r;

	if (!keys)
		return -ENOMEM;
	r = bpf_map_lookup_batch(fd, NULL, &next, keys, ret_hits, &taken, NULL);
	/* The map has no more than these. */
	if (r == -ENOENT)
		r = 0;
	if (!r && taken != count)
		r = -EIO;
	free(keys);
	return r;
}

/* ---- Time. ---- */

/* What kernels are built with (CONFIG_HZ). */
static const unsigned int rates[] = { 100, 250, 300, 1000 };

static __u64 distance(__u64 a, __u64 b)
{
	return a > b ? a - b : b - a;
}

/* That far into five minutes all rates have come to the same count. */
#define TICKS_START_NS (300 * NS_PER_S)

void ticks_take(struct ticks *ticks, __u64 now, __u64 uptime)
{
	__u64 least = ~0ULL;

	ticks->now = now;
	if (distance(uptime, TICKS_START_NS) < NS_PER_S)
		return;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		__u64 begin = (__u32)(-300 * (int)rates[i]);
		__u64 wrong = distance(begin + uptime / 1000 * rates[i] / 1000000, now);

		if (wrong < least) {
			least = wrong;
			ticks->per_second = rates[i];
		}
	}
}

void hits_convert(struct pc_hit *hits, size_t count, const struct ticks *ticks, __u64 boottime)
{
	for (size_t i = 0; i < count; i++) {
		__u64 ago = ticks->now > hits[i].last ? ticks->now - hits[i].last : 0;

		if (!hits[i].count)
			continue;
		ago = ticks->per_second ? ago * NS_PER_S / ticks->per_second : 0;
		hits[i].last = boottime > ago ? boottime - ago : 1;
	}
}
