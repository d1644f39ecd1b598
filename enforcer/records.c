/* SPDX-License-Identifier: GPL-2.0-only */
/* records.c - the way of a record: kernel → JSON → outputs and memory. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "events.h"
#include "log.h"
#include "ownership.h"
#include "records.h"

/* Of those of kernel_consume(): more than the rings hold. */
#define DRAIN_ROUNDS 64

struct records {
	struct event_writer *writer;
	struct outputs *outputs;
	struct history *history;
	struct processes *processes;
	const struct generations *generations;
	__u32 pid; /* our own */
	struct repeats *repeats;
	__u64 taken;
	__u64 malformed;
};

static void records_freep(struct records **records)
{
	(void)records_free(*records);
}

int records_new(struct outputs *outputs, const struct generations *generations, struct records **ret_records)
{
	_cleanup_(records_freep) struct records *records = calloc(1, sizeof(*records));

	if (!records)
		return -ENOMEM;
	records->outputs = outputs;
	records->generations = generations;
	records->pid = (__u32)getpid();
	records->writer = event_writer_new();
	records->history = history_new();
	records->processes = processes_new();
	if (!records->writer || !records->history || !records->processes)
		return -ENOMEM;
	*ret_records = take_ptr(records);
	return 0;
}

struct records *records_free(struct records *records)
{
	if (!records)
		return NULL;
	(void)event_writer_free(records->writer);
	(void)history_free(records->history);
	(void)processes_free(records->processes);
	free(records);
	return NULL;
}

static void tell_malformed(struct records *records, size_t size, int error)
{
	if (records->malformed++ == 0)
		log_error_errno(error, "a record of %zu bytes cannot be read; further ones are counted only", size);
}

void records_set_repeats(struct records *records, struct repeats *repeats)
{
	records->repeats = repeats;
}

void records_tell_repeats(struct records *records, const char *line, size_t length, __u64 count)
{
	const char *told;
	int r = event_writer_repeats(records->writer, line, length, count, &told, &length);

	if (r < 0) {
		tell_malformed(records, length, r);
		return;
	}
	history_add(records->history, told, length);
	outputs_add(records->outputs, told, length);
	outputs_flush(records->outputs);
}

void records_tell_trouble(struct records *records, const char *text)
{
	const char *line;
	size_t length;

	if (event_writer_trouble(records->writer, text, &line, &length) < 0)
		return;
	history_add(records->history, line, length);
	outputs_add(records->outputs, line, length);
	outputs_flush(records->outputs);
}

static void on_decision(struct records *records, const struct pc_event *event, size_t size)
{
	const char *line;
	size_t length;
	int r;

	records->taken++;
	r = event_writer_line(records->writer, event, size, records->generations, records->processes, &line, &length);
	if (r < 0) {
		tell_malformed(records, size, r);
		return;
	}
	history_add(records->history, line, length);
	if (records->repeats && event->repeat)
		repeats_follow(records->repeats, event, line, length);
	if (event->pid == records->pid)
		outputs_add_own(records->outputs, line, length);
	else
		outputs_add(records->outputs, line, length);
}

static void on_record(const void *record, size_t size, void *userdata)
{
	const __u32 *type = record;
	struct records *records = userdata;
	int r;

	if (size >= sizeof(*type) && *type == PC_RECORD_PROCESS) {
		r = processes_take(records->processes, record, size);
		if (r < 0)
			tell_malformed(records, size, r);
		return;
	}
	on_decision(records, record, size);
}

int records_take(struct records *records, struct kernel *kernel)
{
	int r = kernel_consume(kernel, on_record, records);

	outputs_flush(records->outputs);
	return r;
}

void records_drain(struct records *records, struct kernel *kernel)
{
	/* Where decisions go on there may always be more. */
	for (int i = 0; i < DRAIN_ROUNDS && records_take(records, kernel) > 0; i++)
		;
}

const struct history *records_history(const struct records *records)
{
	return records->history;
}

__u64 records_taken(const struct records *records)
{
	return records->taken;
}

__u64 records_malformed(const struct records *records)
{
	return records->malformed;
}
