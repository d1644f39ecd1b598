/* SPDX-License-Identifier: GPL-2.0-only */
/* outputs.c - where records go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "journal.h"
#include "log.h"
#include "logfile.h"
#include "outputs.h"
#include "ownership.h"
#include "sender.h"
#include "syslog_output.h"

/* Either writes by itself or has a thread that sends. */
struct output {
	const char *name;
	struct logfile *log;
	sd_event_source *source; /* armed while a slow reader of the log has lines to take */
	struct sender *sender;
};

struct outputs {
	sd_event *event;
	size_t count;
	struct output list[OUTPUTS_MAX];
};

static void flush_log(struct output *output)
{
	logfile_flush(output->log);
	if (output->source)
		(void)sd_event_source_set_io_events(output->source,
						    logfile_is_waiting(output->log) ? EPOLLOUT : 0);
}

static int on_writable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)fd;
	flush_log(userdata);
	/* A reader that is gone is told by every poll; the next record tries again. */
	if (events & (EPOLLHUP | EPOLLERR))
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int watch_log(struct outputs *outputs, struct output *output)
{
	int fd = logfile_fd(output->log), r;

	output->source = sd_event_source_disable_unref(output->source);
	if (fd < 0)
		return 0;
	r = sd_event_add_io(outputs->event, &output->source, fd, 0, on_writable, output);
	/* What epoll does not know, such as /dev/null, never makes anybody wait. */
	return r == -EPERM ? 0 : r;
}

static int add_log(struct outputs *outputs, const char *name, const char *path)
{
	struct output *output = &outputs->list[outputs->count];
	int r = logfile_open(path, &output->log);

	if (r < 0)
		return log_error_errno(r, "cannot open the decision log %s", path);
	output->name = name;
	outputs->count++;
	r = watch_log(outputs, output);
	return r < 0 ? log_error_errno(r, "cannot wait for the decision log %s", path) : 0;
}

static int add_sender(struct outputs *outputs, const char *name, struct sender *sender)
{
	if (!sender)
		return -ENOMEM;
	outputs->list[outputs->count++] = (struct output){ .name = name, .sender = sender };
	return 0;
}

static int add_all(struct outputs *outputs, const struct config_output *config, const char *log)
{
	bool is_stdout = log && strcmp(log, "-") == 0;
	const char *file = log && !is_stdout ? log : config->file;
	int r = 0;

	if (file)
		r = add_log(outputs, "file", file);
	if (r >= 0 && (is_stdout || config->to_stdout))
		r = add_log(outputs, "stdout", "-");
	if (r >= 0 && config->to_journal)
		r = add_sender(outputs, "journal", journal_new());
	if (r >= 0 && config->to_syslog)
		r = add_sender(outputs, "syslog", syslog_output_new());
	return r;
}

static void outputs_freep(struct outputs **outputs)
{
	(void)outputs_free(*outputs);
}

int outputs_open(sd_event *event, const struct config_output *config, const char *log,
		 struct outputs **ret_outputs)
{
	_cleanup_(outputs_freep) struct outputs *outputs = calloc(1, sizeof(*outputs));
	int r;

	if (!outputs)
		return -ENOMEM;
	outputs->event = event;
	r = add_all(outputs, config, log);
	if (r < 0)
		return r;
	*ret_outputs = take_ptr(outputs);
	return 0;
}

int outputs_start(struct outputs *outputs)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < outputs->count; i++)
		if (outputs->list[i].sender)
			r = sender_start(outputs->list[i].sender);
	return r;
}

void outputs_end(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++) {
		if (outputs->list[i].log)
			logfile_end(outputs->list[i].log);
		else
			sender_end(outputs->list[i].sender);
	}
}

struct outputs *outputs_free(struct outputs *outputs)
{
	if (!outputs)
		return NULL;
	for (size_t i = 0; i < outputs->count; i++) {
		(void)sd_event_source_disable_unref(outputs->list[i].source);
		(void)logfile_free(outputs->list[i].log);
		(void)sender_free(outputs->list[i].sender);
	}
	free(outputs);
	return NULL;
}

void outputs_add(struct outputs *outputs, const char *line, size_t length)
{
	outputs_add_own(outputs, line, length);
	for (size_t i = 0; i < outputs->count; i++)
		if (outputs->list[i].sender)
			sender_add(outputs->list[i].sender, line, length);
}

void outputs_add_own(struct outputs *outputs, const char *line, size_t length)
{
	for (size_t i = 0; i < outputs->count; i++)
		if (outputs->list[i].log)
			logfile_add(outputs->list[i].log, line, length);
}

void outputs_flush(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->list[i];

		if (output->sender) {
			sender_flush(output->sender);
			continue;
		}
		/* A reader that was gone may have come back. */
		if (output->source)
			(void)sd_event_source_set_enabled(output->source, SD_EVENT_ON);
		flush_log(output);
	}
}

static void reopen_log(struct outputs *outputs, struct output *output)
{
	const char *path = logfile_path(output->log);
	int r = logfile_reopen(output->log);

	if (r >= 0)
		r = watch_log(outputs, output);
	if (r < 0)
		log_error_errno(r, "cannot open %s anew: writing to the old file", path);
	else
		log_info("opened %s anew", path);
}

void outputs_reopen(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++)
		if (outputs->list[i].log)
			reopen_log(outputs, &outputs->list[i]);
}

static struct output_state state_of(const struct output *output)
{
	const char *path;

	if (output->sender)
		return (struct output_state){ .name = output->name,
					      .written = sender_written(output->sender),
					      .lost = sender_lost(output->sender) };
	path = logfile_path(output->log);
	return (struct output_state){ .name = output->name,
				      .path = strcmp(path, "-") == 0 ? NULL : path,
				      .written = logfile_written(output->log),
				      .lost = logfile_unwritten(output->log) };
}

size_t outputs_states(const struct outputs *outputs, struct output_state ret_states[OUTPUTS_MAX])
{
	for (size_t i = 0; i < outputs->count; i++)
		ret_states[i] = state_of(&outputs->list[i]);
	return outputs->count;
}

__u64 outputs_lost(const struct outputs *outputs)
{
	struct output_state states[OUTPUTS_MAX];
	size_t count = outputs_states(outputs, states);
	__u64 lost = 0;

	for (size_t i = 0; i < count; i++)
		lost += states[i].lost;
	return lost;
}
