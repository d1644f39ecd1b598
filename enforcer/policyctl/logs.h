/* SPDX-License-Identifier: GPL-2.0-only */
/* logs.h - reads decision logs, and what the daemon holds, record by record. */
#pragma once

#include "diag.h"
#include "policyctl/record.h"

/*
 * Called for each line that isn't empty. `record` is NULL where the line is none, and `why` says why not. < 0 ends the
 * reading.
 */
typedef int logs_fn(const struct record *record, const char *why, const struct loc *loc, void *userdata);

/* The files in that order, "-" is stdin. Returns what `fn` did, or −errno, told on stderr. */
int logs_read(char *const *paths, int count, logs_fn *fn, void *userdata);
/* What the daemon holds. Returns an enum exit_code; what is wrong is told on stderr. */
int logs_ask(const char *socket, logs_fn *fn, void *userdata);
