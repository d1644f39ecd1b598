/* SPDX-License-Identifier: GPL-2.0-only */
/* hammer.c - four processes open the OBJECTs in turn while the policy is swapped and reloaded.
 *
 * usage: subject-hammer SOCKET RELOADS TRIES PAUSE POLICY OTHER OBJECT…
 * POLICY and OTHER change places before each reload. Reloads are asked for over one connection, PAUSE milliseconds
 * apart; at least RELOADS of them, and on until there were TRIES, but no more than ten times RELOADS. Prints: TRIES
 * SLIPS FAILED_RELOADS MILLISECONDS; a slip is anything but EPERM. What the first of each process was is said on stderr. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "errno_word.h"

#define PROCESSES 4

struct score {
	atomic_ulong tries, slips;
};

static unsigned long now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (unsigned long)time.tv_sec * 1000 + (unsigned long)time.tv_nsec / 1000000;
}

/* With a rest now and then: four that never sleep would leave the daemon a third of a CPU, and swaps are what is wanted. */
static void open_for_ever(char **objects, struct score *score)
{
	unsigned long start = now(), slips = 0;
	char **object = objects;

	for (unsigned int i = 1;; i++) {
		int fd = open(*object, O_RDONLY | O_CLOEXEC);

		if (fd >= 0 || errno != EPERM) {
			if (slips++ == 0)
				fprintf(stderr, "subject-hammer: %s: %s after %lu ms\n", *object,
					fd >= 0 ? "OK" : strerrorname_np(errno), now() - start);
			atomic_fetch_add(&score->slips, 1);
		}
		if (fd >= 0)
			(void)close(fd);
		atomic_fetch_add(&score->tries, 1);
		object = object[1] ? object + 1 : objects;
		if (i % 20 == 0)
			(void)usleep(20000);
	}
}

int main(int argc, char **argv)
{
	struct score *score = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long start = now();
	pid_t pids[PROCESSES];
	unsigned long reloads, wanted;
	int failed = 0, fd;

	if (argc < 8 || score == MAP_FAILED)
		return 2;
	reloads = strtoul(argv[2], NULL, 10);
	wanted = strtoul(argv[3], NULL, 10);
	fd = connect_daemon(argv[1]);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			open_for_ever(argv + 7, score);
	}
	for (unsigned long i = 0; i < reloads || (i < 10 * reloads && atomic_load(&score->tries) < wanted); i++) {
		if (renameat2(AT_FDCWD, argv[5], AT_FDCWD, argv[6], RENAME_EXCHANGE) || reload(fd))
			failed++;
		(void)usleep((useconds_t)atoi(argv[4]) * 1000);
	}
	for (int i = 0; i < PROCESSES; i++)
		(void)kill(pids[i], SIGKILL);
	printf("%lu %lu %d %lu\n", atomic_load(&score->tries), atomic_load(&score->slips), failed, now() - start);
	return 0;
}
