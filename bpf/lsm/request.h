/* SPDX-License-Identifier: GPL-2.0-only */
/* request.h - from a hook's beginning to its return value: who asks, the record of the answer, the verdict. */
#pragma once

#include "arguments.h"
#include "judge.h"
#include "name.h"
#include "process.h"

#define EPERM_VERDICT (-1)

/* ---- The record. ---- */

INLINE void event_subject(struct pc_event *event)
{
	struct task_struct *task = bpf_get_current_task_btf();
	/* For what it points to. */
	struct task_struct *address = AS_ADDRESS(task_struct, task);
	const struct cred *cred = address->cred;
	/* Not by the member: it would be relocated as the byte that it is an array of. */
	const __u64 *comm = (const __u64 *)((const char *)task + bpf_core_field_offset(struct task_struct, comm));

	event->time = bpf_ktime_get_boot_ns();
	event->cgroup = bpf_get_current_cgroup_id();
	event->process = process_id(address, event->cgroup);
	event->mnt_ns = address->nsproxy->mnt_ns->ns.inum;
	event->pid = task->tgid;
	event->tid = task->pid;
	event->ppid = address->real_parent->tgid;
	event->uid = cred->uid.val;
	event->gid = cred->gid.val;
	((__u64 *)event->comm)[0] = comm[0];
	((__u64 *)event->comm)[1] = comm[1];
}

/* Bytes of the object's name that the record carries. */
INLINE __u64 event_object(struct pc_event *event, const struct request *req, __u64 length)
{
	if (req->kind != PC_KIND_PATH && req->kind != PC_KIND_FOREIGN && req->kind < PC_KIND_UNIX_PATH)
		length = 0;
	event->object_len = length;
	if (length <= PC_EVENT_OBJECT_MAX)
		return length;
	event->flags |= PC_EVENT_CUT;
	return PC_EVENT_OBJECT_MAX;
}

/* Of an exec, behind what is carried of the object; their bytes. */
APART __u64 event_arguments(struct scratch *scratch, __u64 at)
{
	__u64 length;

	if (!scratch)
		return 0;
	arguments_read(scratch);
	length = scratch->arguments.length;
	barrier_var(length);
	if (length > PC_ARGS_MAX)
		return 0;
	bpf_probe_read_kernel(scratch->text + (at & ARGUMENTS_MASK), length, scratch->arguments.text);
	return length;
}

INLINE __u64 event_finish(struct pc_event *event, const struct request *req, __u64 begin)
{
	struct arguments *arguments = &req->scratch->arguments;
	__u64 object = event_object(event, req, req->scratch->length), length = 0;

	event->args_count = 0;
	if (req->section == PC_EXEC && req->operation == PC_OP_NONE) {
		/* Where the object is cut here, they would lie in what is still wanted of its name. */
		if (event->flags & PC_EVENT_CUT) {
			event->flags |= PC_EVENT_ARGS_CUT;
		} else {
			length = event_arguments(req->scratch, begin + object);
			event->args_count = arguments->count;
			event->flags |= arguments->is_cut ? PC_EVENT_ARGS_CUT : 0;
		}
	}
	event->args_length = length;
	return PC_EVENT_HEAD_SIZE + object + length;
}

/* 0, or negative where the ring had no room, or there was no buffer. */
INLINE long event_send(const struct request *req, const struct pc_answer *answer)
{
	struct scratch *scratch = req->scratch;
	__u32 ring = answer->verdict == PC_ALLOW ? RING_PASSES : RING_DENIALS;
	struct pc_event *event;
	__u64 size, begin;

	/* What is compared is then what is used, in the verifier's eyes too. */
	barrier_var(scratch);
	if (!scratch)
		return -1;
	begin = scratch->begin;
	barrier_var(begin);
	begin &= TEXT_MASK;
	event = (struct pc_event *)(scratch->event_room + begin);
	event->type = PC_RECORD_DECISION;
	event->image = pc_word(req->image, __builtin_offsetof(struct pc_image_header, id) / 8);
	event->ino = req->ino;
	event->dev = req->dev;
	event->rule = answer->ref & PC_REF_RULE_MASK;
	event->port = req->port;
	event->class = req->class;
	event->hook = req->section;
	event->verdict = answer->verdict;
	event->verb = pc_ref_verdict(answer->ref);
	event->access = req->access;
	event->kind = req->kind;
	event->mode = answer->mode;
	event->flags = (req->is_internal ? PC_EVENT_INTERNAL : 0) | req->event_flags;
	event->operation = req->operation;
	event->profile = req->profile & PROFILE_PLACE;
	event->reserved = 0;
	event_subject(event);
	if (process_introduce(scratch, event->process, ring) < 0)
		return -1;
	size = event_finish(event, req, begin);
	barrier_var(size);
	if (size > sizeof(*event))
		return -1;
	return ring == RING_PASSES ? bpf_ringbuf_output(&passes, event, size, 0) :
				     bpf_ringbuf_output(&denials, event, size, 0);
}

/* Counts the decision and records it, if its rule says so. */
INLINE void request_account(const struct request *req, const struct pc_answer *answer)
{
	__u64 *fates = counters_fates(req->section, answer->verdict);

	if (!fates)
		return;
	__sync_fetch_and_add(&fates[PC_DECIDED], 1);
	if (!(answer->ref & PC_REF_RECORD))
		__sync_fetch_and_add(&fates[PC_UNLOGGED], 1);
	else if (event_send(req, answer) < 0)
		__sync_fetch_and_add(&fates[PC_LOST], 1);
	else
		__sync_fetch_and_add(&fates[PC_LOGGED], 1);
}

/* ---- The verdict. ---- */

INLINE int is_own(const struct task_struct *task)
{
	return (__u32)task->tgid == own_tgid && task->group_leader->start_boottime == own_start;
}

/* A child of the daemon's compiles the policy. */
INLINE int is_own_task(void)
{
	struct task_struct *task = AS_ADDRESS(task_struct, bpf_get_current_task_btf());

	return own_tgid && (is_own(task) || is_own(task->real_parent));
}

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

/* The answer as a function that the verifier looks at by itself can give it. */
#define PACK_ANSWER(answer) ((answer).verdict | (__u32)(answer).mode << 8)
#define PASSES (PC_ALLOW | PC_MODE_AUDIT << 8)

INLINE int packed_return(__u32 packed)
{
	const struct pc_answer answer = { .verdict = packed & 0xff, .mode = packed >> 8 & 0xff };

	return verdict_return(&answer);
}

/* ---- Whether a hook has anything to decide. ---- */

INLINE int canary_sees(__u32 hook)
{
	if (!canary_tgid || (__u32)bpf_get_current_task_btf()->tgid != canary_tgid)
		return 0;
	canary_seen[hook & (PC_HOOKS_ROOM - 1)] = 1;
	return 1;
}

/* By which image, and in which profile; 0: nothing is to be decided. Counts what passes undecided. */
INLINE int request_begin(struct request *req, __u32 hook)
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

/*
 * The same where an answer can be had in place, by the name's bytes as they lie there, and is a plain allow: NULL for
 * whatever has to be looked at, or counted, more closely.
 */
INLINE pc_image_ref plain_begin(void)
{
	if (canary_tgid || !is_live || bpf_get_current_task_btf()->flags & PF_KTHREAD ||
	    !is_outside_profiles())
		return NULL;
	return image_get();
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
	if (req->scratch)
		req->scratch->begin = 0;
}

INLINE void request_leave(struct request *req)
{
	if (req->scratch)
		scratch_give(req->scratch);
	scratch_leave();
}
