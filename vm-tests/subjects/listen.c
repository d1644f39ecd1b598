/* SPDX-License-Identifier: GPL-2.0-only */
/* listen.c - listens on unix sockets, each NAME a path or @abstract, says READY and waits for its end. */
#include <stddef.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "errno_word.h"

int main(int argc, char **argv)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int i = 1; i < argc; i++) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		memcpy(at.sun_path, argv[i], strnlen(argv[i], sizeof(at.sun_path) - 2));
		if (*argv[i] == '@')
			at.sun_path[0] = '\0';
		if (bind(fd, (void *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(argv[i]) + (*argv[i] != '@'))) ||
		    listen(fd, 64))
			return tell(-1);
	}
	puts("READY");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}
