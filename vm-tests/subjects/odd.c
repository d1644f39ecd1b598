/* SPDX-License-Identifier: GPL-2.0-only */
/* odd.c - opens a file that was come by in an unusual way, and prints OK or the error's name.
 *
 * usage: subject-odd tmpfile DIR            a file that never had a name
 *        subject-odd memfd | pipe           anonymous, opened again by /proc/self/fd
 *        subject-odd fsmount FILE           on a tmpfs that is mounted nowhere
 *        subject-odd clone DIR FILE         in a copy of DIR's mount that is attached nowhere
 *        subject-odd idmap DIR FILE         in such a copy with mapped owners
 *        subject-odd handle DIR FILE COMMAND  by a handle; COMMAND runs between taking and opening it */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errno_word.h"

static int open_again(int fd)
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static int odd_tmpfile(char **words)
{
	return open(words[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static int odd_memfd(char **words)
{
	(void)words;
	return open_again(need(memfd_create("odd", MFD_CLOEXEC), "memfd"));
}

static int odd_pipe(char **words)
{
	int fds[2];

	(void)words;
	need(pipe2(fds, O_CLOEXEC), "pipe");
	return open_again(fds[0]);
}

static int odd_fsmount(char **words)
{
	int context = need(fsopen("tmpfs", FSOPEN_CLOEXEC), "fsopen"), mount;

	need(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
	mount = need(fsmount(context, FSMOUNT_CLOEXEC, 0), "fsmount");
	need(mknodat(mount, words[0], S_IFREG | 0600, 0), "mknod");
	return openat(mount, words[0], O_RDONLY | O_CLOEXEC);
}

static int clone_mount(const char *directory)
{
	return need(open_tree(AT_FDCWD, directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "open_tree");
}

static int odd_clone(char **words)
{
	return openat(clone_mount(words[0]), words[1], O_RDONLY | O_CLOEXEC);
}

/* A user namespace that a sleeping child keeps alive until its descriptor is taken. */
static int mapped_user_namespace(void)
{
	pid_t child = need(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), "clone");
	char path[64];
	int map, fd;

	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/uid_map", child);
	map = need(open(path, O_WRONLY | O_CLOEXEC), "uid_map");
	need(write(map, "0 0 65536", 9), "uid_map");
	(void)snprintf(path, sizeof(path), "/proc/%d/gid_map", child);
	map = need(open(path, O_WRONLY | O_CLOEXEC), "gid_map");
	need(write(map, "0 0 65536", 9), "gid_map");
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", child);
	fd = need(open(path, O_RDONLY | O_CLOEXEC), "ns");
	(void)kill(child, SIGKILL);
	return fd;
}

static int odd_idmap(char **words)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (__u64)mapped_user_namespace() };
	int mount = clone_mount(words[0]);

	need(mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)), "mount_setattr");
	return openat(mount, words[1], O_RDONLY | O_CLOEXEC);
}

static int odd_handle(char **words)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} taken = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int directory = need(open(words[0], O_PATH | O_DIRECTORY | O_CLOEXEC), "directory"), id, mount;

	need(name_to_handle_at(directory, words[1], &taken.handle, &id, 0), "handle");
	(void)close(directory);
	need(system(words[2]) ? -1 : 0, "command");
	mount = need(open(words[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC), "mount");
	return open_by_handle_at(mount, &taken.handle, O_RDONLY | O_CLOEXEC);
}

static const struct {
	const char *name;
	int words;
	int (*open)(char **words);
} ways[] = {
	{ "tmpfile", 1, odd_tmpfile }, { "memfd", 0, odd_memfd }, { "pipe", 0, odd_pipe },
	{ "fsmount", 1, odd_fsmount }, { "clone", 2, odd_clone }, { "idmap", 2, odd_idmap },
	{ "handle", 3, odd_handle },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0 && argc == ways[i].words + 2)
			return tell(ways[i].open(argv + 2));
	return 2;
}
