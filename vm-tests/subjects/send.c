/* SPDX-License-Identifier: GPL-2.0-only */
/* send.c - sends a message to an address without connecting, and prints OK or the error's name.
 *
 * usage: subject-send [-6] [-b ADDRESS] [-u] WAY tcp|udp|raw|raw256|raw262|mptcp|sctp ADDRESS PORT
 * WAY: sendto, sendmsg, sendmmsg, fastopen (sendto with MSG_FASTOPEN), fastopen-msg, uring, control (sendmsg with
 * ancillary data), connectx (SCTP: ADDRESS is a list of them, separated by commas).
 * -6: an IPv6 socket whatever ADDRESS is; -b: bound to that address; -u: the address's family is AF_UNSPEC. */
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "errno_word.h"

#define SCTP_SOCKOPT_CONNECTX 110

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	};
	socklen_t length;
};

static const struct kind {
	const char *name;
	int type, protocol, six_protocol;
} kinds[] = {
	{ "tcp", SOCK_STREAM, 0, 0 },
	{ "udp", SOCK_DGRAM, 0, 0 },
	{ "raw", SOCK_RAW, IPPROTO_ICMP, IPPROTO_ICMPV6 },
	{ "raw256", SOCK_RAW, 256, 256 },
	{ "raw262", SOCK_RAW, 262, 262 },
	{ "mptcp", SOCK_STREAM, 262, 262 },
	{ "sctp", SOCK_STREAM, IPPROTO_SCTP, IPPROTO_SCTP },
};

static struct address parse(const char *text, const char *port)
{
	struct address address = {};

	if (inet_pton(AF_INET, text, &address.four.sin_addr) == 1) {
		address.four.sin_family = AF_INET;
		address.four.sin_port = htons((uint16_t)atoi(port));
		address.length = sizeof(address.four);
	} else if (inet_pton(AF_INET6, text, &address.six.sin6_addr) == 1) {
		address.six.sin6_family = AF_INET6;
		address.six.sin6_port = htons((uint16_t)atoi(port));
		address.length = sizeof(address.six);
	} else {
		exit(2);
	}
	return address;
}

static long send_message(int fd, struct address *to, int flags, bool has_control)
{
	char byte[8] = { 8 };
	struct iovec data = { .iov_base = byte, .iov_len = sizeof(byte) };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = {
		.header = { .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO },
	};
	struct msghdr message = {
		.msg_name = to,
		.msg_namelen = to->length,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = has_control ? &control : NULL,
		.msg_controllen = has_control ? sizeof(control) : 0,
	};

	((struct in_pktinfo *)CMSG_DATA(&control.header))->ipi_spec_dst.s_addr = inet_addr("127.0.0.3");
	return sendmsg(fd, &message, flags);
}

static long send_several(int fd, struct address *to)
{
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct mmsghdr messages[2] = {};

	for (int i = 0; i < 2; i++) {
		messages[i].msg_hdr.msg_name = to;
		messages[i].msg_hdr.msg_namelen = to->length;
		messages[i].msg_hdr.msg_iov = &data;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(fd, messages, 2, 0);
}

static long send_by_uring(int fd, struct address *to)
{
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_name = to, .msg_namelen = to->length, .msg_iov = &data, .msg_iovlen = 1 };
	struct io_uring_cqe *done;
	struct io_uring ring;

	need(io_uring_queue_init(4, &ring, 0), "uring");
	io_uring_prep_sendmsg(io_uring_get_sqe(&ring), fd, &message, 0);
	need(io_uring_submit(&ring), "submit");
	need(io_uring_wait_cqe(&ring, &done), "wait");
	errno = done->res < 0 ? -done->res : 0;
	return done->res < 0 ? -1 : 0;
}

/* Waits for nothing: what has been started is enough. */
static long connect_several(int fd, char *list, const char *port)
{
	char packed[256];
	socklen_t length = 0;

	for (char *text = strtok(list, ","); text; text = strtok(NULL, ",")) {
		struct address address = parse(text, port);

		memcpy(packed + length, &address.any, address.length);
		length += address.length;
	}
	if (setsockopt(fd, IPPROTO_SCTP, SCTP_SOCKOPT_CONNECTX, packed, length) >= 0 || errno == EINPROGRESS)
		return 0;
	return -1;
}

static long send_so(const char *way, int fd, char *list, const char *port, bool is_unspecified)
{
	struct address to;

	if (strcmp(way, "connectx") == 0)
		return connect_several(fd, list, port);
	to = parse(list, port);
	if (is_unspecified)
		to.any.sa_family = AF_UNSPEC;
	if (strcmp(way, "sendto") == 0)
		return sendto(fd, "\10\0\0\0\0\0\0", 8, 0, &to.any, to.length);
	if (strcmp(way, "fastopen") == 0)
		return sendto(fd, "x", 1, MSG_FASTOPEN, &to.any, to.length);
	if (strcmp(way, "sendmmsg") == 0)
		return send_several(fd, &to);
	if (strcmp(way, "uring") == 0)
		return send_by_uring(fd, &to);
	return send_message(fd, &to, strcmp(way, "fastopen-msg") == 0 ? MSG_FASTOPEN : 0, strcmp(way, "control") == 0);
}

int main(int argc, char **argv)
{
	const char *bound = NULL;
	bool is_six = false, is_unspecified = false;
	int option, fd;
	long r;

	while ((option = getopt(argc, argv, "6b:u")) != -1) {
		is_six |= option == '6';
		is_unspecified |= option == 'u';
		if (option == 'b')
			bound = optarg;
	}
	if (argc - optind != 4)
		return 2;
	is_six |= strchr(argv[optind + 2], ':') != NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, argv[optind + 1]) != 0)
			continue;
		fd = need(socket(is_six ? AF_INET6 : AF_INET,
				 kinds[i].type | (strcmp(argv[optind], "connectx") == 0 ? SOCK_NONBLOCK : 0),
				 is_six ? kinds[i].six_protocol : kinds[i].protocol),
			  "socket");
		if (bound) {
			struct address from = parse(bound, "0");

			need(bind(fd, &from.any, from.length), "bind");
		}
		r = send_so(argv[optind], fd, argv[optind + 2], argv[optind + 3], is_unspecified);
		/* Nobody listens: it was tried. */
		return tell(r < 0 && errno == ECONNREFUSED ? 0 : r);
	}
	return 2;
}
