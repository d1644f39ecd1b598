/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lines.c - what a record costs from the ring to its outputs, in batches of 64: nanoseconds a line.
 *
 * Where the clock counts instructions, as in ./dev bench's VMs, these are what is printed; elsewhere the difference of two
 * runs of another length under `valgrind --tool=callgrind` tells those of user space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "events.h"
#include "outputs.h"

#define BATCH 64

static struct generation *make_generation(void)
{
	static const char names[] = "\0/etc/portcullis/policy.ini\0web-host";
	struct generation *g = calloc(1, sizeof(*g));

	g->id = 5;
	g->rule_count = 2;
	g->rules = calloc(2, sizeof(*g->rules));
	g->rules[1] = (struct pc_rule){ .file = 1, .line = 17, .section = PC_OPEN, .verb = PC_VERB_DENY };
	g->text = malloc(sizeof(names));
	memcpy(g->text, names, sizeof(names));
	g->text_size = sizeof(names);
	g->name = 28;
	return g;
}

static struct pc_event make_event(void)
{
	static const char object[] = "/var/lib/postgresql/15/main/base";
	struct pc_event event = {
		.type = PC_RECORD_DECISION,
		.process = 1,
		.image = 5,
		.cgroup = 7700,
		.ino = 424242,
		.dev = 8 << 20 | 1,
		.mnt_ns = 4026531840U,
		.rule = 1,
		.pid = 12345,
		.tid = 12345,
		.ppid = 1234,
		.uid = 1000,
		.gid = 1000,
		.hook = PC_OPEN,
		.verdict = PC_DENY,
		.verb = PC_DENY,
		.access = PC_ACCESS_READ,
		.kind = PC_KIND_PATH,
		.mode = PC_MODE_ENFORCE,
		.comm = "postgres",
		.object_len = sizeof(object) - 1,
	};

	memcpy(event.object, object, sizeof(object) - 1);
	return event;
}

static struct processes *make_processes(void)
{
	static const char exe[] = "/usr/lib/postgresql/15/bin/postgres", cgroup[] = "/system.slice/postgresql.service";
	struct processes *processes = processes_new();
	struct pc_process process = {
		.type = PC_RECORD_PROCESS,
		.pid = 12345,
		.id = 1,
		.exe_length = sizeof(exe) - 1,
		.cgroup_length = sizeof(cgroup) - 1,
		.unit_at = 14,
		.unit_length = 18,
		.exe_kind = PC_KIND_PATH,
		.ancestor_count = 2,
		.ancestors = { { 1234, "postgres" }, { 1, "systemd" } },
	};

	memcpy(process.text, exe, sizeof(exe) - 1);
	memcpy(process.text + sizeof(exe) - 1, cgroup, sizeof(cgroup) - 1);
	if (processes_take(processes, &process, PC_PROCESS_HEAD_SIZE + sizeof(exe) + sizeof(cgroup) - 2) < 0)
		exit(1);
	return processes;
}

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Returns nanoseconds a line, until all outputs have them. */
static double measure(struct outputs *outputs, const struct generations *generations, int batches)
{
	struct event_writer *writer = event_writer_new();
	struct processes *processes = make_processes();
	struct pc_event event = make_event();
	double start = now();
	const char *line;
	size_t length;

	for (int i = 0; i < batches * BATCH; i++) {
		if (event_writer_line(writer, &event, PC_EVENT_HEAD_SIZE + event.object_len, generations,
				      processes, &line, &length) < 0)
			exit(1);
		outputs_add(outputs, line, length);
		if (i % BATCH == BATCH - 1)
			outputs_flush(outputs);
	}
	outputs_end(outputs);
	(void)event_writer_free(writer);
	(void)processes_free(processes);
	return (now() - start) / batches / BATCH;
}

int main(int argc, char **argv)
{
	struct config_output config = { .to_journal = argc > 1 && strcmp(argv[1], "journal") == 0 };
	const char *file = argc > 1 && argv[1][0] == '/' ? argv[1] : NULL;
	struct generations *generations = generations_new();
	struct outputs *outputs = NULL;
	sd_event *event = NULL;
	double cost;

	if (argc != 3 || (!file && !config.to_journal) || atoi(argv[2]) < 1) {
		fprintf(stderr, "usage: bench-lines journal|/FILE BATCHES\n");
		return 1;
	}
	generations_add(generations, make_generation());
	if (sd_event_new(&event) < 0 || outputs_open(event, &config, file, &outputs) < 0 ||
	    outputs_start(outputs) < 0)
		return 1;
	cost = measure(outputs, generations, atoi(argv[2]));
	printf("%.0f ns a line, %llu lost\n", cost, (unsigned long long)outputs_lost(outputs));
	(void)outputs_free(outputs);
	(void)sd_event_unref(event);
	(void)generations_free(generations);
	return 0;
}
