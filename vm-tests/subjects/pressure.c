/* SPDX-License-Identifier: GPL-2.0-only */
/* pressure.c - 200 threads on one CPU, half of them SCHED_IDLE, half of each asking for DENIED and half for ALLOWED.
 *
 * usage: subject-pressure open|exec|connect COUNT DENIED ALLOWED
 * Ends after COUNT tries, or 120 s. To connect is to connect a UDP socket to port 9 of the object. Prints: TRIES SLIPS of
 * DENIED, TRIES REFUSED of ALLOWED, OTHER errors; a slip is a try of DENIED that was not refused, and where that is an
 * exec, the program's own output instead. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "errno_word.h"

#define THREADS 200
#define SECONDS_MAX 120

/* One thread's: an attempt returns 0 or the error's number. */
typedef int attempt_fn(const char *object, bool is_denied, int fd);

static attempt_fn *attempt;
static const char *objects[2];
static atomic_ulong tries[2], refused[2], others;
static unsigned long count;
static time_t end;

static int attempt_open(const char *object, bool is_denied, int unused)
{
	int fd = open(object, O_RDONLY | O_CLOEXEC);

	(void)is_denied;
	(void)unused;
	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int attempt_exec(const char *object, bool is_denied, int unused)
{
	char *argv[] = { (char *)object, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int r;

	(void)unused;
	/* One that slips ends all this and says OK. */
	if (is_denied)
		return execve(object, argv, NULL) ? errno : 0;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	r = posix_spawn(&pid, object, &actions, NULL, argv, NULL);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (r == 0)
		(void)waitpid(pid, NULL, 0);
	return r;
}

static int attempt_connect(const char *object, bool is_denied, int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };

	(void)is_denied;
	if (inet_pton(AF_INET, object, &to.sin_addr) != 1)
		return EINVAL;
	return connect(fd, (void *)&to, sizeof(to)) ? errno : 0;
}

static pthread_barrier_t all_are_there;

static void *try_for_long(void *argument)
{
	size_t number = (size_t)argument;
	int which = number & 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sched_param none = {};

	/* The kernel makes no thread while another one of the process is in an exec. */
	(void)pthread_barrier_wait(&all_are_there);
	if (number & 2 && sched_setscheduler(0, SCHED_IDLE, &none))
		exit(tell(-1));
	while (atomic_load(&tries[0]) + atomic_load(&tries[1]) < count && time(NULL) < end) {
		int r = attempt(objects[which], which == 0, fd);

		atomic_fetch_add(&tries[which], 1);
		if (r == EPERM)
			atomic_fetch_add(&refused[which], 1);
		else if (r)
			atomic_fetch_add(&others, 1);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		attempt_fn *attempt;
	} kinds[] = { { "open", attempt_open }, { "exec", attempt_exec }, { "connect", attempt_connect } };
	pthread_t threads[THREADS];
	cpu_set_t cpus;

	for (size_t i = 0; argc == 5 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			attempt = kinds[i].attempt;
	if (!attempt)
		return 2;
	count = strtoul(argv[2], NULL, 10);
	objects[0] = argv[3];
	objects[1] = argv[4];
	end = time(NULL) + SECONDS_MAX;
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		return tell(-1);
	(void)pthread_barrier_init(&all_are_there, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, try_for_long, (void *)i))
			return tell(-1);
	for (size_t i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	printf("%lu %lu %lu %lu %lu\n", tries[0], tries[0] - refused[0] - others, tries[1], refused[1], others);
	return 0;
}
