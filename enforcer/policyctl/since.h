/* SPDX-License-Identifier: GPL-2.0-only */
/* since.h - the beginning of a time span, as records write times. */
#pragma once

#define SINCE_MAX 40

/*
 * 30s, 15m, 24h, 7d: so long before now; or 2026-11-21, or that with T10:00, T10:00:00 behind it: in UTC. Gives text
 * that compares with the time of a record as bytes do. −EINVAL: told on stderr.
 */
int since_parse(const char *text, char ret_time[SINCE_MAX]);
