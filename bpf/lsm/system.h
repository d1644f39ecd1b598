/* SPDX-License-Identifier: GPL-2.0-only */
/* system.h - [system]: what a task does to the host or to another task, each one word to a policy. */
#pragma once

#include "request.h"

INLINE int system_decide(enum pc_system_object object, enum pc_hook hook)
{
	struct request req = { .section = PC_SYSTEM, .kind = PC_KIND_SYSTEM, .access = PC_ACCESS_READ };
	struct pc_answer answer;
	__u32 state, profile;

	if (!request_begin(&req, hook))
		return 0;
	state = pc_step(req.image, pc_start(req.image, pc_host_section(PC_SYSTEM), PC_KIND_SYSTEM), object);
	profile = profile_start(req.image, req.profile, PC_SYSTEM, PC_KIND_SYSTEM);
	req.profile_state = pc_step(req.image, profile, object);
	answer = request_ask_states(&req, state);
	request_enter(&req);
	if (req.scratch) {
		req.scratch->text[0] = object;
		req.scratch->length = 1;
	}
	answer_soften(&answer);
	request_account(&req, &answer);
	request_leave(&req);
	return verdict_return(&answer);
}

/* ---- Whose object it is. ---- */

#define PTRACE_MODE_ATTACH 2U

/* Reading what /proc shows of a task is not tracing it. */
INLINE int ptrace_decide(__u32 mode)
{
	return mode & PTRACE_MODE_ATTACH ? system_decide(PC_SYSTEM_PTRACE, PC_HOOK_PTRACE) : 0;
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
