/* SPDX-License-Identifier: GPL-2.0-only */
/* listen.c - makes sockets that others can connect to, says READY and waits for its end.
 *
 * usage: subject-listen NAME…   a path or @abstract; a word and a colon before it give the kind: dgram:PATH,
 * seqpacket:@NAME; tcp:PORT is on all addresses. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "errno_word.h"

static const struct {
	const char *prefix;
	int type;
} kinds[] = { { "dgram:", SOCK_DGRAM }, { "seqpacket:", SOCK_SEQPACKET }, { "", SOCK_STREAM } };

static int bind_port(const char *port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons((unsigned short)atoi(port)) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(bind(fd, (void *)&at, sizeof(at)), "bind");
	return fd;
}

static int bind_name(const char *name, int type)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, name, strnlen(name, sizeof(at.sun_path) - 2));
	if (*name == '@')
		at.sun_path[0] = '\0';
	need(bind(fd, (void *)&at,
		  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (*name != '@'))),
	     "bind");
	return fd;
}

static void serve(const char *word)
{
	size_t i = 0, length;

	if (strncmp(word, "tcp:", 4) == 0) {
		need(listen(bind_port(word + 4), 4096), "listen");
		return;
	}
	while (length = strlen(kinds[i].prefix), strncmp(word, kinds[i].prefix, length) != 0)
		i++;
	if (kinds[i].type == SOCK_DGRAM)
		(void)bind_name(word + length, kinds[i].type);
	else
		need(listen(bind_name(word + length, kinds[i].type), 64), "listen");
}

int main(int argc, char **argv)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int i = 1; i < argc; i++)
		serve(argv[i]);
	puts("READY");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}
