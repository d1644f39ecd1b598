/* SPDX-License-Identifier: GPL-2.0-only */
/* bpf_load.c - loads BPF objects, as different compilers made them, and says what the verifier had to look through. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel_programs.h"
#include "kernel_shared.h"

#define LOG_SIZE 4096
#define PROGRAMS_MAX 64
/* BPF_LOG_STATS: the closing line alone. */
#define LOG_STATS 4

static char logs[PROGRAMS_MAX][LOG_SIZE];

static void print_statistics(const struct bpf_object *object)
{
	struct bpf_program *program;
	int i = 0;

	bpf_object__for_each_program(program, object) {
		const char *log = logs[i++], *line = strstr(log, "processed "), *took = strstr(log, "verification time ");

		printf("  %-24s %.*s %.*s\n", bpf_program__name(program), line ? (int)strcspn(line, "(\n") : 1, line ? line : "-",
		       took ? (int)strcspn(took, "\n") : 0, took ? took : "");
	}
}

static unsigned long cpu_time(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (unsigned long)time.tv_sec * 1000000000UL + (unsigned long)time.tv_nsec;
}

static int load_object(struct bpf_object *object, const char *path)
{
	struct bpf_program *program;
	unsigned long start, took;
	int i = 0;
	int r;

	(void)programs_choose(object);
	bpf_object__for_each_program(program, object) {
		(void)bpf_program__set_log_level(program, LOG_STATS);
		(void)bpf_program__set_log_buf(program, logs[i++], LOG_SIZE);
	}
	start = cpu_time();
	r = bpf_object__load(object);
	took = cpu_time() - start;
	if (r)
		printf("%s: %s\n", path, strerror(-r));
	else
		printf("%s: loaded, %lu ns\n", path, took);
	print_statistics(object);
	return r;
}

static int load(const char *path)
{
	struct shared shared = {};
	int r = shared_begin(&shared);
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (object && !r) {
		shared.object = object;
		r = load_object(object, path);
	} else {
		r = -errno;
		printf("%s: %s\n", path, strerror(errno));
	}
	shared_end();
	bpf_object__close(object);
	return r;
}

int main(int argc, char **argv)
{
	int status = argc < 2;

	for (int i = 1; i < argc; i++)
		status |= load(argv[i]) != 0;
	return status;
}
