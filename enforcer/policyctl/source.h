/* SPDX-License-Identifier: GPL-2.0-only */
/* source.h - records out of decision logs, of this host or of others, and out of the daemon. */
#pragma once

#include <portcullis/ctl.h>

#include "args.h"
#include "record.h"

/* A record as it came. */
struct source_line {
	const char *text; /* NUL-terminated, without a newline */
	size_t length;
	const char *name; /* of the file; NULL: the daemon */
	size_t source;    /* its place among the files */
};

/* < 0 ends the reading. */
typedef int source_record_fn(const struct record *record, const struct source_line *line, void *userdata);

/*
 * Reads files of JSON Lines ("-": stdin) side by side, so that the records of all come by their time as long as each
 * file is in order. A line that is no record is told on stderr with its place, and left out. Returns an enum
 * exit_code: 1 if there was such a line, or a file cannot be read.
 */
int source_read_files(char *const *names, size_t count, source_record_fn *fn, void *userdata);
/* Asks the daemon. Returns an enum exit_code. */
int source_ask_daemon(const char *socket, const struct pc_ctl_log *question, source_record_fn *fn,
		      void *userdata);
