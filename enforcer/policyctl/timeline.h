/* SPDX-License-Identifier: GPL-2.0-only */
/* timeline.h - decisions over time in few slots, whatever the span is: slots become wider when it grows. */
#pragma once

#include <linux/types.h>
#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

#define TIMELINE_SLOTS 180U

struct timeline {
	double slots[TIMELINE_SLOTS][PC_NO_VERDICT]; /* by enum pc_verdict; slot i is number first + i */
	size_t used; /* slots, from the first to the last that has something; 0: none */
	__u64 first;
	__u64 width;  /* seconds of a slot */
	__s64 offset; /* seconds that local time is ahead of UTC, so that days begin at midnight */
};

/* In any order of times. */
void timeline_add(struct timeline *timeline, __u64 time, enum pc_verdict verdict, double count);
/* When a slot begins; ns since 1970. */
__u64 timeline_start(const struct timeline *timeline, size_t slot);
/* "5 minutes" */
const char *timeline_describe_width(const struct timeline *timeline, char *out, size_t size);
