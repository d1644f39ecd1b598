/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_canary_helper.c - a process that makes canaries for the daemon, once that has given up the rights it takes. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel_canary.h"

/* The daemon's end; −1: there is no helper, and the daemon makes them itself. */
static int helper = -1;

/* Which one, with the two descriptors that it gets. */
struct order {
	char which; /* enum canary_act */
	int fds[2];
};

union room {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(2 * sizeof(int))];
};

static int send_order(int fd, const struct order *order)
{
	struct iovec part = { (void *)&order->which, 1 };
	union room room = {};
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof(room) };

	room.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(order->fds)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&room.header), order->fds, sizeof(order->fds));
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* False where the daemon is gone. */
static bool take_order(int fd, struct order *order)
{
	struct iovec part = { &order->which, 1 };
	union room room = {};
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof(room) };

	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != 1 || room.header.cmsg_len != CMSG_LEN(sizeof(order->fds)))
		return false;
	memcpy(order->fds, CMSG_DATA(&room.header), sizeof(order->fds));
	return true;
}

/* The child is the daemon's, which waits for it, and by which the programs know it. */
_Noreturn static void serve(int fd)
{
	struct order order;
	pid_t child;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned int)fd - 1, 0);
	(void)close_range((unsigned int)fd + 1, UINT_MAX, 0);
	while (take_order(fd, &order)) {
		child = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (child == 0) {
			canary_act(order.which, order.fds[0], order.fds[1]);
			_exit(1);
		}
		(void)close(order.fds[0]);
		(void)close(order.fds[1]);
		(void)!write(fd, &child, sizeof(child));
	}
	_exit(0);
}

int canary_keep(void)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	child = fork();
	if (child == 0)
		serve(pair[1]);
	(void)close(pair[1]);
	if (child < 0) {
		(void)close(pair[0]);
		return -EAGAIN;
	}
	helper = pair[0];
	return 0;
}

pid_t canary_make(enum canary_act which, int go, int tell, int other)
{
	const struct order order = { .which = (char)which, .fds = { go, tell } };
	pid_t child;

	if (helper >= 0)
		return send_order(helper, &order) == 0 && read(helper, &child, sizeof(child)) == sizeof(child) ? child : -1;
	child = fork();
	if (child == 0) {
		(void)close(other);
		canary_act(which, go, tell);
		_exit(1);
	}
	return child;
}
