/* SPDX-License-Identifier: GPL-2.0-only */
/* reuse.c - mounts a tmpfs on DIR, again and again, until it has the device number DEV; then runs COMMAND.
 *
 * usage: subject-reuse DEV DIR COMMAND ARG…      (to be run in a mount namespace of its own) */
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errno_word.h"

/* The kernel gives out the lowest free number: a few mounts fill the gaps below. */
#define MOUNTS_MAX 64

int main(int argc, char **argv)
{
	struct stat st;

	if (argc < 4)
		return 2;
	for (int i = 0; i < MOUNTS_MAX; i++) {
		if (mount("reuse", argv[2], "tmpfs", 0, NULL) < 0 || stat(argv[2], &st) < 0)
			return tell(-1);
		if (st.st_dev == strtoul(argv[1], NULL, 10)) {
			(void)execvp(argv[3], argv + 3);
			return tell(-1);
		}
	}
	puts("NOT-REUSED");
	return 3;
}
