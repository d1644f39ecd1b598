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
	return !!req->image;
}

/* `is_known`: the open was found to be a plain allow without a look at the name, and counted so. */
INLINE struct pc_answer exec_answer(struct request *req, struct linux_binprm *bprm, int is_known)
{
	struct pc_answer answer = request_ask(req);

	answer_soften(&answer);
	if (!is_confirmation(req, bprm->file, &answer) && !(is_known && is_plain_allow(&answer)))
		request_account(req, &answer);
	return answer;
}

INLINE int exec_judge(struct request *req, struct linux_binprm *bprm, int is_known, int is_awaited)
{
	struct file *file = bprm->file;
	struct pc_answer answer = {};

	request_from_file(req, file);
	program_keep(req->scratch, (__u64)file->f_path.dentry, &req->naming.view);
	if (!is_awaited)
		answer = exec_answer(req, bprm, is_known);
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
	__u64 world = cache_world();
	int ret, is_awaited, is_known = !!(open_recall(file, question_of_task(FMODE_EXEC, world), world) & CACHED_ALLOW);

	req.naming.view = cache_look(file->f_path.dentry->d_seq.seqcount.sequence);
	/* Where there are profiles its name is wanted, too, and for records once. */
	if (!has_profiles && is_known && program_is_known(file->f_path.dentry, &req.naming.view))
		return 0;
	is_awaited = !request_begin(&req, PC_HOOK_EXEC);
	if (is_awaited && !exec_is_awaited(&req))
		return 0;
	naming_prepare(&req.naming, (__u64)file->f_inode->i_sb,
		       naming_key(file->f_path.dentry, file->f_inode->i_sb));
	request_enter(&req);
	ret = exec_judge(&req, bprm, is_known, is_awaited);
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
