/* SPDX-License-Identifier: GPL-2.0-only */
/* open.c - opens one file and prints OK or the error's name.
 *
 * usage: subject-open [-u UID] [-n] [-c DIR] [-P DIR] [-b COMMAND] ACCESS PATH | -m ACCESS
 * -u: as that user; -n: in a user namespace of its own; -c: after a chroot; -P: after a pivot_root to DIR;
 * -b: takes hold of PATH without opening it (O_PATH), runs COMMAND, and opens what it holds;
 * -m: opens a memfd once more. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errno_word.h"

static const struct {
	const char *name;
	int flags;
} accesses[] = {
	{ "r", O_RDONLY },
	{ "w", O_WRONLY },
	{ "rw", O_RDWR },
	{ "rt", O_RDONLY | O_TRUNC },
	{ "3", O_ACCMODE },
	{ "c", O_WRONLY | O_CREAT },
	{ "d", O_RDONLY | O_DIRECTORY },
};

static int flags_of(const char *name)
{
	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
		if (strcmp(accesses[i].name, name) == 0)
			return accesses[i].flags;
	fprintf(stderr, "unknown access '%s'\n", name);
	exit(2);
}

static void pivot(const char *dir)
{
	need(unshare(CLONE_NEWNS), "unshare");
	need(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), "private");
	need(mount(dir, dir, NULL, MS_BIND, NULL), "bind");
	need(chdir(dir), "chdir");
	need(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	need(umount2(".", MNT_DETACH), "umount");
	need(chdir("/"), "chdir");
}

static int open_again(int fd, int flags)
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return open(link, flags, 0644);
}

static int open_held(const char *path, int flags, const char *command)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	need(fd, "hold");
	need(system(command) ? -1 : 0, "command");
	return open_again(fd, flags);
}

static int open_memfd(int flags)
{
	int fd = memfd_create("subject", MFD_CLOEXEC);

	need(fd, "memfd");
	return open_again(fd, flags);
}

int main(int argc, char **argv)
{
	const char *command = NULL;
	int c, flags, is_memfd = 0;

	while ((c = getopt(argc, argv, "u:nc:P:b:m")) != -1) {
		if (c == 'u')
			need(setresuid((uid_t)atoi(optarg), (uid_t)atoi(optarg), (uid_t)atoi(optarg)),
			     "setuid");
		else if (c == 'n')
			need(unshare(CLONE_NEWUSER), "userns");
		else if (c == 'c')
			need(chroot(optarg) || chdir("/") ? -1 : 0, "chroot");
		else if (c == 'P')
			pivot(optarg);
		else if (c == 'b')
			command = optarg;
		else if (c == 'm')
			is_memfd = 1;
		else
			return 2;
	}
	if (optind + 2 - is_memfd != argc)
		return 2;
	flags = flags_of(argv[optind]) | O_CLOEXEC;
	if (is_memfd)
		return tell(open_memfd(flags));
	if (command)
		return tell(open_held(argv[optind + 1], flags, command));
	return tell(open(argv[optind + 1], flags, 0644));
}
