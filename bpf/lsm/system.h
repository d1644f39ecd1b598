/* SPDX-License-Identifier: GPL-2.0-only */
/* system.h - [system]: what a task does to the host or to another task, each one word to a policy. */
#pragma once

#include "shared.h"

INLINE int system_end(struct request *req, struct pc_answer *answer, __u32 object)
{
	request_enter(req);
	if (req->scratch) {
		req->scratch->text[0] = object;
		req->scratch->length = 1;
	}
	answer_soften(answer);
	request_account(req, answer);
	request_leave(req);
	return PACK_ANSWER(*answer);
}

/* `object` is an enum pc_system_object. */
STUB word_decide(__u32 object, __u32 hook)
{
	return stub_answer();
}

INLINE int word_settle(__u32 object, __u32 hook)
{
	struct request req = { .section = PC_SYSTEM, .kind = PC_KIND_SYSTEM, .access = PC_ACCESS_READ };
	struct pc_answer answer;
	__u32 state, profile;

	if (!request_begin(&req, hook))
		return PASSES;
	state = pc_step(req.image, pc_start(req.image, pc_host_section(PC_SYSTEM), PC_KIND_SYSTEM), object);
	profile = profile_start(req.image, req.profile, PC_SYSTEM, PC_KIND_SYSTEM);
	req.profile_state = pc_step(req.image, profile, object);
	answer = request_ask_states(&req, state);
	return system_end(&req, &answer, object);
}

INLINE int system_decide(enum pc_system_object object, enum pc_hook hook)
{
	return packed_return(word_decide(object, hook));
}

/* ---- Whose object it is. ---- */

#define PTRACE_MODE_ATTACH 2U
#define PTRACE_MODE_NOAUDIT 4U

/*
 * Whether one task's memory and descriptors are another one's, for their profiles: a family's are its own, as far as
 * it asks for others'; and whoever could change what runs in a profile that grants something would be granted that,
 * unless he is root. Into `place` the profile that forbids it.
 */
INLINE int is_boundary(pc_image_ref image, __u64 own, __u64 other, __u32 user, __u32 *ret_place)
{
	__u32 place;

	if (PC_PROFILE_ID(own) == PC_PROFILE_ID(other))
		return 0;
	place = own == PC_PROFILE_NONE || own == PC_PROFILE_UNKNOWN ? 0 : profile_find(image, PC_PROFILE_ID(own));
	*ret_place = place;
	if (place && !(profile_flags_at(image, place - 1) & PC_PROFILE_PROCESS))
		return 1;
	place = other == PC_PROFILE_NONE || other == PC_PROFILE_UNKNOWN ? 0 : profile_find(image, PC_PROFILE_ID(other));
	*ret_place = place;
	return place && profile_flags_at(image, place - 1) & PC_PROFILE_LOOSENS && user != 0;
}

/* Between the profile `own` of a tracer, whose user that is, and the `other` one of who is to be traced. */
STUB boundary_decide(__u64 own, __u64 other, __u32 user, __u32 mode, __u32 hook)
{
	return stub_answer();
}

INLINE int boundary_settle(__u64 own, __u64 other, __u32 user, __u32 mode, __u32 hook)
{
	struct request req = { .section = PC_SYSTEM, .kind = PC_KIND_SYSTEM, .access = PC_ACCESS_READ };
	struct pc_answer answer = { .ref = PC_RULE_DEFAULT };
	__u32 place = 0;

	if (!request_begin(&req, hook) || !is_boundary(req.image, own, other, user, &place))
		return PASSES;
	answer.mode = section_mode(req.image, pc_profile_section(req.image, (place - 1) & PROFILE_PLACE, PC_SYSTEM));
	answer.verdict = answer.mode == PC_MODE_ENFORCE ? PC_DENY : PC_AUDIT;
	if (!(mode & PTRACE_MODE_NOAUDIT))
		answer.ref |= PC_REF_RECORD;
	req.event_flags = PC_EVENT_FAMILY;
	return system_end(&req, &answer, PC_SYSTEM_PTRACE);
}

/*
 * One of the two is the current task: it asks, or is asked to be traced by its parent. What it does not ask for by itself,
 * such as the marks in a listing of /proc, is refused without a record.
 */
INLINE int tracing_decide(struct task_struct *tracer, struct task_struct *task, __u32 mode, enum pc_hook hook)
{
	__u64 own, other;

	if (!has_profiles)
		return 0;
	own = subject_profile(subject_of(tracer, 0));
	other = subject_profile(subject_of(task, 0));
	return packed_return(boundary_decide(own, other, AS_ADDRESS(task_struct, tracer)->cred->uid.val, mode, hook));
}

/* Reading what /proc shows of a task is not tracing it, but to a family. */
INLINE int ptrace_decide(struct task_struct *task, __u32 mode)
{
	int r = tracing_decide(bpf_get_current_task_btf(), task, mode, PC_HOOK_PTRACE);

	return r || !(mode & PTRACE_MODE_ATTACH) ? r : system_decide(PC_SYSTEM_PTRACE, PC_HOOK_PTRACE);
}

INLINE int traceme_decide(struct task_struct *parent)
{
	int r = tracing_decide(parent, bpf_get_current_task_btf(), PTRACE_MODE_ATTACH, PC_HOOK_TRACEME);

	return r ? r : system_decide(PC_SYSTEM_PTRACE, PC_HOOK_TRACEME);
}

/* Enumerators of the kernel's, whose values are its own. */
enum kernel_read_file_id {
	READING_MODULE,
	READING_MODULE_COMPRESSED,
	READING_KEXEC_IMAGE,
	READING_KEXEC_INITRAMFS,
};

enum kernel_load_data_id {
	LOADING_MODULE,
	LOADING_KEXEC_IMAGE,
	LOADING_KEXEC_INITRAMFS,
};

/* True for an enumerator that the kernel has. */
#define IS_ENUM(type, enumerator, value) \
	(bpf_core_enum_value_exists(type, enumerator) && (value) == bpf_core_enum_value(type, enumerator))

INLINE int read_file_decide(__u32 id)
{
	if (IS_ENUM(enum kernel_read_file_id, READING_MODULE, id) ||
	    IS_ENUM(enum kernel_read_file_id, READING_MODULE_COMPRESSED, id))
		return system_decide(PC_SYSTEM_MODULE, PC_HOOK_READ_FILE);
	if (IS_ENUM(enum kernel_read_file_id, READING_KEXEC_IMAGE, id) ||
	    IS_ENUM(enum kernel_read_file_id, READING_KEXEC_INITRAMFS, id))
		return system_decide(PC_SYSTEM_KEXEC, PC_HOOK_READ_FILE);
	return 0;
}

INLINE int load_data_decide(__u32 id)
{
	if (IS_ENUM(enum kernel_load_data_id, LOADING_MODULE, id))
		return system_decide(PC_SYSTEM_MODULE, PC_HOOK_LOAD_DATA);
	if (IS_ENUM(enum kernel_load_data_id, LOADING_KEXEC_IMAGE, id) ||
	    IS_ENUM(enum kernel_load_data_id, LOADING_KEXEC_INITRAMFS, id))
		return system_decide(PC_SYSTEM_KEXEC, PC_HOOK_LOAD_DATA);
	return 0;
}
