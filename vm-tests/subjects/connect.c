/* SPDX-License-Identifier: GPL-2.0-only */
/* connect.c - connects one socket and prints OK or the error's name; it never waits.
 *
 * usage: subject-connect tcp|udp ADDRESS PORT [LENGTH] | unspec | unix PATH | abstract NAME | netlink
 * LENGTH is that of the address handed to the kernel. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "errno_word.h"

static int connect_ip(int type, const char *address, unsigned short port, socklen_t length)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd;

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
		fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
		return connect(fd, (void *)&four, length ? length : sizeof(four));
	}
	if (inet_pton(AF_INET6, address, &six.sin6_addr) != 1)
		exit(2);
	fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	return connect(fd, (void *)&six, length ? length : sizeof(six));
}

static int connect_unix(const char *name, int is_abstract)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(name) + 2 > sizeof(to.sun_path))
		exit(2);
	memcpy(to.sun_path + is_abstract, name, strlen(name));
	return connect(fd, (void *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1));
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (argc >= 4 && (strcmp(kind, "tcp") == 0 || strcmp(kind, "udp") == 0))
		return tell(connect_ip(*kind == 't' ? SOCK_STREAM : SOCK_DGRAM, argv[2], (unsigned short)atoi(argv[3]),
				       argc > 4 ? (socklen_t)atoi(argv[4]) : 0));
	if (argc == 3 && (strcmp(kind, "unix") == 0 || strcmp(kind, "abstract") == 0))
		return tell(connect_unix(argv[2], *kind == 'a'));
	if (strcmp(kind, "unspec") == 0) {
		struct sockaddr to = { .sa_family = AF_UNSPEC };

		return tell(connect(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), &to, sizeof(to)));
	}
	if (strcmp(kind, "netlink") == 0) {
		struct sockaddr_nl to = { .nl_family = AF_NETLINK };

		return tell(connect(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), (void *)&to, sizeof(to)));
	}
	return 2;
}
