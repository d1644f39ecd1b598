/* SPDX-License-Identifier: GPL-2.0-only */
/* lock.c - one daemon at a time. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lock.h"
#include "ownership.h"

static int make_directory_of(const char *path)
{
	_cleanup_free_ char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;

	if (!directory)
		return -ENOMEM;
	if (!slash || slash == directory)
		return 0;
	*slash = '\0';
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static pid_t read_holder(int fd)
{
	char text[24] = {};
	int pid;

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0 || sscanf(text, "%d", &pid) != 1)
		return 0;
	return pid;
}

static int write_holder(int fd)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return -errno;
	return 0;
}

/*
 * The file stays when the daemon ends: removing it would let two daemons lock two files of one name. The lock is the
 * process's and no child inherits it: one that outlives a killed daemon by a moment doesn't keep the next from starting.
 */
int lock_take(const char *socket_path, int *ret_fd, pid_t *ret_holder)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	int r;

	r = make_directory_of(socket_path);
	if (r < 0)
		return r;
	if (snprintf(path, sizeof(path), "%s" LOCK_SUFFIX, socket_path) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &all) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		*ret_holder = read_holder(fd);
		return -EBUSY;
	}
	r = write_holder(fd);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}
