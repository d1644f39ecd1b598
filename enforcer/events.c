/* SPDX-License-Identifier: GPL-2.0-only */
/* events.c - a record as one line of JSON, with the rule's file and line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events.h"
#include "object_name.h"
#include "text/json.h"
#include "text/utf8.h"
#include "words.h"

#define NS_PER_S 1000000000ULL

struct event_writer {
	yajl_gen gen;
	__u64 seq;
	char name[OBJECT_NAME_MAX];
	char clean[UTF8_CLEAN_MAX(OBJECT_NAME_MAX)];
	char hex[2 * OBJECT_NAME_MAX];
};

struct event_writer *event_writer_new(void)
{
	struct event_writer *writer = calloc(1, sizeof(*writer));

	if (writer)
		writer->gen = yajl_gen_alloc(NULL);
	if (!writer || !writer->gen)
		return event_writer_free(writer);
	return writer;
}

struct event_writer *event_writer_free(struct event_writer *writer)
{
	if (!writer)
		return NULL;
	if (writer->gen)
		yajl_gen_free(writer->gen);
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

static void add_time(yajl_gen gen, const struct pc_event *event)
{
	char text[EVENT_TIME_MAX];

	event_format_time(realtime_of(event->time), text);
	json_key_string(gen, "time", text);
}

static void add_object(struct event_writer *writer, const struct pc_event *event, size_t carried)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = object_name(event, carried, writer->name), clean;
	bool is_exact;

	clean = utf8_clean(writer->name, length, writer->clean, &is_exact);
	json_key_bytes(writer->gen, "object", writer->clean, clean);
	if (!is_exact) {
		for (size_t i = 0; i < length; i++) {
			writer->hex[2 * i] = digits[(unsigned char)writer->name[i] >> 4];
			writer->hex[2 * i + 1] = digits[writer->name[i] & 15];
		}
		json_key_bytes(writer->gen, "object_hex", writer->hex, 2 * length);
	}
	if ((event->flags & PC_EVENT_CUT) || carried < event->object_len)
		json_key_bool(writer->gen, "object_cut", true);
}

/* Text of the policy need not be UTF-8 either. */
static void add_clean(struct event_writer *writer, const char *key, const char *text, size_t length)
{
	bool is_exact;

	if (length > OBJECT_NAME_MAX)
		length = OBJECT_NAME_MAX;
	length = utf8_clean(text, length, writer->clean, &is_exact);
	json_key_bytes(writer->gen, key, writer->clean, length);
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

static void add_rule(struct event_writer *writer, const struct pc_event *event, const struct generation *g)
{
	const struct pc_rule *rule = g ? generation_rule(g, event->rule) : NULL;
	const char *verb = event_verdict_name(event->verb);
	char text[OBJECT_NAME_MAX];

	if (event->flags & PC_EVENT_TREE) {
		json_key_string(writer->gen, "rule", "tree");
	} else if (event->flags & PC_EVENT_FAMILY) {
		json_key_string(writer->gen, "rule", "family");
	} else if (event->rule == PC_RULE_DEFAULT) {
		json_key_string(writer->gen, "rule", "default");
	} else if (!rule) {
		json_key_string(writer->gen, "rule", "unknown");
	} else {
		(void)snprintf(text, sizeof(text), "%s:%u", generation_text(g, rule->file), rule->line);
		add_clean(writer, "rule", text, strlen(text));
		if (rule->verb == PC_VERB_NEVER)
			verb = "never";
	}
	json_key_string(writer->gen, "verb", verb);
}

static void add_policy(struct event_writer *writer, const struct pc_event *event, const struct generation *g)
{
	const char *name = g ? generation_text(g, g->name) : "";

	const char *profile = g ? generation_profile(g, event->profile) : NULL;

	json_key_string(writer->gen, "mode", event_mode_name(event->mode));
	if (profile)
		json_key_string(writer->gen, "profile", profile);
	if (*name)
		add_clean(writer, "policy", name, strlen(name));
	json_key_hex64(writer->gen, "generation", event->image);
}

static void add_subject(struct event_writer *writer, const struct pc_event *event)
{
	json_key_number(writer->gen, "pid", event->pid);
	json_key_number(writer->gen, "tid", event->tid);
	json_key_number(writer->gen, "ppid", event->ppid);
	json_key_number(writer->gen, "uid", event->uid);
	json_key_number(writer->gen, "gid", event->gid);
	add_clean(writer, "comm", event->comm, strnlen(event->comm, sizeof(event->comm)));
	json_key_number(writer->gen, "mnt_ns", event->mnt_ns);
}

static void add_ancestors(struct event_writer *writer, const struct pc_process *process)
{
	if (process->ancestor_count == 0)
		return;
	json_key_array(writer->gen, "ancestors");
	for (size_t i = 0; i < process->ancestor_count; i++) {
		const struct pc_ancestor *ancestor = &process->ancestors[i];

		(void)yajl_gen_map_open(writer->gen);
		json_key_number(writer->gen, "pid", ancestor->pid);
		add_clean(writer, "comm", ancestor->comm, strnlen(ancestor->comm, sizeof(ancestor->comm)));
		(void)yajl_gen_map_close(writer->gen);
	}
	(void)yajl_gen_array_close(writer->gen);
}

/* `process` may be NULL. */
static void add_process(struct event_writer *writer, const struct pc_event *event, const struct pc_process *process)
{
	const char *cgroup;

	if (process && process->exe_length > 0) {
		add_clean(writer, "exe", writer->name,
			  object_name_of(process->exe_kind, process->text, process->exe_length, writer->name));
		if (process->is_exe_cut)
			json_key_bool(writer->gen, "exe_cut", true);
	}
	if (process)
		add_ancestors(writer, process);
	if (!process || process->cgroup_length == 0) {
		json_key_number(writer->gen, "cgroup_id", event->cgroup);
		return;
	}
	cgroup = process->text + process->exe_length;
	add_clean(writer, "cgroup", cgroup, process->cgroup_length);
	if (process->unit_length > 0)
		add_clean(writer, "unit", cgroup + process->unit_at, process->unit_length);
}

/* `text` holds `count` arguments, each but perhaps the last with its NUL. */
static void add_arguments(struct event_writer *writer, const struct pc_event *event, const char *text)
{
	const char *end = text + event->args_length;
	bool is_exact;

	if (event->args_count > 0)
		json_key_array(writer->gen, "args");
	for (const char *argument = text; argument < end; argument += strnlen(argument, (size_t)(end - argument)) + 1) {
		size_t length = utf8_clean(argument, strnlen(argument, (size_t)(end - argument)), writer->clean, &is_exact);

		(void)yajl_gen_string(writer->gen, (const unsigned char *)writer->clean, length);
	}
	if (event->args_count > 0)
		(void)yajl_gen_array_close(writer->gen);
	if (event->flags & PC_EVENT_ARGS_CUT)
		json_key_bool(writer->gen, "args_cut", true);
}

/* The kernel's own device numbers have 20 bits for the minor. */
static void add_inode(struct event_writer *writer, const struct pc_event *event)
{
	char dev[24];

	if (event->ino == 0)
		return;
	(void)snprintf(dev, sizeof(dev), "%u:%u", event->dev >> 20, event->dev & 0xfffff);
	json_key_string(writer->gen, "dev", dev);
	json_key_number(writer->gen, "ino", event->ino);
}

static void add_decision(struct event_writer *writer, const struct pc_event *event)
{
	json_key_number(writer->gen, "seq", writer->seq);
	json_key_string(writer->gen, "hook", event_hook_name(event->hook));
	json_key_string(writer->gen, "verdict", event_verdict_name(event->verdict));
	if (event->hook == PC_OPEN)
		json_key_string(writer->gen, "access", access_name(event->access));
	if (event->operation)
		json_key_string(writer->gen, "operation", operation_name(event->operation));
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
	yajl_gen_reset(writer->gen, NULL);
	yajl_gen_clear(writer->gen);
	(void)yajl_gen_map_open(writer->gen);
	add_time(writer->gen, event);
	add_decision(writer, event);
	add_object(writer, event, carried);
	add_rule(writer, event, g);
	add_policy(writer, event, g);
	add_subject(writer, event);
	add_process(writer, event, processes_find(processes, event->process));
	add_arguments(writer, event, event->object + carried);
	add_inode(writer, event);
	(void)yajl_gen_map_close(writer->gen);
	if (yajl_gen_get_buf(writer->gen, (const unsigned char **)ret_line, ret_length) != yajl_gen_status_ok)
		return -ENOMEM;
	return 0;
}
