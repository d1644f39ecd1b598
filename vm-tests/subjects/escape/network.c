/* SPDX-License-Identifier: GPL-2.0-only */
/* network.c - steps that try to reach a refused listener: by a connect, by a message without one, by odd spellings. */
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chain.h"

/* Older headers lack it. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct target {
	struct sockaddr_storage bytes;
	socklen_t length;
};

/* The refused listener's address, in each form that leads there. */
static struct target pick_address(struct chain *chain, unsigned short port)
{
	static const char *const forms[] = { "127.0.0.1",        "127.0.0.1", "0.0.0.0",       "::1",
					     "::ffff:127.0.0.1", "::",        "::ffff:0.0.0.0" };
	const char *form = forms[chain_pick(chain, sizeof(forms) / sizeof(forms[0]))];
	struct target to = { .length = sizeof(struct sockaddr_in) };
	struct sockaddr_in *four = (void *)&to.bytes;
	struct sockaddr_in6 *six = (void *)&to.bytes;

	chain_say(chain, " %s", form);
	four->sin_port = htons(port);
	four->sin_family = AF_INET;
	if (inet_pton(AF_INET, form, &four->sin_addr) == 1)
		return to;
	four->sin_addr.s_addr = 0;
	six->sin6_family = AF_INET6;
	(void)inet_pton(AF_INET6, form, &six->sin6_addr);
	to.length = chain_pick(chain, 2) ? sizeof(*six) : 24;
	return to;
}

static int open_socket(struct chain *chain, const struct target *to, int type, int protocol)
{
	int family = to->bytes.ss_family;

	if (family == AF_INET && chain_pick(chain, 4) == 0)
		family = AF_INET6;
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/* Over the loopback a connection is made at once, or never. */
static int end(int socket, long result)
{
	int error = errno;

	(void)close(socket);
	errno = error;
	return result < 0 && error != EINPROGRESS ? -1 : 0;
}

static int take_connect(struct chain *chain)
{
	struct target to = pick_address(chain, PORT_TCP);
	int protocol = chain_pick(chain, 4) == 0 ? IPPROTO_MPTCP : 0;
	int fd = open_socket(chain, &to, SOCK_STREAM, protocol);

	return end(fd, connect(fd, (void *)&to.bytes, to.length));
}

/* Bound to an address of its own, where 0.0.0.0 then leads. */
static int take_connect_bound(struct chain *chain)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT_TCP) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	own.sin_addr.s_addr += htonl(chain_pick(chain, 2));
	(void)bind(fd, (void *)&own, sizeof(own));
	return end(fd, connect(fd, (void *)&to, sizeof(to)));
}

static int take_fast_open(struct chain *chain)
{
	struct target to = pick_address(chain, PORT_TCP);
	int protocol = chain_pick(chain, 4) == 0 ? IPPROTO_MPTCP : 0;
	int fd = open_socket(chain, &to, SOCK_STREAM, protocol), yes = 1;
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { &to.bytes, to.length, &part, 1 };

	switch (chain_pick(chain, 3)) {
	case 0:
		return end(fd, sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&to.bytes, to.length));
	case 1:
		return end(fd, sendmsg(fd, &message, MSG_FASTOPEN | MSG_NOSIGNAL));
	default:
		(void)setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &yes, sizeof(yes));
		if (connect(fd, (void *)&to.bytes, to.length) == 0)
			return end(fd, send(fd, "x", 1, MSG_NOSIGNAL));
		return end(fd, -1);
	}
}

static int take_udp(struct chain *chain)
{
	struct target to = pick_address(chain, PORT_UDP);
	int fd = open_socket(chain, &to, SOCK_DGRAM, 0);
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct mmsghdr messages[2] = { { .msg_hdr = { &to.bytes, to.length, &part, 1 } },
				       { .msg_hdr = { &to.bytes, to.length, &part, 1 } } };

	switch (chain_pick(chain, 4)) {
	case 0:
		return end(fd, sendto(fd, "x", 1, 0, (void *)&to.bytes, to.length));
	case 1:
		return end(fd, sendmsg(fd, &messages[0].msg_hdr, 0));
	case 2:
		return end(fd, sendmmsg(fd, messages, 2, 0));
	default:
		if (connect(fd, (void *)&to.bytes, to.length) == 0)
			return end(fd, send(fd, "x", 1, 0));
		return end(fd, -1);
	}
}

/* A message to an address of no family is sent as one of the socket's. */
static int take_unspec(struct chain *chain)
{
	struct target to = pick_address(chain, PORT_UDP);
	int fd = open_socket(chain, &to, SOCK_DGRAM, 0);

	to.bytes.ss_family = AF_UNSPEC;
	if (chain_pick(chain, 2))
		return end(fd, sendto(fd, "x", 1, 0, (void *)&to.bytes, to.length));
	if (connect(fd, (void *)&to.bytes, to.length) == 0)
		return end(fd, send(fd, "x", 1, 0));
	return end(fd, -1);
}

/* ---- Unix sockets. ---- */

static struct target unix_address(const char *name, bool is_abstract)
{
	struct target to = { .length =
				     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1) };
	struct sockaddr_un *address = (void *)&to.bytes;

	address->sun_family = AF_UNIX;
	if (strlen(name) < sizeof(address->sun_path) - 1)
		memcpy(address->sun_path + is_abstract, name, strlen(name));
	return to;
}

static int take_unix(struct chain *chain)
{
	char path[PATH_ROOM];
	struct target to = unix_address(chain_path(chain, path), false);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return end(fd, connect(fd, (void *)&to.bytes, to.length));
}

static int take_unix_near(struct chain *chain)
{
	static const char *const spellings[] = { "stream",   "../sock/stream",   "sock/stream",
						 "datagram", "../sock/datagram", "sock/datagram" };
	unsigned int picked = chain_pick(chain, 6);
	struct target to = unix_address(spellings[picked], false);
	int fd = socket(AF_UNIX, (picked < 3 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	chain_say(chain, " %s", spellings[picked]);
	if (picked < 3)
		return end(fd, connect(fd, (void *)&to.bytes, to.length));
	return end(fd, sendto(fd, "x", 1, 0, (void *)&to.bytes, to.length));
}

static int take_unix_datagram(struct chain *chain)
{
	char path[PATH_ROOM];
	struct target to = unix_address(chain_path(chain, path), false);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (chain_pick(chain, 2))
		return end(fd, sendto(fd, "x", 1, 0, (void *)&to.bytes, to.length));
	if (connect(fd, (void *)&to.bytes, to.length) == 0)
		return end(fd, send(fd, "x", 1, 0));
	return end(fd, -1);
}

static int take_abstract(struct chain *chain)
{
	struct target to = unix_address("deny-escape", true);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)chain;
	return end(fd, connect(fd, (void *)&to.bytes, to.length));
}

/* ---- io_uring. ---- */

static int take_ring_send(struct chain *chain)
{
	unsigned int way = chain_pick(chain, 3);
	struct target to = pick_address(chain, way == 0 ? PORT_UDP : PORT_TCP);
	int fd = open_socket(chain, &to, way == 0 ? SOCK_DGRAM : SOCK_STREAM, 0), result;
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { &to.bytes, to.length, &part, 1 };
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	struct io_uring ring;

	errno = -io_uring_queue_init(2, &ring, 0);
	if (errno)
		return end(fd, -1);
	sqe = io_uring_get_sqe(&ring);
	if (way == 2)
		io_uring_prep_connect(sqe, fd, (void *)&to.bytes, to.length);
	else
		io_uring_prep_sendmsg(sqe, fd, &message, MSG_NOSIGNAL | (way == 1 ? MSG_FASTOPEN : 0));
	result = io_uring_submit_and_wait(&ring, 1) == 1 && io_uring_peek_cqe(&ring, &cqe) == 0 ? cqe->res
												: -EIO;
	io_uring_queue_exit(&ring);
	errno = result < 0 ? -result : 0;
	return end(fd, result);
}

const struct step network_steps[] = {
	{ "connect", 2, take_connect },
	{ "connect-bound", 1, take_connect_bound },
	{ "fast-open", 1, take_fast_open },
	{ "udp", 2, take_udp },
	{ "unspec", 1, take_unspec },
	{ "unix", 2, take_unix },
	{ "unix-near", 1, take_unix_near },
	{ "unix-datagram", 2, take_unix_datagram },
	{ "abstract", 1, take_abstract },
	{ "ring-send", 1, take_ring_send },
	{},
};
