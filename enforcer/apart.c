/* SPDX-License-Identifier: GPL-2.0-only */
/* apart.c - work in a child process: what it used of the memory goes back, and where it hangs nobody hangs with it. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apart.h"
#include "ownership.h"

/* Many times what the largest policy takes on the slowest machine. */
#define PATIENCE_MS (10 * 60 * 1000)

/* The BPF links among them would keep a policy in force that nobody looks after. */
static void close_all_but(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (a < 0 || b < 0)
		low = high;
	if (low > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, low - 1, 0);
	if (high > low + 1)
		(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, UINT_MAX, 0);
}

_Noreturn static void run(apart_fn *fn, void *userdata, int fd, int keep)
{
	FILE *out;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_all_but(fd, keep);
	out = fdopen(fd, "w");
	if (!out)
		_exit(1);
	fn(out, userdata);
	_exit(fflush(out) ? 1 : 0);
}

static int wait_for(pid_t pid)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int status = 0, r;

	if (end.fd >= 0) {
		do
			r = poll(&end, 1, PATIENCE_MS);
		while (r < 0 && errno == EINTR);
		(void)close(end.fd);
		/* Waiting for a file system that doesn't answer it can't even be killed. */
		if (r == 0) {
			(void)kill(pid, SIGKILL);
			return -ETIME;
		}
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int apart_run(apart_fn *fn, void *userdata, int keep, FILE **ret_in)
{
	_cleanup_close_ int fd = memfd_create("portcullis-apart", MFD_CLOEXEC);
	pid_t pid;
	int r;

	if (fd < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run(fn, userdata, fd, keep);
	r = wait_for(pid);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	*ret_in = fdopen(fd, "r");
	if (!*ret_in)
		return -errno;
	(void)take_fd(&fd);
	return 0;
}
