/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_canary.c - proves that each hook really runs. */
#include "kernel_canary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const hook_names[PC_HOOKS] = {
	[PC_HOOK_EXEC] = "bprm_check_security",
	[PC_HOOK_OPEN] = "file_open",
	[PC_HOOK_CONNECT] = "socket_connect",
	[PC_HOOK_UNIX_CONNECT] = "unix_stream_connect",
	[PC_HOOK_UNIX_SEND] = "unix_may_send",
	[PC_HOOK_SEND] = "socket_sendmsg",
	[PC_HOOK_SCTP] = "sctp_bind_connect",
	[PC_HOOK_SUBFLOW] = "mptcp_add_subflow",
	[PC_HOOK_MAP] = "mmap_file",
	[PC_HOOK_PROTECT] = "file_mprotect",
	[PC_HOOK_RECEIVE] = "file_receive",
	[PC_HOOK_CREATE] = "inode_create",
	[PC_HOOK_MKNOD] = "inode_mknod",
	[PC_HOOK_MKDIR] = "inode_mkdir",
	[PC_HOOK_SYMLINK] = "inode_symlink",
	[PC_HOOK_UNLINK] = "inode_unlink",
	[PC_HOOK_RMDIR] = "inode_rmdir",
	[PC_HOOK_RENAME] = "inode_rename",
	[PC_HOOK_LINK] = "inode_link",
	[PC_HOOK_SETATTR] = "inode_setattr",
	[PC_HOOK_SETXATTR] = "inode_setxattr",
	[PC_HOOK_REMOVEXATTR] = "inode_removexattr",
	[PC_HOOK_SET_ACL] = "inode_set_acl",
	[PC_HOOK_REMOVE_ACL] = "inode_remove_acl",
	[PC_HOOK_FILE_SETATTR] = "inode_file_setattr",
	[PC_HOOK_USERNS] = "userns_create",
	[PC_HOOK_MOUNT] = "sb_mount",
	[PC_HOOK_UMOUNT] = "sb_umount",
	[PC_HOOK_MOVE_MOUNT] = "move_mount",
	[PC_HOOK_PIVOT] = "sb_pivotroot",
	[PC_HOOK_BPF] = "bpf",
	[PC_HOOK_READ_FILE] = "kernel_read_file",
	[PC_HOOK_LOAD_DATA] = "kernel_load_data",
	[PC_HOOK_PTRACE] = "ptrace_access_check",
	[PC_HOOK_TRACEME] = "ptrace_traceme",
	[PC_HOOK_CHECK] = "bprm_creds_for_exec",
	[PC_HOOK_HEAP] = "mmap_addr",
	[PC_HOOK_REMOUNT] = "sb_remount",
	[PC_HOOK_INSTANTIATE] = "d_instantiate",
	[PC_HOOK_MOVE_BEGIN] = "d_move_begin",
	[PC_HOOK_MOVE_END] = "d_move_end",
	[PC_HOOK_FORK] = "task_alloc",
	[PC_HOOK_NEW_TASK] = "task_newtask",
	[PC_HOOK_COMMITTED] = "bprm_committed_creds",
	[PC_HOOK_KILL] = "task_kill",
	[PC_HOOK_MAP_OPEN] = "bpf_map",
	[PC_HOOK_PROGRAM_OPEN] = "bpf_prog",
	[PC_HOOK_FILE_SIGNAL] = "file_send_sigiotask",
	[PC_HOOK_LIMIT] = "task_setrlimit",
};

/* Whether a program for that hook is attached: of optional ones the kernel may lack the hook. */
static bool is_attached(const char *const *programs, const char *hook)
{
	size_t length = strlen(hook);

	for (; *programs; programs++) {
		const char *rest = *programs + strlen("on_");

		if (strncmp(rest, hook, length) == 0 && (rest[length] == 0 || strncmp(rest + length, "__", 2) == 0))
			return true;
	}
	return false;
}

static int judge(const struct canary *canary, __u64 done, char *why, size_t why_size)
{
	for (int i = 0; i < PC_HOOKS; i++) {
		if (canary->seen[i] || !(done >> i & 1) || !is_attached(canary->programs, hook_names[i]))
			continue;
		(void)snprintf(why, why_size,
			       "hook %s is attached but does not run: see that bpf is in /sys/kernel/security/lsm and "
			       "that kernel.ftrace_enabled is 1",
			       hook_names[i]);
		return -ENOTCONN;
	}
	return 0;
}

size_t canary_untried(const struct canary *canary, const char **ret_names)
{
	size_t count = 0;

	for (int i = 0; i < PC_HOOKS; i++)
		if (!canary->seen[i] && is_attached(canary->programs, hook_names[i]))
			ret_names[count++] = hook_names[i];
	return count;
}

void canary_act(enum canary_act which, int go, int tell)
{
	if (which == CANARY_CHILD)
		canary_child(go, tell);
	else
		canary_program(go, tell);
}

/* How the child ended, and what it told before; 0 or −errno. */
static int run_child(const struct canary *canary, enum canary_act which, __u64 *ret_told, siginfo_t *ret_end)
{
	int go[2], told[2];
	pid_t child;

	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(told, O_CLOEXEC) < 0)
		return -errno;
	child = canary_make(which, go[0], told[1], go[1]);
	(void)close(go[0]);
	(void)close(told[1]);
	if (child > 0) {
		*canary->tgid = child;
		(void)!write(go[1], "", 1);
		(void)!read(told[0], ret_told, sizeof(*ret_told));
		/* Its number is its own until it is waited for: by then the programs have forgotten it. */
		while (waitid(P_PID, child, ret_end, WEXITED | WNOWAIT) < 0 && errno == EINTR)
			;
		*canary->tgid = 0;
		(void)waitpid(child, NULL, 0);
	}
	(void)close(go[1]);
	(void)close(told[0]);
	return child < 0 ? -EAGAIN : 0;
}

int canary_run(const struct canary *canary, char *why, size_t why_size)
{
	__u64 done = 0, none;
	siginfo_t end = {};
	int r = run_child(canary, CANARY_CHILD, &done, &end);

	if (r == 0)
		r = run_child(canary, CANARY_PROGRAM, &none, &end);
	if (r < 0) {
		(void)snprintf(why, why_size, "no hook can be proven: a process for that can't be made; restart portcullisd");
		return r;
	}
	if (end.si_code == CLD_EXITED && end.si_status == CANARY_PROGRAM_RAN)
		done |= 1ULL << PC_HOOK_COMMITTED;
	/* The exec and the open come of themselves: a child that could tell of neither has proven nothing. */
	return judge(canary, done | 1ULL << PC_HOOK_EXEC | 1ULL << PC_HOOK_OPEN, why, why_size);
}
