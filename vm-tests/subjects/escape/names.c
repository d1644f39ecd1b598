/* SPDX-License-Identifier: GPL-2.0-only */
/* names.c - steps that make, move and remove names, and change what they stand for. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "chain.h"

/* One after the other: the order of a call's arguments is the compiler's choice, and a seed must mean the same. */
static void pick_two(struct chain *chain, char from[PATH_ROOM], char to[PATH_ROOM])
{
	chain_path(chain, from);
	chain_place(chain, to);
}

static int take_symlink(struct chain *chain)
{
	char to[PATH_ROOM], at[PATH_ROOM];

	pick_two(chain, to, at);
	return symlink(to, at);
}

static int take_link(struct chain *chain)
{
	char from[PATH_ROOM], to[PATH_ROOM];

	pick_two(chain, from, to);
	return linkat(AT_FDCWD, from, AT_FDCWD, to, chain_pick(chain, 2) ? AT_SYMLINK_FOLLOW : 0);
}

/* Of a descriptor: O_TMPFILE's, or one whose name is gone. By the magic link everybody may. */
static int take_link_handle(struct chain *chain)
{
	char to[PATH_ROOM], link[64];
	int fd = chain_handle(chain);

	chain_place(chain, to);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (chain_pick(chain, 2))
		return linkat(AT_FDCWD, link, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
	return linkat(fd, "", AT_FDCWD, to, AT_EMPTY_PATH);
}

static int take_rename(struct chain *chain)
{
	char from[PATH_ROOM], to[PATH_ROOM];

	pick_two(chain, from, to);
	return rename(from, to);
}

static int take_exchange(struct chain *chain)
{
	char from[PATH_ROOM], to[PATH_ROOM];

	pick_two(chain, from, to);
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE);
}

/* Out of a folder that is held, wherever that is mounted by now. */
static int take_rename_at(struct chain *chain)
{
	int folder = chain_handle(chain);
	const char *tail = chain_tail_in(chain, folder);
	char to[PATH_ROOM];

	chain_say(chain, "/%s", tail);
	return renameat(folder, tail, AT_FDCWD, chain_place(chain, to));
}

static int take_mkdir(struct chain *chain)
{
	char at[PATH_ROOM];

	return mkdir(chain_place(chain, at), 0755);
}

static int take_fifo(struct chain *chain)
{
	char at[PATH_ROOM];

	return mknod(chain_place(chain, at), S_IFIFO | 0644, 0);
}

static int take_unlink(struct chain *chain)
{
	char at[PATH_ROOM];

	return unlink(chain_path(chain, at));
}

static int take_rmdir(struct chain *chain)
{
	char at[PATH_ROOM];

	return rmdir(chain_path(chain, at));
}

static int take_recreate(struct chain *chain)
{
	char at[PATH_ROOM];
	int fd;

	(void)unlink(chain_place(chain, at));
	fd = open(at, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK | O_CLOEXEC, 0644);
	if (fd >= 0 && write(fd, "mine", 4) != 4)
		return -1;
	return chain_hold(chain, fd);
}

static int take_copy(struct chain *chain)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	int source, target, result = -1;

	pick_two(chain, from, to);
	source = open(from, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	target = source < 0 ? -1 : open(to, O_CREAT | O_RDWR | O_NONBLOCK | O_CLOEXEC, 0755);
	if (target >= 0)
		result = copy_all(source, target);
	if (source >= 0)
		(void)close(source);
	if (target >= 0)
		(void)close(target);
	return result;
}

static int take_tmpfile(struct chain *chain)
{
	char in[PATH_ROOM], to[PATH_ROOM], link[64];
	int fd;

	pick_two(chain, in, to);
	fd = open(in, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	(void)chain_hold(chain, fd);
	return linkat(AT_FDCWD, link, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

static int take_truncate(struct chain *chain)
{
	char at[PATH_ROOM];

	return truncate(chain_path(chain, at), 7);
}

static int take_ftruncate(struct chain *chain)
{
	return ftruncate(chain_handle(chain), 77);
}

static int take_chmod(struct chain *chain)
{
	char at[PATH_ROOM];

	return chmod(chain_path(chain, at), 0700);
}

/* Of what is held, in whatever mode it was opened. */
static int take_attributes(struct chain *chain)
{
	int fd = chain_handle(chain);

	switch (chain_pick(chain, 3)) {
	case 0:
		return fchmod(fd, 0744);
	case 1:
		return futimens(fd, NULL);
	default:
		return fchownat(fd, "", getuid(), (gid_t)-1, AT_EMPTY_PATH);
	}
}

static int take_times(struct chain *chain)
{
	char at[PATH_ROOM];

	chain_path(chain, at);
	return utimensat(AT_FDCWD, at, NULL, chain_pick(chain, 2) ? AT_SYMLINK_NOFOLLOW : 0);
}

static int take_xattr(struct chain *chain)
{
	char at[PATH_ROOM];

	if (chain_pick(chain, 2))
		return setxattr(chain_path(chain, at), "user.overlay.opaque", "y", 1, 0);
	return fsetxattr(chain_handle(chain), "user.overlay.redirect", "/secret", 7, 0);
}

const struct step name_steps[] = {
	{ "symlink", 2, take_symlink },
	{ "link", 2, take_link },
	{ "link-handle", 1, take_link_handle },
	{ "rename", 3, take_rename },
	{ "exchange", 2, take_exchange },
	{ "rename-at", 1, take_rename_at },
	{ "mkdir", 1, take_mkdir },
	{ "fifo", 1, take_fifo },
	{ "unlink", 1, take_unlink },
	{ "rmdir", 1, take_rmdir },
	{ "recreate", 1, take_recreate },
	{ "copy", 2, take_copy },
	{ "tmpfile-link", 1, take_tmpfile },
	{ "truncate", 1, take_truncate },
	{ "ftruncate", 1, take_ftruncate },
	{ "chmod", 1, take_chmod },
	{ "times", 1, take_times },
	{ "attributes", 1, take_attributes },
	{ "xattr", 1, take_xattr },
	{},
};
