/* SPDX-License-Identifier: GPL-2.0-only */
/* broker.c - a process of the chains' user that had all of it open before there was a policy, and gives it to who asks. */
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chain.h"
#include "world.h"

/* From descriptor 3 on. */
static const struct {
	const char *path;
	int flags;
} held[] = {
	{ ROOM "/secret/key", O_RDONLY },
	{ ROOM "/fixed/conf", O_RDWR },
	{ ROOM "/bin/tool", O_RDONLY },
	{ ROOM "/secret", O_RDONLY },
};

#define HELD (sizeof(held) / sizeof(held[0]))

static struct sockaddr_un broker_address(socklen_t *ret_length)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	memcpy(at.sun_path + 1, BROKER_NAME, sizeof(BROKER_NAME) - 1);
	*ret_length = sizeof(sa_family_t) + sizeof(BROKER_NAME);
	return at;
}

static void give(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	(void)sendmsg(socket, &message, MSG_NOSIGNAL);
}

int broker_run(void)
{
	socklen_t length;
	struct sockaddr_un at = broker_address(&length);
	int socket_fd, peer;
	char word;

	(void)close_range(3, ~0U, 0);
	for (size_t i = 0; i < HELD; i++)
		if (open(held[i].path, held[i].flags | O_CLOEXEC) != 3 + (int)i)
			return -1;
	socket_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (bind(socket_fd, (void *)&at, length) || listen(socket_fd, 16) || chdir(ROOM "/secret") ||
	    setgroups(0, NULL) || setgid(USER_ID) || setuid(USER_ID))
		return -1;
	(void)prctl(PR_SET_DUMPABLE, 1);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	puts("READY");
	(void)fflush(stdout);
	while ((peer = accept4(socket_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (recv(peer, &word, 1, 0) == 1)
			give(peer, 3 + (int)((unsigned char)word % HELD));
		(void)close(peer);
	}
	return -1;
}

pid_t broker_find(void)
{
	socklen_t length, size = sizeof(struct ucred);
	struct sockaddr_un at = broker_address(&length);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct ucred peer = {};

	if (connect(fd, (void *)&at, length) || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		peer.pid = 0;
	(void)close(fd);
	return peer.pid;
}
