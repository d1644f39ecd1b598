/* SPDX-License-Identifier: GPL-2.0-only */
/* system.c - does what [system] is about, and prints OK or the error's name.
 *
 * usage: subject-system WAY [DIR]
 * A module or a kernel that is none is OK: the kernel took a look at it. */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errno_word.h"

static long do_userns(const char *dir)
{
	(void)dir;
	return unshare(CLONE_NEWUSER);
}

static long do_clone(const char *dir)
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	(void)dir;
	if (child == 0)
		_exit(0);
	return child;
}

static long do_mount(const char *dir)
{
	return mount("none", dir, "tmpfs", 0, NULL);
}

static long do_remount(const char *dir)
{
	return mount("none", dir, NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL);
}

static long do_reconfigure(const char *dir)
{
	int context = need(syscall(SYS_fspick, AT_FDCWD, dir, 0), "fspick");

	return syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}

static long do_umount(const char *dir)
{
	return umount2(dir, MNT_DETACH);
}

static long do_attach(const char *dir)
{
	int context = need(syscall(SYS_fsopen, "tmpfs", 0), "fsopen"), fd;

	need(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
	fd = need(syscall(SYS_fsmount, context, 0, 0), "fsmount");
	return syscall(SYS_move_mount, fd, "", AT_FDCWD, dir, MOVE_MOUNT_F_EMPTY_PATH);
}

/* In a namespace of its own, DIR being a mount there. */
static long do_pivot(const char *dir)
{
	need(unshare(CLONE_NEWNS), "unshare");
	need(chdir(dir), "chdir");
	return syscall(SYS_pivot_root, ".", ".");
}

static long do_bpf(const char *dir)
{
	union bpf_attr attribute = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	(void)dir;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attribute, sizeof(attribute));
}

/* The kernel says so of what is no module. */
static long or_no_module(long r)
{
	return r < 0 && errno == ENOEXEC ? 0 : r;
}

static long do_module_file(const char *dir)
{
	int fd = need(memfd_create("module", 0), "memfd");

	(void)dir;
	need(write(fd, "no module", 9), "write");
	return or_no_module(syscall(SYS_finit_module, fd, "", 0));
}

static long do_module(const char *dir)
{
	static const char nothing[4096];

	(void)dir;
	return or_no_module(syscall(SYS_init_module, nothing, sizeof(nothing), ""));
}

static long do_kexec(const char *dir)
{
	long r = syscall(SYS_kexec_load, 0, 1000, NULL, 0);

	(void)dir;
	return r < 0 && errno == EINVAL ? 0 : r;
}

static pid_t start_sleeper(void)
{
	pid_t parent = getpid(), child = fork();

	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			(void)pause();
		_exit(0);
	}
	return need(child, "fork");
}

static long do_attach_task(const char *dir)
{
	pid_t child = start_sleeper();
	long r = ptrace(PTRACE_SEIZE, child, NULL, NULL);

	(void)dir;
	return r;
}

static long do_read_task(const char *dir)
{
	static char here, there;
	struct iovec local = { .iov_base = &here, .iov_len = 1 }, remote = { .iov_base = &there, .iov_len = 1 };

	(void)dir;
	return process_vm_readv(start_sleeper(), &local, 1, &remote, 1, 0);
}

static long do_traceme(const char *dir)
{
	(void)dir;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/* What /proc shows of another process is no tracing. */
static long do_look(const char *dir)
{
	char path[64], target[64];

	(void)dir;
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", start_sleeper());
	return readlink(path, target, sizeof(target));
}

static const struct {
	const char *name;
	long (*act)(const char *dir);
} ways[] = {
	{ "userns", do_userns },   { "clone", do_clone },     { "mount", do_mount },
	{ "remount", do_remount }, { "umount", do_umount },   { "attach", do_attach },
	{ "reconfigure", do_reconfigure },
	{ "pivot", do_pivot },	   { "bpf", do_bpf },	      { "module-file", do_module_file },
	{ "module", do_module },   { "kexec", do_kexec },     { "ptrace", do_attach_task },
	{ "read", do_read_task },  { "traceme", do_traceme }, { "look", do_look },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			return tell(ways[i].act(argv[2]));
	return 2;
}
