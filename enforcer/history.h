/* SPDX-License-Identifier: GPL-2.0-only */
/* history.h - the last records, in memory, for those who ask over the control socket. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

/* Holds up to HISTORY_LINES records and HISTORY_BYTES bytes; each has a number, from 0 on, for ever. */
#define HISTORY_LINES 1024U
#define HISTORY_BYTES (1U << 20)

struct history;

struct history *history_new(void);
struct history *history_free(struct history *history);
/* Copies the line. Out of memory: the record is missing here, which its readers are told as skipped. */
void history_add(struct history *history, const char *line, size_t length);
/* The number of the oldest record that is still there; history_next() if there is none. */
__u64 history_first(const struct history *history);
/* The number that the next record will get. */
__u64 history_next(const struct history *history);
/* NULL if that record is gone, not there yet, or was lost. */
const char *history_line(const struct history *history, __u64 number, size_t *ret_length);
