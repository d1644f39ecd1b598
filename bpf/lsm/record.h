/* SPDX-License-Identifier: GPL-2.0-only */
/* record.h - the record of an answer, or, where it repeats one, its place among those that are counted. */
#pragma once

#include "arguments.h"
#include "hits.h"
#include "judge.h"
#include "name.h"
#include "process.h"
#include "repeats.h"

volatile __u32 is_coalescing; /* set by the daemon */

/* ---- Whose it is. ---- */

INLINE int is_own(const struct task_struct *task)
{
	return (__u32)task->tgid == own_tgid && task->group_leader->start_boottime == own_start;
}

/* It, or a child of its: one compiles the policy. */
INLINE int is_owns(struct task_struct *task)
{
	const struct task_struct *own = AS_ADDRESS(task_struct, task);

	return own_tgid && (is_own(own) || is_own(own->real_parent));
}

INLINE int is_own_task(void)
{
	return is_owns(bpf_get_current_task_btf());
}

/* ---- What it says. ---- */

INLINE void event_request(struct pc_event *event, const struct request *req, const struct pc_answer *answer)
{
	event->type = PC_RECORD_DECISION;
	event->image = image_id(req->image);
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
	event->reserved2 = 0;
}

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

/* Of the object's name; some objects have none. */
INLINE __u64 object_length(const struct request *req)
{
	if (req->kind != PC_KIND_PATH && req->kind != PC_KIND_FOREIGN && req->kind < PC_KIND_UNIX_PATH)
		return 0;
	return req->scratch->length;
}

/* Bytes of the object's name that the record carries. */
INLINE __u64 event_object(struct pc_event *event, __u64 length)
{
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
	/* However it came about. */
	__u64 object = forget(event_object(event, object_length(req))) & ARGUMENTS_MASK, length = 0;

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

/* 0, or negative where the ring has no room for it. */
INLINE long event_send(struct pc_event *event, const struct request *req, __u64 begin)
{
	enum ring ring = event->verdict == PC_ALLOW ? RING_PASSES : RING_DENIALS;
	__u64 size;

	if ((ring == RING_DENIALS && !denials_have_room(event)) || process_introduce(req->scratch, event->process, ring) < 0)
		return -1;
	size = event_finish(event, req, begin);
	barrier_var(size);
	return size > sizeof(*event) ? -1 : ring_write(ring, event, size);
}

/* ---- What repeats. ---- */

/* Of all that decisions which are told as one have in common; `hash` is the name's. */
APART __u64 record_key(const struct request *req, const struct pc_answer *answer, __u64 program, __u64 hash)
{
	hash = hash_mix(hash, image_id(req->image));
	hash = hash_mix(hash, program);
	hash = hash_mix(hash, (__u64)(answer->ref & PC_REF_RULE_MASK) << 32 | (req->profile & PROFILE_PLACE));
	hash = hash_mix(hash, (__u64)req->port << 48 | (__u64)req->class << 32 | (__u32)req->operation << 16 | req->event_flags);
	hash = hash_mix(hash, (__u64)answer->verdict << 56 | (__u64)answer->mode << 48 | (__u64)req->section << 32 |
				      req->access << 16 | req->kind << 8 | !!req->is_internal);
	/* 0 is nobody's. */
	return hash | 1;
}

/* The first of its kind: those that follow are counted, where there is a place for that. */
INLINE __u32 record_first(struct pc_event *event, const struct request *req, __u64 begin, struct pc_repeat *repeat, __u32 tag)
{
	long r;

	event->repeat_version = repeat ? repeat_next_version(repeat) : 0;
	r = event_send(event, req, begin);
	if (repeat) {
		repeat->rule = tag;
		repeat->state = repeat_state(event->repeat - 1, event->verdict, event->mode);
		repeat_publish(repeat, r == 0);
	}
	if (r == 0)
		return PC_LOGGED;
	req->scratch->repeat = 0;
	return PC_LOST;
}

/* What becomes of a decision that is to be recorded: enum pc_fate. */
INLINE __u32 record_make(const struct request *req, const struct pc_answer *answer, __u32 tag)
{
	struct scratch *scratch = req->scratch;
	struct pc_repeat *repeat = NULL;
	__u64 begin, key, program;
	struct pc_event *event;
	__u32 place;

	/* What is compared is then what is used, in the verifier's eyes too. */
	barrier_var(scratch);
	if (!scratch)
		return PC_LOST;
	if (is_coalescing) {
		program = own_program();
		key = record_key(req, answer, program, text_hash(scratch, object_length(req)));
		place = program == daemon_program ? REPEAT_NONE : repeat_seek(key);
		if (place != REPEAT_NONE)
			scratch->repeat = (place & REPEAT_PLACE) + 1;
		if (place & REPEAT_JOINED)
			return PC_COALESCED;
		if (place != REPEAT_NONE)
			repeat = repeat_claim(place, key, program);
		if (!repeat)
			scratch->repeat = 0;
	}
	begin = scratch->begin;
	barrier_var(begin);
	begin &= TEXT_MASK;
	event = (struct pc_event *)(scratch->event_room + begin);
	event_request(event, req, answer);
	event_subject(event);
	event->repeat = scratch->repeat;
	return record_first(event, req, begin, repeat, tag);
}
