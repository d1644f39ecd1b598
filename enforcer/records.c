/* SPDX-License-Identifier: GPL-2.0-only */
/* records.c - the way of a record: kernel → JSON → decision log and memory. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "events.h"
#include "log.h"
#include "ownership.h"
#include "records.h"

struct records {
	sd_event *event;
	struct event_writer *writer;
	struct logfile *log;
	sd_event_source *log_source; /* armed while a slow reader of the log has lines to take */
	struct history *history;
	struct processes *processes;
	const struct generations *generations;
	__u64 taken;
	__u64 malformed;
};

static void records_freep(struct records **records)
{
	(void)records_free(*records);
}

static void flush_log(struct records *records)
{
	if (!records->log)
		return;
	logfile_flush(records->log);
	if (records->log_source)
		(void)sd_event_source_set_io_events(records->log_source,
						    logfile_is_waiting(records->log) ? EPOLLOUT : 0);
}

static int on_log_writable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct records *records = userdata;

	(void)fd;
	flush_log(records);
	/* A reader that is gone is told by every poll; the next record tries again. */
	if (events & (EPOLLHUP | EPOLLERR))
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int watch_log(struct records *records)
{
	int fd = records->log ? logfile_fd(records->log) : -EBADF;
	int r;

	records->log_source = sd_event_source_disable_unref(records->log_source);
	if (fd < 0)
		return 0;
	r = sd_event_add_io(records->event, &records->log_source, fd, 0, on_log_writable, records);
	/* What epoll does not know, such as /dev/null, never makes anybody wait. */
	return r == -EPERM ? 0 : r;
}

int records_new(sd_event *event, struct logfile *log, const struct generations *generations, struct records **ret_records)
{
	_cleanup_(records_freep) struct records *records = calloc(1, sizeof(*records));
	int r;

	if (!records)
		return -ENOMEM;
	records->event = event;
	records->log = log;
	records->generations = generations;
	records->writer = event_writer_new();
	records->history = history_new();
	records->processes = processes_new();
	if (!records->writer || !records->history || !records->processes)
		return -ENOMEM;
	r = watch_log(records);
	if (r < 0)
		return r;
	*ret_records = take_ptr(records);
	return 0;
}

struct records *records_free(struct records *records)
{
	if (!records)
		return NULL;
	(void)sd_event_source_disable_unref(records->log_source);
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
	if (records->log)
		logfile_add(records->log, line, length);
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

	if (records->log_source)
		(void)sd_event_source_set_enabled(records->log_source, SD_EVENT_ON);
	flush_log(records);
	return r;
}

void records_drain(struct records *records, struct kernel *kernel)
{
	while (records_take(records, kernel) > 0)
		;
}

int records_reopen_log(struct records *records)
{
	int r;

	if (!records->log)
		return 0;
	r = logfile_reopen(records->log);
	if (r < 0)
		return r;
	return watch_log(records);
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
