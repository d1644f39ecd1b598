/* SPDX-License-Identifier: GPL-2.0-only */
/* clock.h - the clock that records and tasks are timed by, and that of the wall. */
#pragma once

#include <linux/types.h>
#include <time.h>

/* CLOCK_BOOTTIME, ns. */
static inline __u64 clock_boottime(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u64)now.tv_sec * 1000000000U + (__u64)now.tv_nsec;
}

/* CLOCK_REALTIME, ns since 1970. */
static inline __u64 clock_realtime(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (__u64)now.tv_sec * 1000000000U + (__u64)now.tv_nsec;
}
