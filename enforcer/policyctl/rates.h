/* SPDX-License-Identifier: GPL-2.0-only */
/* rates.h - the daemon's exact counters, as decisions a second over the last minute. */
#pragma once

#include <linux/types.h>
#include <portcullis/abi.h>
#include <stdbool.h>

#define RATES_SECONDS 60

struct rates {
	__u64 counts[PC_SECTIONS][PC_NO_VERDICT];                 /* of the last sample */
	float seconds[PC_SECTIONS][PC_NO_VERDICT][RATES_SECONDS]; /* second n at n % RATES_SECONDS */
	__u64 second;                                             /* the last one */
	__u64 time;     /* of the last sample, ns; 0: there was none */
	bool is_broken; /* the next sample can't be compared with the last one */
};

/* `now` is of any clock that goes forward. What came since the last sample is spread over the time since. */
void rates_sample(struct rates *rates, __u64 now, const __u64 counts[PC_SECTIONS][PC_NO_VERDICT]);
/* The daemon is another one, or could not be asked: its counters may begin anew. */
void rates_break(struct rates *rates);
/* Decisions in that second, `ago` being less than RATES_SECONDS. */
double rates_at(const struct rates *rates, unsigned int hook, unsigned int verdict, unsigned int ago);
