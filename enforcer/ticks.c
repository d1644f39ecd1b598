/* SPDX-License-Identifier: GPL-2.0-only */
/* ticks.c - from the kernel's clock ticks to the time of records. */
#include "ticks.h"

#define NS_PER_S 1000000000ULL

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

void ticks_convert(const struct ticks *ticks, __u64 boottime, struct pc_hit *hits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		__u64 ago = ticks->now > hits[i].last ? ticks->now - hits[i].last : 0;

		if (!hits[i].count)
			continue;
		ago = ticks->per_second ? ago * NS_PER_S / ticks->per_second : 0;
		hits[i].last = boottime > ago ? boottime - ago : 1;
	}
}
