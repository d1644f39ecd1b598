/* SPDX-License-Identifier: GPL-2.0-only */
/* uring.c - opens or connects by io_uring and prints OK or the error's name.
 *
 * usage: subject-uring [-w|-p] openat|openat2 PATH | connect ADDRESS PORT
 * The call is made by the task itself; -w: by a worker thread; -p: by the kernel's polling thread (SQPOLL). */
#include <arpa/inet.h>
#include <fcntl.h>
#include <liburing.h>
#include <unistd.h>

#include "errno_word.h"

/* A UDP connect never waits, so that it is made once. */
static void prepare_connect(struct io_uring_sqe *sqe, const char *address, const char *port)
{
	static struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	need(fd, "socket");
	to.sin_port = htons((unsigned short)atoi(port));
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		exit(2);
	io_uring_prep_connect(sqe, fd, (void *)&to, sizeof(to));
}

static void prepare(struct io_uring_sqe *sqe, char **args, int count)
{
	static struct open_how how = { .flags = O_RDONLY };

	if (count == 3 && strcmp(args[0], "connect") == 0)
		prepare_connect(sqe, args[1], args[2]);
	else if (count == 2 && strcmp(args[0], "openat") == 0)
		io_uring_prep_openat(sqe, AT_FDCWD, args[1], O_RDONLY, 0);
	else if (count == 2 && strcmp(args[0], "openat2") == 0)
		io_uring_prep_openat2(sqe, AT_FDCWD, args[1], &how);
	else
		exit(2);
}

static void check(int result, const char *what)
{
	errno = -result;
	need(result, what);
}

int main(int argc, char **argv)
{
	struct io_uring_params params = {};
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	struct io_uring ring;
	unsigned int flags = 0;
	int c;

	while ((c = getopt(argc, argv, "wp")) != -1) {
		if (c == 'p')
			params.flags = IORING_SETUP_SQPOLL;
		else
			flags = IOSQE_ASYNC;
	}
	check(io_uring_queue_init_params(4, &ring, &params), "ring");
	sqe = io_uring_get_sqe(&ring);
	prepare(sqe, argv + optind, argc - optind);
	sqe->flags |= flags;
	check(io_uring_submit(&ring), "submit");
	check(io_uring_wait_cqe(&ring, &cqe), "wait");
	errno = cqe->res < 0 ? -cqe->res : 0;
	return tell(cqe->res);
}
