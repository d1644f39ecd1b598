/* SPDX-License-Identifier: GPL-2.0-only */
/* events.c - a record as one line of JSON, with the rule's file and line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "events.h"
#include "object_name.h"
#include "text/line.h"
#include "text/utf8.h"
#include "words.h"

#define NS_PER_S 1000000000ULL

struct event_writer {
	struct line line;
	char time[EVENT_TIME_MAX]; /* as in the last record */
	time_t second;		   /* that it was; 0: there was none */
	__u64 seq;
	char name[OBJECT_NAME_MAX];
	char clean[UTF8_CLEAN_MAX(OBJECT_NAME_MAX)];
	char hex[2 * OBJECT_NAME_MAX];
};

struct event_writer *event_writer_new(void)
{
	return calloc(1, sizeof(struct event_writer));
}

struct event_writer *event_writer_free(struct event_writer *writer)
{
	if (!writer)
		return NULL;
	line_done(&writer->line);
	free(writer);
	return NULL;
}

const char *event_hook_name(unsigned int section)
{
	return section < PC_SECTIONS ? section_name(section) : "unknown";
}

const char *event_verdict_name(unsigned int verdict)
{
	static const char *const names[] = { "deny", "audit", "allow" };

	return verdict < PC_NO_VERDICT ? names[verdict] : "unknown";
}

const char *event_mode_name(unsigned int mode)
{
	return mode == PC_MODE_ENFORCE ? "enforce" : "audit";
}

static const char *access_name(unsigned int access)
{
	static const char *const names[] = { "none", "read", "write", "read+write" };

	return names[access & (PC_ACCESS_READ | PC_ACCESS_WRITE)];
}

void event_format_time(__u64 realtime, char out[EVENT_TIME_MAX])
{
	time_t seconds = (time_t)(realtime / NS_PER_S);
	size_t used;
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	used = strftime(out, EVENT_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + used, EVENT_TIME_MAX - used, ".%09lluZ", realtime % NS_PER_S);
}

/* Asked for each record: the wall clock may be set at any time. */
static __u64 realtime_of(__u64 boottime)
{
	struct timespec real, boot;

	(void)clock_gettime(CLOCK_REALTIME, &real);
	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	return (__u64)real.tv_sec * NS_PER_S + (__u64)real.tv_nsec - (__u64)boot.tv_sec * NS_PER_S -
	       (__u64)boot.tv_nsec + boottime;
}

/* The date is worked out once a second: it costs more than all else in a record. */
static void add_time(struct event_writer *writer, __u64 boottime)
{
	__u64 time = realtime_of(boottime), ns = time % NS_PER_S;
	time_t second = (time_t)(time / NS_PER_S);
	char text[sizeof(writer->time)];

	if (second != writer->second) {
		event_format_time(time, writer->time);
		writer->second = second;
	}
	memcpy(text, writer->time, sizeof(text));
	/* The nine digits before the Z. */
	for (size_t i = strlen(text) - 1; ns > 0 || text[i - 1] != '.'; ns /= 10)
		text[--i] = (char)('0' + ns % 10);
	line_key_string(&writer->line, "time", text);
}

static void add_object(struct event_writer *writer, const struct pc_event *event, size_t carried)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = object_name(event, carried, writer->name), clean;
	bool is_exact;

	clean = utf8_clean(writer->name, length, writer->clean, &is_exact);
	line_key_bytes(&writer->line, "object", writer->clean, clean);
	if (!is_exact) {
		for (size_t i = 0; i < length; i++) {
			writer->hex[2 * i] = digits[(unsigned char)writer->name[i] >> 4];
			writer->hex[2 * i + 1] = digits[writer->name[i] & 15];
		}
		line_key_bytes(&writer->line, "object_hex", writer->hex, 2 * length);
	}
	if ((event->flags & PC_EVENT_CUT) || carried < event->object_len)
		line_key_bool(&writer->line, "object_cut", true);
}

static const char *operation_name(unsigned int operation)
{
	static const char *const names[PC_OPERATIONS] = {
		[PC_OP_CREATE] = "create",	   [PC_OP_REMOVE] = "remove",	[PC_OP_RENAME] = "rename",
		[PC_OP_LINK] = "link",		   [PC_OP_TRUNCATE] = "truncate", [PC_OP_ATTRIBUTES] = "attributes",
		[PC_OP_MAP] = "map",		   [PC_OP_RECEIVE] = "receive", [PC_OP_SEND] = "send",
		[PC_OP_CHECK] = "check",
	};

	return operation < PC_OPERATIONS && names[operation] ? names[operation] : "unknown";
}

void event_add_place(struct line *line, const char *file, unsigned int number)
{
	size_t length = strnlen(file, OBJECT_NAME_MAX - LINE_DIGITS_MAX - 1);
	char text[OBJECT_NAME_MAX], *at = mempcpy(text, file, length);

	*at++ = ':';
	at = line_digits(at, number);
	line_key_clean(line, "rule", text, (size_t)(at - text));
}

static void add_rule(struct event_writer *writer, const struct pc_event *event, const struct generation *g)
{
	const struct pc_rule *rule = g ? generation_rule(g, event->rule) : NULL;
	const char *verb = event_verdict_name(event->verb);

	if (event->flags & PC_EVENT_TREE) {
		line_key_string(&writer->line, "rule", "tree");
	} else if (event->flags & PC_EVENT_FAMILY) {
		line_key_string(&writer->line, "rule", "family");
	} else if (event->rule == PC_RULE_DEFAULT) {
		line_key_string(&writer->line, "rule", "default");
	} else if (!rule) {
		line_key_string(&writer->line, "rule", "unknown");
	} else {
		event_add_place(&writer->line, generation_text(g, rule->file), rule->line);
		if (rule->verb == PC_VERB_NEVER)
			verb = "never";
	}
	line_key_string(&writer->line, "verb", verb);
}

static void add_policy(struct event_writer *writer, const struct pc_event *event, const struct generation *g)
{
	const char *name = g ? generation_text(g, g->name) : "";

	const char *profile = g ? generation_profile(g, event->profile) : NULL;

	line_key_string(&writer->line, "mode", event_mode_name(event->mode));
	if (profile)
		line_key_string(&writer->line, "profile", profile);
	if (*name)
		line_key_clean(&writer->line, "policy", name, strlen(name));
	line_key_hex64(&writer->line, "generation", event->image);
}

static void add_subject(struct event_writer *writer, const struct pc_event *event)
{
	line_key_number(&writer->line, "pid", event->pid);
	line_key_number(&writer->line, "tid", event->tid);
	line_key_number(&writer->line, "ppid", event->ppid);
	line_key_number(&writer->line, "uid", event->uid);
	line_key_number(&writer->line, "gid", event->gid);
	line_key_clean(&writer->line, "comm", event->comm, strnlen(event->comm, sizeof(event->comm)));
	line_key_number(&writer->line, "mnt_ns", event->mnt_ns);
}

static void add_process(struct event_writer *writer, const struct pc_event *event, const struct processes *processes)
{
	const struct known_process *process = processes_find(processes, event->process);

	if (process)
		line_members(&writer->line, process->text, process->length);
	if (!process || !process->has_cgroup)
		line_key_number(&writer->line, "cgroup_id", event->cgroup);
}

/* `text` holds them, each but perhaps the last with its NUL. */
static void add_arguments(struct event_writer *writer, const struct pc_event *event, const char *text)
{
	const char *end = text + event->args_length;

	if (event->args_count > 0) {
		line_key(&writer->line, "args");
		line_open(&writer->line, '[');
	}
	for (size_t length; text < end; text += length + 1) {
		length = strnlen(text, (size_t)(end - text));
		line_clean(&writer->line, text, length);
	}
	if (event->args_count > 0)
		line_close(&writer->line, ']');
	if (event->flags & PC_EVENT_ARGS_CUT)
		line_key_bool(&writer->line, "args_cut", true);
}

/* The kernel's own device numbers have 20 bits for the minor. */
static void add_inode(struct event_writer *writer, const struct pc_event *event)
{
	char dev[2 * LINE_DIGITS_MAX + 1], *at;

	if (event->ino == 0)
		return;
	at = line_digits(dev, event->dev >> 20);
	*at++ = ':';
	at = line_digits(at, event->dev & 0xfffff);
	line_key_bytes(&writer->line, "dev", dev, (size_t)(at - dev));
	line_key_number(&writer->line, "ino", event->ino);
}

static void add_decision(struct event_writer *writer, const struct pc_event *event)
{
	line_key_string(&writer->line, "hook", event_hook_name(event->hook));
	line_key_string(&writer->line, "verdict", event_verdict_name(event->verdict));
	if (event->hook == PC_OPEN)
		line_key_string(&writer->line, "access", access_name(event->access));
	if (event->operation)
		line_key_string(&writer->line, "operation", operation_name(event->operation));
}

int event_writer_line(struct event_writer *writer, const struct pc_event *event, size_t size,
		      const struct generations *generations, const struct processes *processes, const char **ret_line,
		      size_t *ret_length)
{
	const struct generation *g = generations_find(generations, event->image);
	size_t carried;

	if (size < PC_EVENT_HEAD_SIZE + (size_t)event->args_length)
		return -EBADMSG;
	carried = size - PC_EVENT_HEAD_SIZE - event->args_length;
	if (carried > PC_EVENT_OBJECT_MAX)
		return -EBADMSG;
	writer->seq++;
	line_begin(&writer->line);
	add_time(writer, event->time);
	line_key_number(&writer->line, "seq", writer->seq);
	add_decision(writer, event);
	add_object(writer, event, carried);
	add_rule(writer, event, g);
	add_policy(writer, event, g);
	add_subject(writer, event);
	add_process(writer, event, processes);
	add_arguments(writer, event, event->object + carried);
	add_inode(writer, event);
	return line_end(&writer->line, ret_line, ret_length);
}

int event_writer_repeats(struct event_writer *writer, const char *line, size_t length, __u64 count,
			 const char **ret_line, size_t *ret_length)
{
	/* What follows the time and the number, without the bracket that closes. */
	const char *members = memmem(line, length, "\"hook\":", strlen("\"hook\":"));

	if (!members)
		return -EBADMSG;
	writer->seq++;
	line_begin(&writer->line);
	add_time(writer, clock_boottime());
	line_key_number(&writer->line, "seq", writer->seq);
	line_members(&writer->line, members, (size_t)(line + length - 1 - members));
	line_key_number(&writer->line, "repeats", count);
	return line_end(&writer->line, ret_line, ret_length);
}

int event_writer_trouble(struct event_writer *writer, const char *text, const char **ret_line, size_t *ret_length)
{
	line_begin(&writer->line);
	add_time(writer, clock_boottime());
	line_key_clean(&writer->line, "error", text, strlen(text));
	return line_end(&writer->line, ret_line, ret_length);
}
