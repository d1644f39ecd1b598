/* SPDX-License-Identifier: GPL-2.0-only */
/* soak.c - processes that ask without a pause, each of the kinds below in turn, and count what they were answered.
 *
 * usage: subject-soak PROCESSES DECISIONS DIR
 *        subject-soak mounts COUNT DIR
 * Opens DIR/0 to DIR/FILES-1, DIR/deny and DIR/quiet, connects a UDP socket to 127.0.0.3 and 127.0.0.5, and starts /run/vm/busybox
 * true; the 3 and the two names are to be refused, the rest not. Prints: OPENED REFUSED_OPENS REFUSED_CONNECTS OTHERS WRONG.
 * With "mounts" it mounts a tmpfs on DIR, makes DIR/deny in it, tries to open that and unmounts it, COUNT times, and prints:
 * REFUSED WRONG BUSY; busy is a file system that somebody else, as the daemon that resolves links, is looking at just then. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES 4096
/* Of those that are opened all the time. */
#define WARM 64
#define ROUND 1000
/* Rounds for each program that is started: that takes as long as many opens. */
#define STARTS 20
/* Milliseconds that a file system may be busy. */
#define PATIENCE 1000

struct score {
	atomic_ulong opened, refused_opens, refused_connects, others, wrong;
};

static const char *dir;

static void open_one(const char *name, int is_refused, struct score *score)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	if (is_refused ? fd >= 0 || errno != EPERM : fd < 0)
		score->wrong++;
	else if (is_refused)
		score->refused_opens++;
	else
		score->opened++;
}

static void connect_one(const char *host, int is_refused, struct score *score)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = inet_addr(host) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = connect(fd, (struct sockaddr *)&address, sizeof(address));

	if (is_refused ? r == 0 || errno != EPERM : r < 0)
		score->wrong++;
	else if (is_refused)
		score->refused_connects++;
	else
		score->others++;
	(void)close(fd);
}

static void start_one(struct score *score)
{
	char *const arguments[] = { (char *)"busybox", (char *)"true", NULL };
	char *const environment[] = { NULL };
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, "/run/vm/busybox", NULL, NULL, arguments, environment) == 0)
		(void)waitpid(pid, &status, 0);
	*(status == 0 ? &score->others : &score->wrong) += 1;
}

static unsigned long total(const struct score *score)
{
	return score->opened + score->refused_opens + score->refused_connects + score->others + score->wrong;
}

static void work(unsigned int seed, unsigned long decisions, struct score *score)
{
	char name[16];

	for (unsigned int round = 0; total(score) < decisions; round++) {
		for (int i = 0; i < ROUND; i++) {
			seed = seed * 1664525 + 1013904223;
			(void)snprintf(name, sizeof(name), "%u", i % 4 ? seed >> 8 & (WARM - 1) : seed >> 8 & (FILES - 1));
			open_one(i % 20 == 1 ? "deny" : i % 20 == 2 ? "quiet" : name, i % 20 == 1 || i % 20 == 2, score);
			if (i % 20 == 3)
				connect_one(i % 40 == 3 ? "127.0.0.3" : "127.0.0.5", i % 40 == 3, score);
		}
		if (round % STARTS == 0)
			start_one(score);
	}
}

static int soak(unsigned int processes, unsigned long decisions)
{
	struct score *score = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (score == MAP_FAILED)
		return 2;
	for (unsigned int i = 0; i < processes; i++) {
		if (fork() == 0) {
			work(i, decisions, score);
			_exit(0);
		}
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	printf("%lu %lu %lu %lu %lu\n", score->opened, score->refused_opens, score->refused_connects, score->others, score->wrong);
	return 0;
}

static int mounts(unsigned long count)
{
	struct score score = {};
	unsigned long busy = 0;
	char path[256];
	int r;

	(void)snprintf(path, sizeof(path), "%s/deny", dir);
	for (unsigned long i = 0; i < count; i++) {
		if (mount("soak", dir, "tmpfs", 0, NULL) < 0 || mknod(path, S_IFREG | 0600, 0) < 0)
			score.wrong++;
		open_one("deny", 1, &score);
		while ((r = umount2(dir, 0)) < 0 && errno == EBUSY && ++busy % PATIENCE)
			(void)usleep(1000);
		score.wrong += r < 0;
	}
	printf("%lu %lu %lu\n", score.refused_opens, score.wrong, busy);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	dir = argv[3];
	if (strcmp(argv[1], "mounts") == 0)
		return mounts(strtoul(argv[2], NULL, 10));
	return soak((unsigned int)atoi(argv[1]), strtoul(argv[2], NULL, 10));
}
