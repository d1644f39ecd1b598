/* SPDX-License-Identifier: GPL-2.0-only */
/* apart.c - work in a child process: what it used of the memory goes back, and where it hangs nobody hangs with it. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apart.h"

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

/* Until it has begun to write, or ended. */
static int wait_for(int fd)
{
	struct pollfd begun = { .fd = fd, .events = POLLIN };
	int r;

	do
		r = poll(&begun, 1, PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r == 0 ? -ETIME : 0;
}

int apart_begin(apart_fn *fn, void *userdata, int keep, struct apart *ret)
{
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ret->pid = fork();
	if (ret->pid == 0)
		run(fn, userdata, pair[1], keep);
	r = ret->pid < 0 ? -errno : 0;
	(void)close(pair[1]);
	if (r == 0)
		r = wait_for(pair[0]);
	/* Waiting for a file system that doesn't answer it can't even be killed. */
	if (r == -ETIME)
		(void)kill(ret->pid, SIGKILL);
	ret->in = r < 0 ? NULL : fdopen(pair[0], "r");
	if (ret->in)
		return 0;
	r = r < 0 ? r : -errno;
	(void)close(pair[0]);
	return r;
}

void apart_end(struct apart *apart)
{
	(void)fclose(apart->in);
	while (waitpid(apart->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
