/* SPDX-License-Identifier: GPL-2.0-only */
/* programs.c - steps that run a program, or code, from where none may run. What runs says RUN_WORD on descriptor 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2"

/* The loader, for one, waits for ever for a writer to what a step before made a fifo. */
#define RUN_SECONDS 10

/* execveat, in a child that shares our memory until it is done. */
static int run(int folder, const char *path, const char *const arguments[], int flags)
{
	static volatile int error;
	pid_t child;
	int status;

	error = 0;
	child = vfork();
	if (child == 0) {
		(void)alarm(RUN_SECONDS);
		(void)syscall(SYS_execveat, folder, path, arguments, environ, flags);
		error = errno;
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -1;
	errno = error ? error : ENOEXEC;
	return status == 0 ? 0 : -1;
}

static int take_exec(struct chain *chain)
{
	char path[PATH_ROOM];
	const char *const arguments[] = { path, NULL };

	chain_path(chain, path);
	return run(AT_FDCWD, path, arguments, 0);
}

static int take_exec_handle(struct chain *chain)
{
	static const char *const arguments[] = { "tool", NULL };
	int fd = chain_handle(chain);

	if (chain_pick(chain, 2))
		return run(fd, "", arguments, AT_EMPTY_PATH);
	return run(fd, "tool", arguments, 0);
}

/* The one program of all, so that it is often enough that one. */
static int open_tool(struct chain *chain)
{
	char path[PATH_ROOM] = ROOM "/bin/tool";

	if (chain_pick(chain, 4) == 0)
		chain_path(chain, path);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int take_memfd_exec(struct chain *chain)
{
	static const char *const arguments[] = { "tool", NULL };
	int from = open_tool(chain), to = memfd_create("tool", MFD_CLOEXEC), result = -1;

	if (from >= 0 && copy_all(from, to) == 0)
		result = run(to, "", arguments, AT_EMPTY_PATH);
	if (from >= 0)
		(void)close(from);
	(void)close(to);
	return result;
}

static int take_copy_exec(struct chain *chain)
{
	char to[PATH_ROOM];
	const char *const arguments[] = { to, NULL };
	int from = open_tool(chain), fd, result = -1;

	if (from < 0)
		return -1;
	fd = open(chain_place(chain, to), O_CREAT | O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0755);
	if (fd >= 0) {
		result = copy_all(from, fd);
		(void)close(fd);
	}
	(void)close(from);
	return result ? -1 : run(AT_FDCWD, to, arguments, 0);
}

static int take_loader(struct chain *chain)
{
	char path[PATH_ROOM] = ROOM "/bin/tool";
	const char *const arguments[] = { LOADER, path, NULL };

	if (chain_pick(chain, 2))
		chain_path(chain, path);
	return run(AT_FDCWD, LOADER, arguments, 0);
}

/* A script that may be run, whose interpreter may not; and one that may not, of an interpreter that may. */
static int take_script(struct chain *chain)
{
	const char *arguments[] = { "/run/vm/okay-script", NULL };
	char to[PATH_ROOM];
	int fd;

	if (chain_pick(chain, 2))
		return run(AT_FDCWD, arguments[0], arguments, 0);
	fd = open(chain_place(chain, to), O_CREAT | O_TRUNC | O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0755);
	if (fd < 0)
		return -1;
	(void)dprintf(fd, "#!/usr/bin/busybox echo\n");
	(void)close(fd);
	arguments[0] = to;
	return run(AT_FDCWD, to, arguments, 0);
}

/* An interpreter of one's own for what may be run, where a user namespace has such a list. */
static int take_binfmt(struct chain *chain)
{
	static const char *const arguments[] = { "/run/vm/okay-script", NULL };
	static const char *const lines[] = { ":escape:M::#!::" ROOM "/bin/tool:",
					     ":escape:M::#!::" ROOM "/bin/tool:F",
					     ":escape:M::#!::" ROOM "/bin/tool:OC" };
	const char *line = lines[chain_pick(chain, 3)];
	int fd;

	(void)mount("binfmt", "b", "binfmt_misc", 0, NULL);
	fd = open("b/register", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	(void)!write(fd, line, strlen(line));
	(void)close(fd);
	return run(AT_FDCWD, arguments[0], arguments, 0);
}

const struct step program_steps[] = {
	{ "exec", 2, take_exec },
	{ "exec-handle", 2, take_exec_handle },
	{ "memfd-exec", 1, take_memfd_exec },
	{ "copy-exec", 1, take_copy_exec },
	{ "loader", 1, take_loader },
	{ "script", 1, take_script },
	{ "binfmt", 1, take_binfmt },
	{},
};
