/* SPDX-License-Identifier: GPL-2.0-only */
/* moment.h - points in time, as ns since 1970 (UTC): from what records and people write, and for people. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#define MOMENT_SECOND 1000000000ULL
#define MOMENT_TEXT_MAX 40

__u64 moment_now(void);
/* "2026-01-02T03:04:05.678Z", also with an offset or a blank for the T; without an offset it is local. −EINVAL. */
int moment_parse(const char *text, __u64 *ret_moment);
/* The same, a date alone (its local midnight), or how long before `now`: "90s", "10m", "2h", "3d", "1w". −EINVAL. */
int moment_parse_option(const char *text, __u64 now, __u64 *ret_moment);
/* How long: "3 d 4 h", "5 min 6 s". */
void moment_format_span(__u64 ns, char out[MOMENT_TEXT_MAX]);
/* Local time by strftime's format. */
void moment_format(__u64 moment, const char *format, char out[MOMENT_TEXT_MAX]);
