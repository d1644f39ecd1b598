/* SPDX-License-Identifier: GPL-2.0-only */
/* connect.c - connects one socket and prints OK or the error's name; it never waits.
 *
 * usage: subject-connect [-6] [-b ADDRESS] [-L] tcp|udp|icmp|raw|raw256|raw262|mptcp|sctp ADDRESS|unspec PORT [LENGTH]
 *        subject-connect [-a] [-s] unix|dgram|seqpacket|abstract|abstract-dgram NAME
 *        subject-connect autobound | pair | netlink
 * LENGTH is that of the address handed to the kernel; -L: tries each up to the whole and prints a line for each;
 * -6: an IPv6 socket whatever ADDRESS is; -b: bound to that address; -a: bound to a name the kernel chooses;
 * -s: sends a datagram without connecting; autobound: to a socket whose name the kernel chose; pair: sends to the other
 * end of a socketpair, which has no name. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "errno_word.h"

struct options {
	const char *bound;
	bool is_six, all_lengths, autobind, sends;
};

struct address {
	struct sockaddr_storage bytes;
	socklen_t length;
};

static const struct kind {
	const char *name;
	int type, protocol, six_protocol;
} kinds[] = {
	{ "tcp", SOCK_STREAM, 0, 0 },
	{ "udp", SOCK_DGRAM, 0, 0 },
	{ "icmp", SOCK_DGRAM, IPPROTO_ICMP, IPPROTO_ICMPV6 },
	{ "raw", SOCK_RAW, IPPROTO_ICMP, IPPROTO_ICMPV6 },
	{ "raw256", SOCK_RAW, 256, 256 },
	{ "raw262", SOCK_RAW, 262, 262 },
	{ "mptcp", SOCK_STREAM, 262, 262 },
	{ "sctp", SOCK_STREAM, IPPROTO_SCTP, IPPROTO_SCTP },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static struct address ip_address(const char *text, unsigned short port)
{
	struct address address = { .length = sizeof(struct sockaddr_in) };
	struct sockaddr_in *four = (void *)&address.bytes;
	struct sockaddr_in6 *six = (void *)&address.bytes;

	four->sin_port = htons(port);
	if (strcmp(text, "unspec") == 0)
		return address;
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		return address;
	}
	four->sin_addr.s_addr = 0;
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		exit(2);
	six->sin6_family = AF_INET6;
	address.length = sizeof(*six);
	return address;
}

static long connect_ip(const struct kind *kind, const struct options *options, const struct address *to,
		       socklen_t length)
{
	bool is_six = options->is_six || to->bytes.ss_family == AF_INET6;
	int fd = socket(is_six ? AF_INET6 : AF_INET, kind->type | SOCK_CLOEXEC,
			is_six ? kind->six_protocol : kind->protocol);
	struct address bound;

	need(fd, "socket");
	if (options->bound) {
		bound = ip_address(options->bound, 0);
		need(bind(fd, (void *)&bound.bytes, bound.length), "bind");
	}
	return connect(fd, (const void *)&to->bytes, length);
}

static int run_ip(const struct options *options, char **args, int count)
{
	const struct kind *kind = find_kind(args[0]);
	struct address to;

	if (!kind || count < 3)
		return 2;
	to = ip_address(args[1], (unsigned short)atoi(args[2]));
	if (!options->all_lengths)
		return tell(connect_ip(kind, options, &to, count > 3 ? (socklen_t)atoi(args[3]) : to.length));
	for (socklen_t length = 0; length <= to.length; length++) {
		printf("%u ", length);
		(void)tell(connect_ip(kind, options, &to, length));
	}
	return 0;
}

static int autobound_socket(int type)
{
	sa_family_t family = AF_UNIX;
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	need(fd, "socket");
	need(bind(fd, (void *)&family, sizeof(family)), "autobind");
	return fd;
}

static int run_unix(const struct options *options, const char *kind, const char *name)
{
	bool is_abstract = strncmp(kind, "abstract", 8) == 0;
	int type = strstr(kind, "dgram")            ? SOCK_DGRAM
		   : strcmp(kind, "seqpacket") == 0 ? SOCK_SEQPACKET
						    : SOCK_STREAM;
	int fd = options->autobind ? autobound_socket(type) : socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);

	if (strlen(name) + 2 > sizeof(to.sun_path))
		return 2;
	memcpy(to.sun_path + is_abstract, name, strlen(name));
	if (options->sends)
		return tell(sendto(fd, "x", 1, MSG_DONTWAIT, (void *)&to, length));
	return tell(connect(fd, (void *)&to, length));
}

static int run_autobound(void)
{
	int server = autobound_socket(SOCK_STREAM);
	struct sockaddr_un to;
	socklen_t length = sizeof(to);

	need(listen(server, 1), "listen");
	need(getsockname(server, (void *)&to, &length), "getsockname");
	return tell(connect(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (void *)&to, length));
}

static int run_pair(void)
{
	int ends[2];

	need(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), "socketpair");
	return tell(send(ends[0], "x", 1, 0));
}

static int run_netlink(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };

	return tell(
		connect(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), (void *)&to, sizeof(to)));
}

int main(int argc, char **argv)
{
	struct options options = {};
	int c, count;

	while ((c = getopt(argc, argv, "6b:Las")) != -1) {
		options.is_six |= c == '6';
		options.all_lengths |= c == 'L';
		options.autobind |= c == 'a';
		options.sends |= c == 's';
		if (c == 'b')
			options.bound = optarg;
	}
	argv += optind;
	count = argc - optind;
	if (count == 1 && strcmp(argv[0], "autobound") == 0)
		return run_autobound();
	if (count == 1 && strcmp(argv[0], "pair") == 0)
		return run_pair();
	if (count == 1 && strcmp(argv[0], "netlink") == 0)
		return run_netlink();
	if (count == 2)
		return run_unix(&options, argv[0], argv[1]);
	return count > 2 ? run_ip(&options, argv, count) : 2;
}
