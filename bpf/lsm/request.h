/* SPDX-License-Identifier: GPL-2.0-only */
/* request.h - from a hook's beginning to its return value: who asks, the account of the answer, the verdict. */
#pragma once

#include "record.h"

#define EPERM_VERDICT (-1)

/* Counts the decision, and records it, if its rule says so. */
APART int request_account(const struct request *req, const struct pc_answer *answer)
{
	__u32 tag = hit_tag(req->image, answer->ref);
	__u64 fate;

	if (tag & HIT_RULE)
		hit_count(tag);
	fate = answer->ref & PC_REF_RECORD ? record_make(req, answer, tag) : PC_UNLOGGED;
	account_add_at(cpu_find(), req->section, answer->verdict, fate);
	return 0;
}

/* ---- The verdict. ---- */

/* The strictest answer passes for the daemon's own task, and in a forced audit for everybody. */
INLINE void answer_soften(struct pc_answer *answer)
{
	if (answer->verdict != PC_DENY)
		return;
	if (is_audit_forced) {
		answer->verdict = PC_AUDIT;
		answer->mode = PC_MODE_AUDIT;
	} else if (is_own_task()) {
		answer->verdict = PC_ALLOW;
		COUNT(own);
	}
}

/*
 * The one place that refuses: a denial in enforce mode is −EPERM, everything else passes. A hook returns this value
 * or the one that an earlier security module gave it, and nothing else.
 */
INLINE int verdict_return(const struct pc_answer *answer)
{
	if (answer->verdict == PC_DENY && answer->mode == PC_MODE_ENFORCE)
		return EPERM_VERDICT;
	return 0;
}

/* The answer where nothing can be told or kept: a denial in the policy's own mode. */
INLINE struct pc_answer answer_strictest(__u32 trouble)
{
	struct pc_answer answer = { .verdict = PC_DENY, .mode = PC_MODE_AUDIT };
	pc_image_ref image = is_live ? image_get() : NULL;

	count_trouble(trouble);
	if (image)
		answer.mode = pc_load32(image, __builtin_offsetof(struct pc_image_header, mode));
	answer_soften(&answer);
	return answer;
}

/* The answer as a function that the verifier looks at by itself can give it. */
#define PACK_ANSWER(answer) ((answer).verdict | (__u32)(answer).mode << 8)
#define PASSES (PC_ALLOW | PC_MODE_AUDIT << 8)

INLINE int packed_return(__u32 packed)
{
	const struct pc_answer answer = { .verdict = packed & 0xff, .mode = packed >> 8 & 0xff };

	return verdict_return(&answer);
}

/* ---- Whether a hook has anything to decide. ---- */

/* Of a daemon that was killed in the middle of asking the number stays behind, and may be another's by now. */
INLINE int canary_sees(__u32 hook)
{
	struct task_struct *task = AS_ADDRESS(task_struct, bpf_get_current_task_btf());

	if (!canary_tgid || (__u32)task->tgid != canary_tgid || !is_own(task->real_parent))
		return 0;
	canary_seen[hook & (PC_HOOKS_ROOM - 1)] = 1;
	return 1;
}

/* By which image, and in which profile; 0: nothing is to be decided. Counts what passes undecided. */
APART int request_begin(struct request *req, __u32 hook)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (canary_sees(hook))
		return 0;
	if (!is_live)
		return 0;
	if (task->flags & PF_KTHREAD) {
		COUNT(kernel_threads);
		return 0;
	}
	req->image = image_get();
	if (!req->image) {
		COUNT(no_policy);
		return 0;
	}
	req->profile = forget(own_profile(req->image));
	return 1;
}

/* Whether who asks can be given an answer in place; else that has to be looked at, or counted, more closely. */
INLINE int is_plain_asker(void)
{
	return !canary_tgid && is_live && !(bpf_get_current_task_btf()->flags & PF_KTHREAD);
}

/* By which image; NULL: not in place. */
INLINE pc_image_ref plain_begin(void)
{
	return is_plain_asker() ? image_get() : NULL;
}

INLINE int is_plain_allow(const struct pc_answer *answer)
{
	return answer->verdict == PC_ALLOW && !(answer->ref & PC_REF_RECORD);
}

/* Between these two a request has a buffer of its own, unless all are taken, and where it can be no preemption. */
INLINE void request_enter(struct request *req)
{
	scratch_enter();
	req->scratch = scratch_take();
	if (!req->scratch)
		return;
	req->scratch->begin = 0;
	req->scratch->repeat = 0;
}

INLINE void request_leave(struct request *req)
{
	if (req->scratch)
		scratch_give(req->scratch);
	scratch_leave();
}
