/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dentry.h - what is asked about an object by its dentry, apart from opens: whether its name or its attributes may be
 * changed, its contents be mapped as code, or a descriptor of it be received.
 *
 * Changes are `.write` on the name. The inode_* hooks run for the name that a process asked for and, when a stacked
 * file system does the work, for the names of its layers: those alone bear the host's names when somebody stacks one
 * in a user namespace. What the host's own overlay does to its layers is judged by the rules alone, as the opens of
 * layers are.
 */
#pragma once

#include "open.h"
#include "shared.h"

INLINE void request_from_dentry(struct request *req, __u64 address)
{
	struct dentry *dentry = (struct dentry *)address;

	req->ino = BPF_CORE_READ(dentry, d_inode, i_ino);
	req->dev = BPF_CORE_READ(dentry, d_sb, s_dev);
	req->kind = PC_KIND_UNRESOLVED;
	if (!req->scratch) {
		count_trouble(PC_TROUBLE_NO_SCRATCH);
		return;
	}
	name_plain(req->scratch, &req->naming, address);
	req->kind = req->scratch->kind;
}

/*
 * A stacked file system works on its layers with its mounter's rights instead of the caller's. Only those of the
 * host's root count: what a user mounted is judged in full at its layers, under names of the host.
 */
INLINE int is_layer_of_last(const struct task_memory *memory)
{
	struct task_struct *task = AS_ADDRESS(task_struct, bpf_get_current_task_btf());

	return memory && memory->is_stacked && (__u64)task->cred != (__u64)task->real_cred &&
	       (__u64)task->cred->user_ns == host_user_ns && task->cred->euid.val == 0;
}

INLINE void dentry_remember(const struct request *req, const struct pc_answer *answer, __u64 dentry,
			    struct task_memory *memory)
{
	answer_remember(req, answer, memory);
	memory->file = 0;
	memory->is_stacked = req->kind == PC_KIND_PATH &&
			     BPF_CORE_READ((struct dentry *)dentry, d_sb, s_magic) == OVERLAYFS_MAGIC;
}

/* Name and walk come first: what is settled before them, the verifier follows through all of both. */
INLINE struct pc_answer dentry_judge(struct request *req, __u64 dentry)
{
	struct task_memory *memory;
	struct pc_answer answer;
	__u32 state;

	request_from_dentry(req, dentry);
	state = request_state(req);
	memory = task_memory();
	req->is_internal = forget(is_layer_of_last(memory));
	/* A file without a name was made by a process for itself or for who receives it. */
	req->is_rules_only = forget(req->section == PC_OPEN && req->kind == PC_KIND_ANON);
	answer = request_ask_states(req, state);
	answer_soften(&answer);
	if (req->is_internal) {
		layer_account(req, &answer);
		return answer;
	}
	/* Where only a rule counts, its absence is no decision. */
	if (answer.ref != PC_REF_NONE || !req->is_rules_only)
		request_account(req, &answer);
	if (memory)
		dentry_remember(req, &answer, dentry, memory);
	return answer;
}

#define ASK_CHANGE(operation) ASK(PC_OPEN, PC_ACCESS_WRITE, operation)

STUB dentry_decide(__u64 dentry, __u32 ask, __u32 hook)
{
	return stub_answer();
}

INLINE int dentry_settle(__u64 dentry, __u32 ask, __u32 hook)
{
	struct request req = {
		.section = ask & 0xff,
		.access = ask >> 8 & 0xff,
		.operation = ask >> 16,
	};
	struct pc_answer answer;

	req.naming.view = cache_look(READ_AT(dentry, dentry, d_seq.seqcount.sequence));
	if (!request_begin(&req, hook))
		return PASSES;
	naming_prepare_plain(&req.naming, dentry);
	request_enter(&req);
	answer = dentry_judge(&req, dentry);
	request_leave(&req);
	return PACK_ANSWER(answer);
}

/* The common case: the state of the folder is known, and the name's own bytes lead to a plain allow. */
APART int change_is_allowed(struct dentry *dentry)
{
	struct place place = { .section = PC_OPEN, .access = PC_ACCESS_WRITE };
	const struct dentry *folder;
	struct cache_key key;
	struct short_name name;
	__u32 state;

	if (question_of_task(0, cache_world()) || !is_plain_task(AS_ADDRESS(task_struct, bpf_get_current_task_btf())) ||
	    !place_begin(&place, dentry, &name))
		return 0;
	folder = AS_ADDRESS(dentry, dentry)->d_parent;
	if (is_root(dentry, folder))
		return 0;
	key = cache_key(folder, question_state(PC_OPEN, 0));
	state = cache_state(&key, place.view.world);
	if (!state)
		return 0;
	place.cell = place_cell(&place, state, &name);
	return place_end(&place, place_ref(&place), dentry) == PLACE_ALLOWED;
}

INLINE int change(struct dentry *dentry, __u32 operation, enum pc_hook hook)
{
	if (change_is_allowed(dentry))
		return 0;
	return packed_return(dentry_decide(address_of(dentry), ASK_CHANGE(operation), hook));
}

#define ATTR_SIZE (1U << 3)
#define ATTR_FORCE (1U << 9)
#define ATTR_OPEN (1U << 15)

/*
 * O_TRUNC is part of the open. What the kernel forces, such as taking set-user-ID off, is part of a write, or comes
 * along with a truncation.
 */
INLINE int setattr_change(struct dentry *dentry, struct iattr *attr)
{
	__u32 valid = BPF_CORE_READ(attr, ia_valid);

	if (valid & ATTR_OPEN || (valid & ATTR_FORCE && !(valid & ATTR_SIZE)))
		return 0;
	return change(dentry, valid & ATTR_SIZE ? PC_OP_TRUNCATE : PC_OP_ATTRIBUTES, PC_HOOK_SETATTR);
}
