/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arguments.h - the arguments of an exec, as its caller passed them: by the registers of its system call, from its own
 * memory. Another of its threads may change them before the kernel takes them for the program.
 */
#pragma once

#include "climb.h"

#define THREAD_COMPAT 2U /* thread_info.status: the system call came by the 32-bit way */
#define X32_CALL 0x40000000ULL

enum exec_call {
	CALL_EXECVE = 59,
	CALL_EXECVEAT = 322,
	CALL_X32_EXECVE = 520,
	CALL_X32_EXECVEAT = 545,
	CALL_32_EXECVE = 11,
	CALL_32_EXECVEAT = 358,
};

/* Where the array of pointers lies; 0: the task is in no exec. */
INLINE __u64 arguments_array(struct arguments *arguments)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct pt_regs *regs = (const struct pt_regs *)bpf_task_pt_regs(task);
	__u64 call = regs->orig_ax;

	if (task->thread_info.status & THREAD_COMPAT) {
		arguments->width = 4;
		return (__u32)(call == CALL_32_EXECVE ? regs->cx : call == CALL_32_EXECVEAT ? regs->dx : 0);
	}
	arguments->width = call & X32_CALL ? 4 : 8;
	call &= ~X32_CALL;
	if (call == CALL_EXECVE || call == CALL_X32_EXECVE)
		return regs->si;
	return call == CALL_EXECVEAT || call == CALL_X32_EXECVEAT ? regs->dx : 0;
}

INLINE long arguments_cut(struct arguments *arguments)
{
	arguments->is_cut = 1;
	return 1;
}

/* The next one, if there is room for it. */
static long arguments_take(__u32 index, struct loop *loop)
{
	struct arguments *arguments = &loop->scratch->arguments;
	__u64 argument = 0, used = arguments->length;
	long length;

	barrier_var(used);
	if (bpf_probe_read_user(&argument, arguments->width == 4 ? 4 : 8, (const void *)arguments->at))
		return arguments_cut(arguments);
	if (!argument)
		return 1;
	if (index >= PC_ARGS_COUNT_MAX || used >= PC_ARGS_MAX)
		return arguments_cut(arguments);
	length = bpf_probe_read_user_str(arguments->text + used, PC_ARGS_MAX, (const void *)argument);
	if (length < 0)
		return arguments_cut(arguments);
	/* Some kernels leave the NUL of an empty one out of account. */
	if (length == 0) {
		arguments->text[used] = '\0';
		length = 1;
	}
	arguments->count++;
	arguments->at += arguments->width;
	if (used + length > PC_ARGS_MAX || length == PC_ARGS_MAX) {
		arguments->length = PC_ARGS_MAX;
		return arguments_cut(arguments);
	}
	arguments->length = used + length;
	return 0;
}

INLINE void arguments_read(struct scratch *scratch)
{
	struct arguments *arguments = &scratch->arguments;
	struct loop loop = { .scratch = scratch };

	arguments->count = 0;
	arguments->length = 0;
	arguments->is_cut = 0;
	arguments->at = arguments_array(arguments);
	if (arguments->at)
		bpf_loop(PC_ARGS_COUNT_MAX + 1, arguments_take, &loop, 0);
}
