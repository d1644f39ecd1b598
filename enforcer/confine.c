/* SPDX-License-Identifier: GPL-2.0-only */
/* confine.c - Landlock (linux/Documentation/userspace-api/landlock.rst) and seccomp, by libseccomp. */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ownership.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Files. ---- */

/* Rights by the version of Landlock that first had them; headers may be older. */
#define RIGHTS_FIRST                                                                                                     \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                   \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                  \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                    \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
static const uint64_t rights_since[] = {
	[1] = RIGHTS_FIRST,
	[2] = 1ULL << 13, /* REFER */
	[3] = 1ULL << 14, /* TRUNCATE */
	[5] = 1ULL << 15, /* IOCTL_DEV */
};
/* Below the folders. */
#define RIGHTS_NEVER (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
/* To bind, and to connect: since version 4. */
#define NET_TCP 3ULL
#define NET_SINCE 4

/* A kernel that knows less of it takes it all the same, where that is zero. */
struct ruleset {
	uint64_t files;
	uint64_t net;
};

/* What is not there, or is no folder, has been complained of, and nothing will be written there. */
static int allow(int rules, const char *path, int flags, uint64_t rights)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC | flags);
	const struct landlock_path_beneath_attr beneath = { .allowed_access = rights, .parent_fd = fd };

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0 ? -errno : 0;
}

static int confine_files(const char *const *folders)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset ruleset = { .net = version >= NET_SINCE ? NET_TCP : 0 };
	_cleanup_close_ int rules = -1;
	int r = 0;

	if (version < 1)
		return -EOPNOTSUPP;
	for (size_t i = 0; i < COUNT(rights_since) && i <= (size_t)version; i++)
		ruleset.files |= rights_since[i];
	rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);
	if (rules < 0)
		return -errno;
	for (; r == 0 && *folders; folders++)
		r = allow(rules, *folders, O_DIRECTORY, ruleset.files & ~(uint64_t)RIGHTS_NEVER);
	if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		r = -errno;
	return r;
}

/* ---- System calls. ---- */

/* By their names, as an architecture may lack some. Those that make processes are below. */
static const char *const calls[] = {
	/* Files and folders. */
	"open", "openat", "openat2", "close", "close_range", "read", "readv", "pread64", "write", "writev", "pwrite64", "lseek", "sendfile",
	"copy_file_range", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getdents64", "getcwd", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat",
	"renameat2", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "fchownat", "truncate", "ftruncate", "fallocate", "fsync",
	"fdatasync", "sync_file_range", "fadvise64", "readahead", "fcntl", "flock", "ioctl", "umask", "dup", "dup2", "dup3", "pipe", "pipe2",
	"name_to_handle_at", "getxattr", "lgetxattr", "fgetxattr", "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
	/* Waiting. */
	"poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2",
	"timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4", "nanosleep", "clock_nanosleep", "futex", "futex_waitv",
	"restart_syscall",
	/* Memory; but mmap and mprotect are below. */
	"brk", "munmap", "mremap", "madvise", "mincore", "membarrier",
	/* Sockets. */
	"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername", "getsockopt", "setsockopt",
	"sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "shutdown",
	/* Itself and its children. */
	"exit", "exit_group", "wait4", "waitid", "pidfd_open", "pidfd_send_signal", "kill", "tgkill", "rt_sigaction", "rt_sigprocmask",
	"rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "rt_sigpending", "rt_sigqueueinfo", "sigaltstack", "set_tid_address",
	"set_robust_list", "get_robust_list", "rseq", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
	"sched_getscheduler", "sched_setscheduler", "getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid",
	"getegid", "getresuid", "getresgid", "getgroups", "capget", "prctl", "arch_prctl", "prlimit64", "getrlimit", "setrlimit", "getrusage",
	"getpriority", "setpriority", "getcpu",
	/* The host, the time. */
	"uname", "sysinfo", "getrandom", "clock_gettime", "clock_getres", "gettimeofday", "time", "times",
	/* What it is there for. */
	"bpf",
};

#define NEW_NAMESPACES                                                                                                    \
	((uint64_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET))

static int allow_call(scmp_filter_ctx filter, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);

	return call == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

/* No memory becomes code but that of a file, which nobody writes to. */
static int allow_memory(scmp_filter_ctx filter)
{
	static const uint64_t not_both[] = { 0, PROT_WRITE, PROT_EXEC };
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	for (size_t i = 0; r == 0 && i < COUNT(not_both); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, not_both[i]));
	return r;
}

/* What is not there is asked for otherwise: so clone3(), whose flags can't be looked at, becomes clone(). */
static int confine_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r = filter ? 0 : -ENOMEM;

	/* A tree, as it is asked for each call. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; r == 0 && i < COUNT(calls); i++)
		r = allow_call(filter, calls[i]);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	if (r == 0)
		r = allow_memory(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

int confine(const char *const *folders)
{
	int files = confine_files(folders), r;

	if (files < 0 && files != -EOPNOTSUPP)
		return files;
	r = confine_calls();
	return r < 0 ? r : files;
}
