/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exec.h - bprm_check_security: once for each step of a script's chain, with the file that will be mapped.
 *
 * file_open has decided the same struct file a moment ago, and recorded it; here the decision is made again, because
 * the name may have changed since. The same answer is the same decision and is neither counted nor recorded twice.
 */
#pragma once

#include "choose.h"
#include "open.h"

INLINE int is_confirmation(const struct request *req, struct file *file, const struct pc_answer *answer)
{
	struct task_memory *memory = task_memory();

	if (!memory || memory->file != (__u64)file)
		return 0;
	memory->file = 0;
	return is_same_answer(req, answer, memory);
}

/* Nothing is decided yet, but tasks are given their profiles by the image that will be live first. */
INLINE int exec_is_awaited(struct request *req)
{
	if (is_live || canary_tgid || !has_profiles)
		return 0;
	req->image = image_next();
	req->profile = forget(0);
	return !!req->image;
}

/* `is_known`: the open was found to be a plain allow without a look at the name, and counted so. */
INLINE struct pc_answer exec_answer(struct request *req, struct file *file, int is_known)
{
	struct pc_answer answer = request_ask(req);

	answer_soften(&answer);
	if (!is_confirmation(req, file, &answer) && !(is_known && is_plain_allow(&answer)))
		request_account(req, &answer);
	return answer;
}

/*
 * The program, which the cache knew, had to be named in full. Of its folder, or of how all names there begin, the cache may
 * have forgotten what it knew when it learned that the program is allowed: the next open of it, once that is forgotten as
 * well, finds it out anew. Only where that can be (request_mark()); and only now and then, for of some folders it can't.
 */
INLINE void exec_forget(const struct request *req, const struct dentry *dentry)
{
	if (req->scratch && req->scratch->work.count <= 1 && !(bpf_get_prandom_u32() & 63))
		cache_forget(dentry);
}

/*
 * The name of a program that the cache knew, as the request's view has it, to be a plain allow: if nothing has changed
 * since, that is the answer. 0 where the name can't be told in place.
 */
APART int exec_in_place(struct request *req, struct file *file)
{
	struct dentry *dentry = file->f_path.dentry, *folder = dentry->d_parent;
	const struct cache_key key = cache_key(folder, question_state(PC_EXEC, 0));
	struct scratch *scratch = req->scratch;

	if (!scratch || is_root(dentry, folder) || !name_is_in_place(dentry) ||
	    !cache_state(&key, req->naming.view.world) || !text_in_place(scratch, dentry, &req->naming.view))
		return 0;
	text_to_front(scratch);
	request_take_file(req, file);
	return 1;
}

APART void exec_keep(const struct request *req, struct file *file)
{
	const struct cache_key key = cache_key(file->f_path.dentry, CACHE_PROGRAM);

	/* Of what the kernel makes for itself the cache forgets nothing. */
	if (file->f_inode->i_flags & S_PRIVATE || !program_is_known(file->f_path.dentry, &req->naming.view))
		program_keep(req->scratch, &key, &req->naming.view);
}

INLINE int exec_judge(struct request *req, struct linux_binprm *bprm, struct file *file, int is_known, int is_awaited)
{
	struct pc_answer answer = { .ref = PC_REF_NONE, .verdict = PC_ALLOW };
	int is_settled = forget(is_known && !is_awaited && exec_in_place(req, file));

	if (!is_settled) {
		request_from_file(req, file);
		if (is_known && name_is_in_place(file->f_path.dentry))
			exec_forget(req, file->f_path.dentry);
	}
	exec_keep(req, file);
	if (!is_settled && !is_awaited)
		answer = exec_answer(req, file, is_known);
	/* However it came about. */
	answer = answer_forget(answer);
	is_awaited = forget(is_awaited);
	req->is_internal = forget(req->is_internal);
	if (has_profiles && !exec_choose(req, bprm) && !is_awaited) {
		answer = answer_unknown(section_mode(req->image, pc_host_section(PC_EXEC)));
		answer_soften(&answer);
		request_account(req, &answer);
	}
	return is_awaited ? 0 : verdict_return(&answer);
}

INLINE int exec_decide(struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	struct request req = { .section = PC_EXEC, .access = PC_ACCESS_READ };
	int ret, is_awaited, is_known;
	__u64 world;

	req.naming.view = cache_look(file->f_path.dentry->d_seq.seqcount.sequence);
	world = req.naming.view.world;
	is_known = !!(open_recall(file, question_of_task(FMODE_EXEC, world), world) & CACHED_ALLOW);
	/* Where there are profiles its name is wanted, too, and for records once. */
	if (!has_profiles && is_known && program_is_known(file->f_path.dentry, &req.naming.view))
		return 0;
	is_known = forget(is_known);
	is_awaited = !request_begin(&req, PC_HOOK_EXEC);
	if (is_awaited && !exec_is_awaited(&req))
		return 0;
	file = AS_ADDRESS(file, file);
	naming_prepare(&req.naming, (__u64)file->f_inode->i_sb,
		       naming_key(file->f_path.dentry, file->f_inode->i_sb));
	is_awaited = forget(is_awaited);
	request_enter(&req);
	ret = exec_judge(&req, bprm, file, is_known, is_awaited);
	request_leave(&req);
	return ret;
}

/* A child whose profile can't be kept would be in none. */
INLINE int fork_decide(struct task_struct *child)
{
	struct pc_answer answer;

	if (subject_inherit(child))
		return 0;
	answer = answer_strictest(PC_TROUBLE_PROFILE);
	return verdict_return(&answer);
}
