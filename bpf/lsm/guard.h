/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.h - what is kept from the daemon itself, for as long as it lives: see [protect] of portcullisd.conf. */
#pragma once

#include "system.h"

/* Signals that end or stop nothing in the daemon: 0 asks whether it is there, it reloads by SIGHUP, reopens its log by SIGUSR1. */
#define SIGNALS_HARMLESS (1U << 0 | 1U << 1 /* HUP */ | 1U << 10 /* USR1 */ | 1U << 17 /* CHLD */ | 1U << 18 /* CONT */)

INLINE int guard_refuse(void)
{
	const struct pc_answer answer = { .verdict = PC_DENY, .mode = PC_MODE_ENFORCE };

	COUNT(guarded);
	return verdict_return(&answer);
}

/* Who started it may end it: init, which is PID 1, does so for systemctl. What the kernel itself sends does not come here. */
INLINE int guard_signal(struct task_struct *task, __u32 signal)
{
	const struct task_struct *own = AS_ADDRESS(task_struct, task);

	canary_sees(PC_HOOK_KILL);
	if (!(protects & PC_PROTECT_SIGNALS) || !is_own(own) || (signal < 32 && SIGNALS_HARMLESS >> signal & 1))
		return 0;
	if (is_own_task() || (__u32)bpf_get_current_task_btf()->tgid == (__u32)own->real_parent->tgid)
		return 0;
	return guard_refuse();
}

INLINE int guard_trace(struct task_struct *task, __u32 mode)
{
	if (!(protects & PC_PROTECT_TRACING) || !(mode & PTRACE_MODE_ATTACH) || !is_own(AS_ADDRESS(task_struct, task)) || is_own_task())
		return 0;
	return guard_refuse();
}
