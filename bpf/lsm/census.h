/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * census.h - gives the tasks that run already their profiles: by the file that each runs, or, below a family, as all
 * that its members have started. Without profiles it only keeps what their programs are called.
 *
 * The daemon runs it over all tasks, threads among them, again and again until nothing changes: a parent may come
 * after its child, and a task may have been about to be born. What an exec or a parent gives a task meanwhile stands.
 * On the way one process may be put into a family, and with it what it has started.
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

/*
 * The profile that the task would be given by an exec of what it runs now. Nobody saw how that was started, and with
 * which libraries: what a profile grants is granted to root's programs and to the system's services only.
 */
__attribute__((noinline)) __u64 census_choose(__u64 dentry, __u64 cred, __u64 css_set)
{
	const struct cache_key key = { .dentry = dentry };
	struct known_naming naming = {};
	__u64 profile = PC_PROFILE_UNKNOWN;
	struct scratch *scratch;
	pc_image_ref image;
	__u32 flags;

	if (dentry)
		naming_prepare_plain(&naming, dentry);
	scratch_enter();
	scratch = scratch_take();
	image = choose_image(image_get());
	if (scratch && image) {
		census_name(scratch, &naming, dentry);
		program_keep(scratch, &key, &naming.view);
		choose_run(image, scratch, cred, css_set, 1);
		profile = choose_id(image, scratch, &flags);
		if (flags & PC_PROFILE_LOOSENS && scratch->choosing.user != 0 && !is_system_service(scratch))
			profile |= PC_PROFILE_STRICTER;
	}
	if (scratch)
		scratch_give(scratch);
	scratch_leave();
	return profile;
}

/* What is to be compared and swapped: what the task is in, when nobody writes to it but itself. */
INLINE __u64 census_begin(struct subject *subject)
{
	if (subject->epoch != subjects_epoch) {
		subject->profile = PC_PROFILE_UNKNOWN;
		subject->born = 0;
		subject->given = 0;
		subject->epoch = subjects_epoch;
	}
	return subject->profile;
}

INLINE void census_give(struct subject *subject, __u64 profile, __u64 other, int is_chosen)
{
	subject->is_chosen = is_chosen;
	if (other == profile || __sync_val_compare_and_swap(&subject->profile, profile, other) != profile)
		return;
	subject->given = bpf_ktime_get_boot_ns();
	/* What the cache knows of the task is over. The daemon, who writes to that as well, waits for us here. */
	__sync_fetch_and_add(&policies, 2);
	__sync_fetch_and_add(&census_changed, 1);
}

/*
 * The family that the task's parent was put into, if the task was there before and is in none itself; PC_PROFILE_NONE:
 * none. A child that looked at its parent later has it from there.
 */
INLINE __u64 census_family(struct task_struct *task, const struct subject *subject, pc_image_ref image)
{
	struct task_struct *parent = task->real_parent;
	struct subject *above = parent ? subject_of(parent, 0) : NULL;
	__u64 profile = subject_profile(above);

	if (!above || !is_family(image, profile))
		return PC_PROFILE_NONE;
	return subject->profile == PC_PROFILE_UNKNOWN || subject->born <= above->given ? profile : PC_PROFILE_NONE;
}

INLINE int census_is_joining(struct task_struct *task)
{
	return join_tgid && (__u32)task->tgid == join_tgid && task->group_leader->start_boottime <= join_before &&
	       (join_uid == ~0U || task->real_cred->uid.val == join_uid);
}

/* Of the file that the task runs; 0: none. */
INLINE __u64 census_dentry(struct task_struct *task)
{
	__u64 exe = (__u64)BPF_CORE_READ(task, mm, exe_file);

	return exe ? (__u64)BPF_CORE_READ((struct file *)exe, f_path.dentry) : 0;
}

INLINE __u64 census_profile(struct task_struct *task)
{
	return census_choose(census_dentry(task), (__u64)BPF_CORE_READ(task, real_cred), (__u64)BPF_CORE_READ(task, cgroups));
}

/* What it runs was started before anything was kept of it: records want to name it. */
INLINE void census_learn(struct task_struct *task)
{
	__u64 dentry = census_dentry(task);

	if (dentry && !bpf_map_lookup_elem(&programs, &dentry))
		census_profile(task);
}

INLINE void census_take(struct task_struct *task)
{
	struct subject *subject = subject_of(task, BPF_LOCAL_STORAGE_GET_F_CREATE);
	pc_image_ref image = choose_image(image_get());
	__u64 profile, other;
	int is_joining, is_chosen;

	if (!subject || !image) {
		__sync_fetch_and_add(&census_failed, 1);
		return;
	}
	profile = census_begin(subject);
	is_joining = census_is_joining(task);
	if (is_family(image, profile)) {
		if (is_joining)
			*(PC_PROFILE_ID(profile) == join_profile ? &join_found : &join_family) = profile;
		return;
	}
	other = is_joining ? join_profile : census_family(task, subject, image);
	is_chosen = other == PC_PROFILE_NONE;
	if (is_chosen) {
		if (profile != PC_PROFILE_NONE && profile != PC_PROFILE_UNKNOWN)
			return;
		other = census_profile(task);
		if (BPF_CORE_READ(task, ptrace) && other != PC_PROFILE_NONE && other != PC_PROFILE_UNKNOWN)
			other |= PC_PROFILE_STRICTER;
	}
	if (is_joining)
		join_given = 1;
	census_give(subject, profile, other, is_chosen);
}

/* ---- Who is in which, for people. ---- */

/* Each process that is in a profile, and each of its threads that is in another. */
INLINE void roster_write(struct seq_file *seq, struct task_struct *task)
{
	__u64 profile = subject_profile(subject_of(task, 0));
	struct task_struct *leader = task->group_leader;
	struct pc_task line = {};

	if (leader != task ? profile == subject_profile(subject_of(leader, 0)) : profile == PC_PROFILE_NONE)
		return;
	line.profile = profile;
	line.pid = task->tgid;
	line.tid = task->pid;
	line.ppid = BPF_CORE_READ(task, real_parent, tgid);
	line.uid = BPF_CORE_READ(task, real_cred, uid.val);
	bpf_probe_read_kernel(line.comm, sizeof(line.comm), task->comm);
	bpf_seq_write(seq, &line, sizeof(line));
}
