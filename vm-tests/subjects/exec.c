/* SPDX-License-Identifier: GPL-2.0-only */
/* exec.c - execs PATH with the given argv, or prints the error's name. With -m a copy of PATH in a memfd is what runs.
 *
 * usage: subject-exec [-m] PATH [ARGV0 ARG…] */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "errno_word.h"

static int copy_to_memfd(const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("subject", MFD_CLOEXEC);

	if (from < 0 || to < 0)
		return -1;
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	return to;
}

int main(int argc, char **argv)
{
	int is_memfd = argc > 1 && strcmp(argv[1], "-m") == 0, at = 1 + is_memfd;
	char *alone[] = { argv[at], NULL };
	char **args = argc > at + 1 ? argv + at + 1 : alone;

	if (argc <= at)
		return 2;
	if (!is_memfd)
		return tell(execve(argv[at], args, environ));
	return tell(syscall(322 /* execveat */, copy_to_memfd(argv[at]), "", args, environ, 0x1000 /* AT_EMPTY_PATH */));
}
