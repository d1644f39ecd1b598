/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * open.h - file_open: every open of a file, and the opens made for an exec, which the exec rules judge.
 *
 * Stacked file systems (overlay and its like) open the files of their layers besides, through a mount of their own
 * that belongs to no namespace. Those opens alone bear the host's name of a file when somebody mounts an overlay in
 * a user namespace, so they are judged too: by the rules alone, without defaults, as part of the open that caused them.
 */
#pragma once

#include "remember.h"

#define MNT_NS_INTERNAL ((__u64)-22)
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6

/* Truncating writes; access mode 3 may do both by ioctl. */
INLINE __u32 open_access(__u32 flags)
{
	__u32 access;

	switch (flags & OPEN_ACCESS_MODE) {
	case 0:
		access = PC_ACCESS_READ;
		break;
	case 1:
		access = PC_ACCESS_WRITE;
		break;
	default:
		access = PC_ACCESS_READ | PC_ACCESS_WRITE;
	}
	return flags & OPEN_TRUNCATE ? access | PC_ACCESS_WRITE : access;
}

INLINE int is_internal_mount(struct file *file)
{
	__u64 mount = (__u64)file->f_path.mnt - bpf_core_field_offset(struct mount, mnt);

	return (__u64)READ_AT(mount, mount, mnt_ns) == MNT_NS_INTERNAL;
}

#define ALIASES_MAX 8

/*
 * The one dentry of the inode, as its list node; 0 if there are several. What is not hashed (removed, or the nameless
 * file that a copy-up began with) counts only where nothing else is.
 */
APART __u64 inode_only_alias(struct inode *inode)
{
	__u64 node = (__u64)inode->i_dentry.first, alias = 0;
	__u32 hashed = 0, others = 0;

	for (__u32 i = 0; i < ALIASES_MAX && node; i++) {
		__u64 dentry = node - bpf_core_field_offset(struct dentry, d_u.d_alias);

		if (BPF_CORE_READ((struct dentry *)dentry, d_hash.pprev)) {
			hashed++;
			alias = node;
		} else {
			others++;
			alias = hashed ? alias : node;
		}
		node = (__u64)BPF_CORE_READ((struct hlist_node *)node, next);
		hashed = forget(hashed);
		others = forget(others);
	}
	return !node && (hashed ? hashed : others) == 1 ? alias : 0;
}

/* On 6.1 an overlay opens a layer's file under its own path: only the inode tells. Its name is that of its one alias. */
INLINE void name_inode(struct scratch *scratch, const struct known_naming *known, struct inode *inode)
{
	__u64 alias = inode_only_alias(inode);

	scratch->kind = PC_KIND_UNRESOLVED;
	if (!alias) {
		count_trouble(PC_TROUBLE_DETACHED);
		return;
	}
	name_plain(scratch, known, alias - bpf_core_field_offset(struct dentry, d_u.d_alias));
}

/* Whether the host names the stacked file itself: then that name has been judged just now. */
INLINE int stacked_has_name(const struct dentry *dentry)
{
	__u64 key = (__u64)dentry->d_sb;
	struct fs_naming *naming = bpf_map_lookup_elem(&namings, &key);

	return naming && naming->key == key && naming->event == host_event() && naming->kind == PC_KIND_PATH;
}

/* Fills the request's object from an open file. */
INLINE void request_from_file(struct request *req, struct file *file)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = file->f_inode;

	req->ino = inode->i_ino;
	req->dev = inode->i_sb->s_dev;
	req->kind = PC_KIND_UNRESOLVED;
	if (!req->scratch) {
		count_trouble(PC_TROUBLE_NO_SCRATCH);
		return;
	}
	/* Kernels that can switch preemption off know nothing of opens under another's path; the code isn't loaded. */
	if (!bpf_preempt_disable && (__u64)inode != (__u64)dentry->d_inode) {
		req->is_internal = 1;
		name_inode(req->scratch, &req->naming, inode);
		/* A layer's file with several names: on a host's overlay the merged name alone decides. */
		if (req->scratch->kind == PC_KIND_UNRESOLVED && stacked_has_name(dentry))
			req->scratch->kind = PC_KIND_USERNS;
	} else {
		name_dentry(req->scratch, &req->naming, dentry);
		/* A memfd or a message queue has a mount of the kernel's too, but nobody stacks on them. */
		req->is_internal = req->scratch->kind != PC_KIND_ANON && is_internal_mount(file) &&
				   inode->i_sb->s_magic != MQUEUE_MAGIC;
	}
	req->kind = req->scratch->kind;
}

INLINE struct task_memory *task_memory(void)
{
	return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

INLINE __u64 request_image_id(const struct request *req)
{
	return pc_word(req->image, __builtin_offsetof(struct pc_image_header, id) / 8);
}

/* Whether the task got the same answer just before. */
INLINE int is_same_answer(const struct request *req, const struct pc_answer *answer, const struct task_memory *memory)
{
	return memory->ref == answer->ref && memory->verdict == answer->verdict &&
	       memory->image == request_image_id(req);
}

INLINE void answer_remember(const struct request *req, const struct pc_answer *answer, struct task_memory *memory)
{
	memory->image = request_image_id(req);
	memory->ref = answer->ref;
	memory->verdict = answer->verdict;
}

INLINE void open_remember(const struct request *req, const struct pc_answer *answer, struct file *file,
			  struct task_memory *memory)
{
	answer_remember(req, answer, memory);
	memory->file = (__u64)file;
	memory->is_stacked = req->kind == PC_KIND_PATH && file->f_inode->i_sb->s_magic == OVERLAYFS_MAGIC;
}

/*
 * A layer's file: what its name adds to the stacked file's name is a refusal, or a record of another rule. Without a
 * name it was judged under the stacked file's.
 */
INLINE void layer_account(struct request *req, const struct pc_answer *answer)
{
	struct task_memory *memory;

	if (answer->verdict == PC_ALLOW)
		return;
	memory = task_memory();
	if (answer->verdict == PC_DENY || !memory || !is_same_answer(req, answer, memory))
		request_account(req, answer);
}

/* Where the names inside the file system begin, if all of them are told through one mount of the host's, or none. */
INLINE void request_mark(struct request *req)
{
	struct scratch *scratch = req->scratch;

	if (scratch && (req->kind == PC_KIND_PATH || req->kind == PC_KIND_FOREIGN) && HOLDS(LACKS_ONE_MOUNT, scratch->work.count <= 1) &&
	    scratch->own_depth)
		req->mark = scratch->own;
}

INLINE struct pc_answer open_judge(struct request *req, struct file *file)
{
	struct pc_answer answer = { .ref = PC_REF_NONE, .verdict = PC_ALLOW };
	struct task_memory *memory;
	__u32 state;

	request_from_file(req, file);
	request_mark(req);
	/* Before anything is told apart: that, the verifier would follow through all of the walk. */
	state = request_state(req);
	if (req->is_internal && req->kind == PC_KIND_USERNS)
		return answer;
	answer = request_ask_states(req, state);
	req->is_memorable &= cache_is_same(&req->naming.view, file->f_path.dentry);
	open_keep(req, &answer, file);
	answer_soften(&answer);
	if (req->is_internal) {
		layer_account(req, &answer);
		return answer;
	}
	request_account(req, &answer);
	open_keep_repeat(req, &answer, file);
	/* What leaves no record and has no layers is not worth a look at the task's memory. */
	if (answer.ref & PC_REF_RECORD || req->section == PC_EXEC || file->f_inode->i_sb->s_magic == OVERLAYFS_MAGIC) {
		memory = task_memory();
		if (memory)
			open_remember(req, &answer, file, memory);
	}
	return answer;
}

APART int open_decide_anew(struct file *opened, __u32 section, __u32 access)
{
	struct request req = { .section = section, .access = access };
	struct file *file = AS_ADDRESS(file, opened);
	struct pc_answer answer;

	req.is_memorable = forget(open_is_memorable(opened));
	req.naming.view = cache_look(file->f_path.dentry->d_seq.seqcount.sequence);
	if (!request_begin(&req, PC_HOOK_OPEN))
		return 0;
	naming_prepare(&req.naming, (__u64)file->f_inode->i_sb,
		       naming_key(file->f_path.dentry, file->f_inode->i_sb));
	request_enter(&req);
	answer = open_judge(&req, file);
	request_leave(&req);
	return verdict_return(&answer);
}

/* What an exec opens may be asked again: its answer is kept with the task by who names it in full. */
APART int open_decide_unknown(struct file *file, __u32 asked)
{
	__u32 question = question_open(asked);
	struct place place;
	int result, r = UNDECIDED;

	place.profile_cell = 0;
	place.section = question == FMODE_EXEC ? PC_EXEC : PC_OPEN;
	place.access = question == FMODE_EXEC ? PC_ACCESS_READ : open_access(question);
	result = open_in_folder(file, &place, asked);
	if (result == PLACE_ALLOWED)
		return 0;
	if (result == PLACE_CELL && place.section == PC_OPEN)
		r = open_answer(file, &place);
	return r == UNDECIDED ? open_decide_anew(file, place.section, place.access) : r;
}

/* Most opens end in the first line, most others in their folder. */
INLINE int open_decide(struct file *file)
{
	__u32 question = open_question(file->f_flags);
	__u64 world = cache_world();
	__u32 asked = question_of_task(question, world), state = open_recall(file, asked, world);
	int r;

	if (recall_allows(state, question))
		return 0;
	r = state ? open_repeat(file, asked, state, world) : UNDECIDED;
	return r == UNDECIDED ? open_decide_unknown(file, asked) : r;
}
