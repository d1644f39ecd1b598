/* SPDX-License-Identifier: GPL-2.0-only */
/* crowd.c - an ordinary user mounts a file system many times over and never rests, while root opens a file of it.
 *
 * usage: subject-crowd UID BINDS OPENS FILE EVENT-DIR
 * The user's mounts are in a namespace of his own. Each 50 opens root mounts and unmounts something on EVENT-DIR, so that
 * the host's mounts have to be looked at anew. Prints: FAILED-OPENS REMOUNTS. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errno_word.h"

#define PLACE "/tmp/crowd"

struct shared {
	atomic_int is_ready;
	atomic_ulong remounts;
};

/* The mounts lie on top of one another; the last one is changed back and forth for ever. */
static void crowd(uid_t uid, int binds, struct shared *shared)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	need(setresgid(uid, uid, uid), "setgid");
	need(setresuid(uid, uid, uid), "setuid");
	need(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	for (int i = 0; i < binds; i++)
		need(mount("/usr/bin", PLACE, NULL, MS_BIND, NULL), "bind");
	atomic_store(&shared->is_ready, 1);
	for (;;) {
		need(mount(NULL, PLACE, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_RDONLY, NULL), "remount");
		atomic_fetch_add(&shared->remounts, 1);
	}
}

static int open_many(const char *file, int opens, const char *event_dir)
{
	int failed = 0;

	for (int i = 0; i < opens; i++) {
		int fd;

		if (i % 50 == 0) {
			need(mount("event", event_dir, "tmpfs", 0, NULL), "mount");
			need(umount(event_dir), "umount");
		}
		fd = open(file, O_RDONLY | O_CLOEXEC);
		failed += fd < 0;
		if (fd >= 0)
			(void)close(fd);
	}
	return failed;
}

int main(int argc, char **argv)
{
	struct shared *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[2];
	int failed;

	if (argc != 6 || shared == MAP_FAILED)
		return 2;
	(void)mkdir(PLACE, 0777);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			crowd((uid_t)atoi(argv[1]), atoi(argv[2]), shared);
		while (!atomic_load(&shared->is_ready) && waitpid(pids[i], NULL, WNOHANG) == 0)
			(void)usleep(1000);
		atomic_store(&shared->is_ready, 0);
	}
	failed = open_many(argv[4], atoi(argv[3]), argv[5]);
	for (int i = 0; i < 2; i++)
		(void)kill(pids[i], SIGKILL);
	printf("%d %lu\n", failed, atomic_load(&shared->remounts));
	return 0;
}
