/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * census.h - gives the tasks that run already their profiles: by the file that each runs, or, below a family, as all
 * that its members have started.
 *
 * The daemon runs it over all tasks, threads among them, again and again until nothing changes: a parent may come
 * after its child, and a task may have been about to be born. What an exec or a parent gives a task meanwhile stands.
 */
#pragma once

#include "choose.h"

/* Into the scratch: the name of the program that the task runs. Its kind is PC_KIND_ANON where there is none. */
INLINE void census_name(struct scratch *scratch, const struct known_naming *known, __u64 dentry)
{
	scratch->kind = PC_KIND_ANON;
	if (dentry)
		name_plain(scratch, known, dentry);
}

/* The profile that the task would be given by an exec of what it runs now. */
__attribute__((noinline)) __u64 census_choose(__u64 dentry, __u64 cred)
{
	struct known_naming naming = {};
	__u64 profile = PC_PROFILE_UNKNOWN, sb = 0;
	struct scratch *scratch;
	pc_image_ref image;
	__u32 flags;

	if (dentry) {
		sb = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_sb);
		naming_prepare(&naming, sb, naming_key_plain(dentry, sb));
	}
	scratch_enter();
	scratch = scratch_take();
	image = choose_image(image_get());
	if (scratch && image) {
		census_name(scratch, &naming, dentry);
		choose_run(image, scratch, cred);
		profile = choose_id(image, scratch, &flags);
	}
	if (scratch)
		scratch_give(scratch);
	scratch_leave();
	return profile;
}

/* The family that the task's parent is in; PC_PROFILE_NONE: none. */
INLINE __u64 census_family(struct task_struct *task)
{
	struct task_struct *parent = task->real_parent;
	pc_image_ref image = choose_image(image_get());
	__u64 profile;

	if (!parent || !image)
		return PC_PROFILE_NONE;
	profile = subject_profile(subject_of(parent, 0));
	return is_family(image, profile) ? profile : PC_PROFILE_NONE;
}

/* Whether what the task has may be replaced by its parent's family: it is of this census, or none. */
INLINE int census_may_adopt(const struct subject *subject, __u64 profile)
{
	return profile == PC_PROFILE_NONE || profile == PC_PROFILE_UNKNOWN || subject->census == census_number;
}

INLINE void census_give(struct subject *subject, __u64 profile, __u64 other)
{
	/* From an earlier time: nobody else writes to it but the task itself. */
	if (subject->epoch != subjects_epoch) {
		subject->profile = PC_PROFILE_UNKNOWN;
		subject->epoch = subjects_epoch;
		profile = PC_PROFILE_UNKNOWN;
	}
	if (other == profile || __sync_val_compare_and_swap(&subject->profile, profile, other) != profile)
		return;
	subject->census = census_number;
	__sync_fetch_and_add(&census_changed, 1);
}

INLINE void census_take(struct task_struct *task)
{
	struct subject *subject = subject_of(task, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 profile, other, exe = 0, dentry = 0;

	if (!subject) {
		__sync_fetch_and_add(&census_failed, 1);
		return;
	}
	profile = subject_profile(subject);
	other = census_family(task);
	if (other != PC_PROFILE_NONE && !census_may_adopt(subject, profile))
		return;
	if (other == PC_PROFILE_NONE) {
		if (profile != PC_PROFILE_NONE && profile != PC_PROFILE_UNKNOWN)
			return;
		exe = (__u64)BPF_CORE_READ(task, mm, exe_file);
		if (exe)
			dentry = (__u64)BPF_CORE_READ((struct file *)exe, f_path.dentry);
		other = census_choose(dentry, (__u64)BPF_CORE_READ(task, real_cred));
	}
	census_give(subject, profile, other);
}
