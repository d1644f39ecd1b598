/* SPDX-License-Identifier: GPL-2.0-only */
/* datagram.c - a unix datagram socket: waits at PATH, or sends one datagram there and prints OK or the error's name.
 *
 * usage: subject-datagram listen|send|connect PATH */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "errno_word.h"

static int listen_at(int fd, const struct sockaddr_un *at)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (bind(fd, (const void *)at, sizeof(*at)))
		return tell(-1);
	puts("READY");
	(void)fflush(stdout);
	for (;;)
		(void)recv(fd, NULL, 0, 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (argc != 3 || strlen(argv[2]) >= sizeof(at.sun_path))
		return 2;
	memcpy(at.sun_path, argv[2], strlen(argv[2]));
	if (strcmp(argv[1], "listen") == 0)
		return listen_at(fd, &at);
	if (strcmp(argv[1], "connect") == 0)
		return tell(connect(fd, (void *)&at, sizeof(at)));
	return tell(sendto(fd, "x", 1, MSG_DONTWAIT, (void *)&at, sizeof(at)) > 0 ? 0 : -1);
}
