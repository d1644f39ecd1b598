/* SPDX-License-Identifier: GPL-2.0-only */
/* outputs.h - where records go: file, stdout, journal and syslog, as many of them as are asked for. */
#pragma once

#include <systemd/sd-event.h>

#include "config.h"

/* File, stdout, journal, syslog. */
#define OUTPUTS_MAX 4

struct outputs;

/* `log` is the command line's --log or NULL: a file instead of the settings' one, or stdout. What fails has been logged. */
int outputs_open(sd_event *event, const struct config_output *config, const char *log,
		 struct outputs **ret_outputs);
/* Once privileges are dropped: starts what has a thread of its own. */
int outputs_start(struct outputs *outputs);
/* Writes what waits, as far as that takes no more than a second. Nothing is added any more. */
void outputs_end(struct outputs *outputs);
/* Accepts NULL; returns NULL. */
struct outputs *outputs_free(struct outputs *outputs);

/* The line goes to all outputs; none makes the caller wait, and each counts what it does not take. */
void outputs_add(struct outputs *outputs, const char *line, size_t length);
/* The line is about the daemon itself: not to those where sending it would be the next such line. */
void outputs_add_own(struct outputs *outputs, const char *line, size_t length);
/* Ends a batch of lines. */
void outputs_flush(struct outputs *outputs);
/* Opens the file anew, as log rotation asks; says what came of it. */
void outputs_reopen(struct outputs *outputs);

/* What is told of an output. */
struct output_state {
	const char *name; /* "file", "stdout", "journal", "syslog" */
	const char *path; /* of a file; else NULL */
	__u64 written;
	__u64 lost;
};

/* Returns how many there are. */
size_t outputs_states(const struct outputs *outputs, struct output_state ret_states[OUTPUTS_MAX]);
/* Over all outputs. */
__u64 outputs_lost(const struct outputs *outputs);
