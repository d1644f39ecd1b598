/* SPDX-License-Identifier: GPL-2.0-only */
/* events.h - a record as one line of JSON. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>

#include "generations.h"
#include "processes.h"
#include "text/line.h"

struct event_writer;

/* The writer numbers the records from 1. NULL: out of memory. */
struct event_writer *event_writer_new(void);
struct event_writer *event_writer_free(struct event_writer *writer);

/*
 * The line, without a newline, is the writer's and lives until the next call. Rules are looked up among `generations`, who
 * it was among `processes`. −EBADMSG: shorter than a record's head.
 */
int event_writer_line(struct event_writer *writer, const struct pc_event *event, size_t size,
		      const struct generations *generations, const struct processes *processes, const char **ret_line,
		      size_t *ret_length);

/* The line of a record once more, for `count` decisions that repeated it: now, with a number of its own. */
int event_writer_repeats(struct event_writer *writer, const char *line, size_t length, __u64 count,
			 const char **ret_line, size_t *ret_length);

/* Of an error record: it has no number, for it is no decision. */
int event_writer_trouble(struct event_writer *writer, const char *text, const char **ret_line, size_t *ret_length);

/* "2026-01-02T03:04:05.000000006Z" from ns since 1970. */
#define EVENT_TIME_MAX 40
void event_format_time(__u64 realtime, char out[EVENT_TIME_MAX]);

/* "rule": "FILE:LINE" */
void event_add_place(struct line *line, const char *file, unsigned int number);
const char *event_hook_name(unsigned int section);
const char *event_verdict_name(unsigned int verdict);
const char *event_mode_name(unsigned int mode);
