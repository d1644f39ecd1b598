/* SPDX-License-Identifier: GPL-2.0-only */
/* pass.c - hands descriptors on, or takes one and prints OK or the error's name.
 *
 * usage: subject-pass hold NAME r|w:FILE… | take NAME INDEX | steal PID FD
 * hold: opens the files, or makes a pipe or a memfd for "pipe" and "memfd", prints "READY PID FD…", and sends the one
 * whose number it is told to whoever connects to the abstract socket NAME. Ends with its parent. */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "errno_word.h"

#define FILES_MAX 32

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static int open_one(const char *what)
{
	int pair[2];

	if (strcmp(what, "pipe") == 0) {
		need(pipe2(pair, O_CLOEXEC), "pipe");
		return pair[0];
	}
	if (strcmp(what, "memfd") == 0)
		return need(memfd_create("held", MFD_CLOEXEC), "memfd");
	return need(open(what + 2, (what[0] == 'w' ? O_WRONLY : O_RDONLY) | O_CLOEXEC), "open");
}

static int meet(const char *name, struct sockaddr_un *address, socklen_t *length)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)strncpy(address->sun_path + 1, name, sizeof(address->sun_path) - 2);
	*length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	return need(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket");
}

static void send_descriptor(int peer, int fd)
{
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union control control = {
		.header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS },
	};
	const struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	(void)sendmsg(peer, &message, 0);
}

static _Noreturn void hold(const char *name, int count, char **what)
{
	struct sockaddr_un address;
	socklen_t length;
	int fds[FILES_MAX], fd = meet(name, &address, &length);

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* Whoever may trace this process may take its descriptors. */
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	need(bind(fd, (void *)&address, length), "bind");
	need(listen(fd, 8), "listen");
	printf("READY %d", getpid());
	for (int i = 0; i < count && i < FILES_MAX; i++) {
		fds[i] = open_one(what[i]);
		printf(" %d", fds[i]);
	}
	puts("");
	(void)fflush(stdout);
	for (;;) {
		int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		char index;

		if (recv(peer, &index, 1, 0) == 1 && index >= 0 && index < count)
			send_descriptor(peer, fds[(int)index]);
		(void)close(peer);
	}
}

/* The kernel leaves a refused descriptor out and says that something was cut off. */
static int take(const char *name, int number)
{
	char index = (char)number, byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	union control control;
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct sockaddr_un address;
	socklen_t length;
	int fd = meet(name, &address, &length);

	need(connect(fd, (void *)&address, length), "connect");
	need(send(fd, &index, 1, 0), "send");
	need(recvmsg(fd, &message, MSG_CMSG_CLOEXEC), "receive");
	errno = message.msg_flags & MSG_CTRUNC ? EPERM : ENODATA;
	return tell(message.msg_controllen >= sizeof(struct cmsghdr) && !(message.msg_flags & MSG_CTRUNC) ? 0 : -1);
}

static int steal(int pid, int fd)
{
	int process = need(syscall(SYS_pidfd_open, pid, 0), "pidfd");

	return tell(syscall(SYS_pidfd_getfd, process, fd, 0));
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "hold") == 0)
		hold(argv[2], argc - 3, argv + 3);
	if (argc == 4 && strcmp(argv[1], "take") == 0)
		return take(argv[2], atoi(argv[3]));
	if (argc == 4 && strcmp(argv[1], "steal") == 0)
		return steal(atoi(argv[2]), atoi(argv[3]));
	return 2;
}
