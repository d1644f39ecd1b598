/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hammer.c - bench-hammer PROCESSES: nanoseconds of an open by each of so many processes at once, a CPU for each, by the
 * wall clock: the middle one of several rounds. Each opens a file of its own, which bench-ops prepared.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 9
#define OPENS 20000

static unsigned long now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (unsigned long)time.tv_sec * 1000000000UL + (unsigned long)time.tv_nsec;
}

static void hammer(int cpu)
{
	cpu_set_t cpus;
	char path[64];

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	(void)snprintf(path, sizeof(path), "/mnt/bn/d%03d/sub1/f0001", cpu);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		_exit(1);
	for (int i = 0; i < OPENS; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || close(fd))
			_exit(1);
	}
	_exit(0);
}

static unsigned long round_of(int processes)
{
	unsigned long start = now();
	int status;

	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid == 0)
			hammer(i);
		if (pid < 0)
			exit(2);
	}
	for (int i = 0; i < processes; i++) {
		if (wait(&status) < 0 || status)
			exit(2);
	}
	return (now() - start) / OPENS;
}

static int compare(const void *a, const void *b)
{
	const unsigned long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
	unsigned long took[ROUNDS];
	int processes = argc == 2 ? atoi(argv[1]) : 0;

	if (processes < 1) {
		(void)fprintf(stderr, "usage: bench-hammer PROCESSES\n");
		return 2;
	}
	(void)round_of(processes);
	for (int i = 0; i < ROUNDS; i++)
		took[i] = round_of(processes);
	qsort(took, ROUNDS, sizeof(took[0]), compare);
	printf("%lu\n", took[ROUNDS / 2]);
	return 0;
}
