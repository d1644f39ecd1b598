/* SPDX-License-Identifier: GPL-2.0-only */
/* change.c - changes a name, or an object's attributes, and prints OK or the error's name.
 *
 * usage: subject-change OPERATION PATH [PATH2] */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "errno_word.h"

static long do_create(const char *path, const char *other)
{
	(void)other;
	return open(path, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0644);
}

static long do_mkdir(const char *path, const char *other)
{
	(void)other;
	return mkdir(path, 0755);
}

static long do_mknod(const char *path, const char *other)
{
	(void)other;
	return mknod(path, S_IFIFO | 0644, 0);
}

static long do_symlink(const char *path, const char *other)
{
	(void)other;
	return symlink("nowhere", path);
}

static long do_unlink(const char *path, const char *other)
{
	(void)other;
	return unlink(path);
}

static long do_rmdir(const char *path, const char *other)
{
	(void)other;
	return rmdir(path);
}

static long do_rename(const char *path, const char *other)
{
	return rename(path, other);
}

static long do_exchange(const char *path, const char *other)
{
	return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
}

static long do_link(const char *path, const char *other)
{
	return link(path, other);
}

/* A file without a name in the folder `path` gets the name `other`. */
static long do_tmpfile(const char *path, const char *other)
{
	char link[64];
	int fd = open(path, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);

	need(fd, "tmpfile");
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, link, AT_FDCWD, other, AT_SYMLINK_FOLLOW);
}

static long do_truncate(const char *path, const char *other)
{
	(void)other;
	return truncate(path, 0);
}

static long do_chmod(const char *path, const char *other)
{
	(void)other;
	return chmod(path, 0600);
}

static long do_chown(const char *path, const char *other)
{
	(void)other;
	return lchown(path, 1, 1);
}

static long do_times(const char *path, const char *other)
{
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	(void)other;
	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static long do_setxattr(const char *path, const char *other)
{
	(void)other;
	return setxattr(path, "trusted.test", "x", 1, 0);
}

static long do_removexattr(const char *path, const char *other)
{
	(void)other;
	return removexattr(path, "trusted.test");
}

/* The xattr of an ACL that says what the mode says: u::rw- g::r-- o::r--, version 2. */
static long do_acl(const char *path, const char *other)
{
	static const unsigned char acl[] = {
		2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 4, 0, 4, 0, 255, 255, 255, 255, 32, 0, 4, 0, 255, 255, 255, 255,
	};

	(void)other;
	return setxattr(path, "system.posix_acl_access", acl, sizeof(acl), 0);
}

static const struct {
	const char *name;
	long (*act)(const char *path, const char *other);
} operations[] = {
	{ "create", do_create },     { "mkdir", do_mkdir },	  { "mknod", do_mknod },
	{ "symlink", do_symlink },   { "unlink", do_unlink },	  { "rmdir", do_rmdir },
	{ "rename", do_rename },     { "exchange", do_exchange }, { "link", do_link },
	{ "tmpfile", do_tmpfile },   { "truncate", do_truncate },
	{ "chmod", do_chmod },	     { "chown", do_chown },	  { "times", do_times },
	{ "setxattr", do_setxattr }, { "removexattr", do_removexattr }, { "acl", do_acl },
};

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 4)
		return 2;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, argv[1]) == 0)
			return tell(operations[i].act(argv[2], argv[3]));
	fprintf(stderr, "unknown operation '%s'\n", argv[1]);
	return 2;
}
