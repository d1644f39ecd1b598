/* SPDX-License-Identifier: GPL-2.0-only */
/* pass.c - hands descriptors on, or takes one and prints OK or the error's name.
 *
 * usage: subject-pass hold NAME r|w:FILE… | take NAME INDEX | addfd NAME INDEX | steal PID FD
 * hold: opens the files, or makes a pipe or a memfd for "pipe" and "memfd", prints "READY PID FD…", and sends the one
 * whose number it is told to whoever connects to the abstract socket NAME, or adds it to who lets it supervise its
 * system calls (addfd). Ends with its parent. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
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

static void send_descriptor(int peer, char byte, int fd)
{
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

/* The descriptor, or -1: the kernel leaves a refused one out and says that something was cut off. */
static int receive_descriptor(int peer, char *ret_byte)
{
	struct iovec data = { .iov_base = ret_byte, .iov_len = 1 };
	union control control;
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(peer, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	errno = message.msg_flags & MSG_CTRUNC ? EPERM : ENODATA;
	if (message.msg_controllen >= sizeof(struct cmsghdr) && !(message.msg_flags & MSG_CTRUNC))
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* The supervised call ends as the adding does. */
static void add_descriptor(int listener, int fd)
{
	struct seccomp_notif ask = {};
	struct seccomp_notif_addfd add = { .srcfd = (__u32)fd };
	struct seccomp_notif_resp answer = {};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &ask))
		return;
	add.id = answer.id = ask.id;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0)
		answer.error = -errno;
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
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
		int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC), listener;
		char index = -1;

		listener = receive_descriptor(peer, &index);
		if (index >= 0 && index < count && listener >= 0)
			add_descriptor(listener, fds[(int)index]);
		else if (index >= 0 && index < count)
			send_descriptor(peer, index, fds[(int)index]);
		(void)close(listener);
		(void)close(peer);
	}
}

static int connect_holder(const char *name)
{
	struct sockaddr_un address;
	socklen_t length;
	int fd = meet(name, &address, &length);

	need(connect(fd, (void *)&address, length), "connect");
	return fd;
}

static int take(const char *name, int number)
{
	int fd = connect_holder(name);
	char index = (char)number;

	need(send(fd, &index, 1, 0), "send");
	return tell(receive_descriptor(fd, &index));
}

static int be_supervised(const char *name, int number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { .len = 4, .filter = code };
	int fd = connect_holder(name), listener;

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "privileges");
	listener = need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter), "filter");
	send_descriptor(fd, (char)number, listener);
	return tell(syscall(SYS_getppid));
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
	if (argc == 4 && strcmp(argv[1], "addfd") == 0)
		return be_supervised(argv[2], atoi(argv[3]));
	if (argc == 4 && strcmp(argv[1], "steal") == 0)
		return steal(atoi(argv[2]), atoi(argv[3]));
	return 2;
}
