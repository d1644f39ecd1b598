/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * logfile.h - the decision log: whole lines into a file that is only ever appended to, or to stdout.
 *
 * Lines wait in a bounded buffer; a full disk or a slow reader costs records, which are counted, never time.
 */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct logfile;

/* `path` is a file or "-" for stdout. −errno as open(2). */
int logfile_open(const char *path, struct logfile **ret_log);
/* Writes what is left if that goes within a second; the rest is counted as unwritten. Nothing is added any more. */
void logfile_end(struct logfile *log);
/* Accepts NULL; returns NULL. */
struct logfile *logfile_free(struct logfile *log);
/* Opens the path anew, as log rotation asks; the old file stays in use if that fails. */
int logfile_reopen(struct logfile *log);

/* Takes a line (without its newline) whole, or drops it whole and counts it. */
void logfile_add(struct logfile *log, const char *line, size_t length);
/* Writes what goes without waiting. An error is reported once; its lines stay and are tried again. */
void logfile_flush(struct logfile *log);

const char *logfile_path(const struct logfile *log);
/* A descriptor to wait on while lines are waiting for a slow reader; −EBADF for a regular file. */
int logfile_fd(const struct logfile *log);
bool logfile_is_waiting(const struct logfile *log);
__u64 logfile_written(const struct logfile *log);
/* Lines that were dropped. */
__u64 logfile_unwritten(const struct logfile *log);
