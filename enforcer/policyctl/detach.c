/* SPDX-License-Identifier: GPL-2.0-only */
/* detach.c - `policyctl detach`: ends what outlived the daemon. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "pins.h"
#include "verbs.h"

static int refuse_running(void)
{
	fprintf(stderr, "policyctl: portcullisd is running, and would go on; stop it first (systemctl stop portcullisd)\n");
	return EXIT_REFUSED;
}

static int tell(const char *dir, int error)
{
	if (error == -ENOENT)
		fprintf(stderr, "policyctl: nothing is pinned in %s; another folder is named by --pins DIR\n", dir);
	else if (error == -EINVAL)
		fprintf(stderr, "policyctl: %s is no folder of a BPF file system: nothing is pinned there; another is named by --pins DIR\n", dir);
	else if (pins_have(dir, PINS_SEALED))
		fprintf(stderr, "policyctl: the policy in %s is sealed: it ends when the host is booted again\n", dir);
	else
		fprintf(stderr, "policyctl: cannot end what is pinned in %s: %s%s\n", dir, strerror(-error),
			error == -EACCES || error == -EPERM ? "; this is for root" : "");
	return EXIT_REFUSED;
}

int detach_run(const struct args *args)
{
	const char *dir = args->pins ? args->pins : PINS_PATH;
	int fd, r;

	if (!(args->given & ARGS_YES)) {
		fprintf(stderr, "policyctl: detach ends the policy: from then on nothing is refused or recorded; say so by --yes\n");
		return EXIT_REFUSED;
	}
	if (connection_open(args->socket, &fd) == 0) {
		(void)close(fd);
		return refuse_running();
	}
	r = pins_remove(dir);
	if (r)
		return tell(dir, r);
	printf("the policy that was pinned in %s has ended: nothing is refused or recorded\n", dir);
	return EXIT_FINE;
}
