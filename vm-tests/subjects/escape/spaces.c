/* SPDX-License-Identifier: GPL-2.0-only */
/* spaces.c - steps that change what a path means: namespaces, mounts, roots, working directories; and who takes them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"

/* ---- Namespaces. ---- */

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), result = -1;

	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		result = 0;
	(void)close(fd);
	return result;
}

/* In a user namespace of its own, as its root. */
static int enter(int spaces)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof(users), "0 %u 1", geteuid());
	(void)snprintf(groups, sizeof(groups), "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | spaces))
		return -1;
	(void)put("/proc/self/setgroups", "deny");
	if (put("/proc/self/uid_map", users))
		return -1;
	return put("/proc/self/gid_map", groups);
}

static int take_userns(struct chain *chain)
{
	(void)chain;
	return enter(CLONE_NEWNS);
}

static int take_mntns(struct chain *chain)
{
	(void)chain;
	return unshare(CLONE_NEWNS);
}

static int take_netns(struct chain *chain)
{
	(void)chain;
	return enter(CLONE_NEWNS | CLONE_NEWNET);
}

/* The child goes on with the chain. */
static int go_on_in_child(void)
{
	pid_t child = fork();

	if (child > 0) {
		(void)waitpid(child, NULL, 0);
		_exit(0);
	}
	if (child == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

static int take_fork(struct chain *chain)
{
	(void)chain;
	return go_on_in_child();
}

static int take_pidns(struct chain *chain)
{
	(void)chain;
	if (enter(CLONE_NEWNS | CLONE_NEWPID))
		return -1;
	return go_on_in_child();
}

static int take_setns(struct chain *chain)
{
	static const char *const spaces[] = { "/proc/self/ns/mnt", "/proc/1/ns/mnt", "/proc/self/ns/user" };
	int fd;

	if (chain_pick(chain, 2))
		return setns(chain_handle(chain), 0);
	fd = open(spaces[chain_pick(chain, 3)], O_RDONLY | O_CLOEXEC);
	return chain_hold(chain, fd);
}

/* ---- Mounts. ---- */

static int take_bind(struct chain *chain)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	unsigned long recursive;

	if (chain_pick(chain, 2))
		chain_path(chain, from);
	else
		chain_folder(chain, from);
	chain_folder(chain, to);
	recursive = chain_pick(chain, 4) == 0 ? MS_REC : 0;
	return mount(from, to, NULL, MS_BIND | recursive, NULL);
}

static int take_new_fs(struct chain *chain)
{
	static const char *const types[] = { "tmpfs", "tmpfs", "ramfs", "proc", "mqueue", "sysfs", "devpts" };
	const char *type = types[chain_pick(chain, sizeof(types) / sizeof(types[0]))];
	char at[PATH_ROOM];

	chain_say(chain, " %s", type);
	return mount(type, chain_folder(chain, at), type, 0, NULL);
}

/* Over or below what is refused; the upper folder now on a tmpfs of its own, now any. */
static int take_overlay(struct chain *chain)
{
	char lower[PATH_ROOM], upper[PATH_ROOM] = "c/up", other[PATH_ROOM], at[PATH_ROOM],
			       options[3 * PATH_ROOM + 64];
	const char *work = "c/wk";

	chain_folder(chain, lower);
	if (chain_pick(chain, 2)) {
		(void)mount("tmpfs", "c", "tmpfs", 0, NULL);
		(void)mkdir(upper, 0755);
	} else {
		chain_folder(chain, upper);
		work = chain_pick(chain, 2) ? "b" : chain_folder(chain, other);
	}
	(void)mkdir("c/wk", 0755);
	chain_folder(chain, at);
	(void)snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s,userxattr", lower, upper,
		       work);
	return mount("overlay", at, "overlay", 0, options);
}

/* Two layers without an upper one. */
static int take_overlay_two(struct chain *chain)
{
	char first[PATH_ROOM], second[PATH_ROOM], at[PATH_ROOM], options[3 * PATH_ROOM];

	chain_folder(chain, first);
	chain_folder(chain, second);
	chain_folder(chain, at);
	(void)snprintf(options, sizeof(options), "lowerdir=%s:%s,userxattr", first, second);
	return mount("overlay", at, "overlay", 0, options);
}

static int take_umount(struct chain *chain)
{
	char at[PATH_ROOM];

	return umount2(chain_folder(chain, at), MNT_DETACH);
}

static int take_move(struct chain *chain)
{
	char from[PATH_ROOM], to[PATH_ROOM];

	chain_folder(chain, from);
	chain_folder(chain, to);
	return mount(from, to, NULL, MS_MOVE, NULL);
}

static int take_remount(struct chain *chain)
{
	char at[PATH_ROOM];

	return mount(NULL, chain_folder(chain, at), NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL);
}

static int take_private(struct chain *chain)
{
	static const unsigned long how[] = { MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE };

	return mount(NULL, "/", NULL, MS_REC | how[chain_pick(chain, 4)], NULL);
}

static int take_clone_tree(struct chain *chain)
{
	char path[PATH_ROOM];
	unsigned int recursive;

	chain_folder(chain, path);
	recursive = chain_pick(chain, 2) ? AT_RECURSIVE : 0;
	return chain_hold(chain, open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive));
}

static int take_move_mount(struct chain *chain)
{
	char to[PATH_ROOM];
	int from = chain_handle(chain);

	return move_mount(from, "", AT_FDCWD, chain_folder(chain, to), MOVE_MOUNT_F_EMPTY_PATH);
}

static int take_fsmount(struct chain *chain)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC), mount_fd = -1;

	if (context < 0)
		return -1;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount_fd = fsmount(context, FSMOUNT_CLOEXEC, 0);
	(void)close(context);
	return chain_hold(chain, mount_fd);
}

/* ---- Roots and working directories. ---- */

/* The old root stays below the new one, or goes. */
static int take_pivot(struct chain *chain)
{
	char to[PATH_ROOM];

	if (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) ||
	    mount(chain_folder(chain, to), to, NULL, MS_BIND | MS_REC, NULL) || chdir(to) ||
	    syscall(SYS_pivot_root, ".", "."))
		return -1;
	return chain_pick(chain, 2) ? umount2(".", MNT_DETACH) : 0;
}

static int take_chroot(struct chain *chain)
{
	char to[PATH_ROOM];

	return chroot(chain_folder(chain, to));
}

static int take_chdir(struct chain *chain)
{
	char to[PATH_ROOM];

	if (chain_pick(chain, 2))
		return chdir(chain_folder(chain, to));
	return chdir(chain_path(chain, to));
}

static int take_fchdir(struct chain *chain)
{
	return fchdir(chain_handle(chain));
}

static int take_chdir_up(struct chain *chain)
{
	return chdir(chain_pick(chain, 2) ? "../.." : "/");
}

const struct step space_steps[] = {
	{ "userns", 2, take_userns },
	{ "mntns", 1, take_mntns },
	{ "netns", 1, take_netns },
	{ "pidns", 1, take_pidns },
	{ "fork", 1, take_fork },
	{ "setns", 1, take_setns },
	{ "bind", 4, take_bind },
	{ "new-fs", 2, take_new_fs },
	{ "overlay", 3, take_overlay },
	{ "overlay-two", 2, take_overlay_two },
	{ "umount", 1, take_umount },
	{ "move", 1, take_move },
	{ "remount", 1, take_remount },
	{ "propagation", 1, take_private },
	{ "clone-tree", 2, take_clone_tree },
	{ "move-mount", 2, take_move_mount },
	{ "fsmount", 1, take_fsmount },
	{ "pivot-root", 1, take_pivot },
	{ "chroot", 1, take_chroot },
	{ "chdir", 3, take_chdir },
	{ "fchdir", 1, take_fchdir },
	{ "chdir-up", 1, take_chdir_up },
	{},
};
