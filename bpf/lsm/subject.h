/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * subject.h - the profile that a task is in.
 *
 * It is kept with the task, by an id that is the same in every image. A child has its parent's from task_alloc on; an
 * exec computes another one and gives it to the task once it can no longer fail. Tasks that ran before are told theirs
 * by the census (census.h). So a task without one, or with one from a time when tasks were not followed, is none that is in no
 * profile: it is one of which nothing is known, and is refused.
 */
#pragma once

#include "cache.h"
#include "walk.h"

/* A request's profile: 0 for none, else its place in the image plus 1, with what must be kept in mind. */
#define PROFILE_PLACE 0x1fffU
#define PROFILE_STRICTER 0x2000U /* it may only make answers stricter */
#define PROFILE_UNKNOWN 0x4000U
/* Where it lies in a question to the cache, which has other bits below. */
#define PROFILE_QUESTION_SHIFT 17

#define PF_KTHREAD 0x00200000U

/* ---- Where a profile lies in an image. ---- */

struct profile_search {
	pc_image_ref image;
	__u64 id;
	__u32 low;
	__u32 high;
};

INLINE __u64 profile_id_at(pc_image_ref image, __u32 place)
{
	return pc_word_at(image, pc_profile_at(image, place));
}

INLINE __u32 profile_flags_at(pc_image_ref image, __u32 place)
{
	return pc_load32(image, pc_profile_at(image, place) + __builtin_offsetof(struct pc_profile, flags));
}

static long profile_halve(__u32 index, struct profile_search *search)
{
	__u32 middle = (search->low + search->high) / 2;

	if (search->low >= search->high)
		return 1;
	if (profile_id_at(search->image, middle) < search->id)
		search->low = middle + 1;
	else
		search->high = middle;
	return 0;
}

/* Its place plus 1; 0: the image has no profile of that id. */
APART __u32 profile_find(pc_image_ref image, __u64 id)
{
	struct profile_search search = { .image = image, .id = id };
	__u32 count;

	if (!image)
		return 0;
	count = pc_load32(image, __builtin_offsetof(struct pc_image_header, profiles.count));
	search.high = count;
	bpf_loop(16, profile_halve, &search, 0);
	if (search.low >= count || profile_id_at(image, search.low) != id)
		return 0;
	return (search.low + 1) & PROFILE_PLACE;
}

/* ---- What is known of a task. ---- */

INLINE struct subject *subject_of(struct task_struct *task, __u64 flags)
{
	return bpf_task_storage_get(&subjects, task, NULL, flags);
}

INLINE __u64 subject_profile(const struct subject *subject)
{
	return subject && subject->epoch == subjects_epoch ? subject->profile : PC_PROFILE_UNKNOWN;
}

/* As a request has it; `profile` is the subject's. */
INLINE __u32 subject_place(struct subject *subject, __u64 profile, pc_image_ref image)
{
	__u64 id = image_id(image);
	__u32 place = 0;

	if (!subject || profile == PC_PROFILE_UNKNOWN)
		return PROFILE_UNKNOWN;
	if (subject->image == id && subject->known == profile)
		return subject->place;
	if (profile != PC_PROFILE_NONE)
		place = profile_find(image, PC_PROFILE_ID(profile));
	if (place && profile & PC_PROFILE_STRICTER)
		place |= PROFILE_STRICTER;
	/* By the task alone, so no one sees the three apart. */
	subject->image = id;
	subject->known = profile;
	subject->place = place;
	return place;
}

/* The current task's. */
INLINE __u32 own_profile(pc_image_ref image)
{
	struct subject *subject;
	__u64 profile;

	if (!has_profiles)
		return 0;
	subject = subject_of(bpf_get_current_task_btf(), 0);
	profile = subject_profile(subject);
	return profile == PC_PROFILE_NONE ? 0 : subject_place(subject, profile, image);
}

/* ---- The cache knows it, too: a look at a task's storage is dearer. ---- */

/* As a state that is never 0. */
#define PLACE_KNOWN 0x8000U

INLINE struct cache_key subject_key(const struct task_struct *task)
{
	return cache_key(task, CACHE_SUBJECT);
}

/* The task is a new one, or begins another program. */
INLINE void subject_forget(const struct task_struct *task)
{
	cache_forget(task);
}

/*
 * By the live policy, if that is the one of `world`: then by the one that was live before, too, if that was looked up by the
 * same program. For a swap isn't over while a program runs that may have seen the policy before it (the kernel waits for
 * these when a map of maps is written to), so that nothing is still then.
 */
APART __u32 profile_look_up(const struct cache_key *key, __u64 world)
{
	const struct cache_view view = cache_look(0);
	struct subject *subject = subject_of(bpf_get_current_task_btf(), 0);
	__u64 profile = subject_profile(subject);
	pc_image_ref image = image_get();
	__u32 place = image ? subject_place(subject, profile, image) : 0;

	barrier();
	if (!image || !view.is_still || cache_world() != world)
		return PROFILE_UNKNOWN;
	if (!(place & PROFILE_UNKNOWN))
		cache_fill(key, &view, place | PLACE_KNOWN);
	return place;
}

/* The current task's profile in a question to the cache. */
INLINE __u32 profile_question(__u64 world)
{
	struct cache_key key;
	__u32 place;

	if (!has_profiles)
		return 0;
	key = subject_key(bpf_get_current_task_btf());
	place = cache_state(&key, world);
	return (place ? place & ~PLACE_KNOWN : profile_look_up(&key, world)) << PROFILE_QUESTION_SHIFT;
}

/* With who asks. */
INLINE __u32 question_of_task(__u32 question, __u64 world)
{
	barrier();
	cache_linger();
	return question | profile_question(world);
}

INLINE __u32 question_profile(__u32 asked)
{
	return KNOWS_PROFILES ? asked >> PROFILE_QUESTION_SHIFT : 0;
}

INLINE __u32 question_open(__u32 asked)
{
	return asked & ((1U << PROFILE_QUESTION_SHIFT) - 1);
}

/* Whether what is in that profile stays in it, whatever it starts. */
INLINE int is_family(pc_image_ref image, __u64 profile)
{
	__u32 place;

	if (profile == PC_PROFILE_NONE || profile == PC_PROFILE_UNKNOWN)
		return 0;
	place = profile_find(image, PC_PROFILE_ID(profile));
	return place && !(profile_flags_at(image, place - 1) & PC_PROFILE_PROCESS);
}

/* ---- A child has its parent's profile. ---- */

/* 0 if that could not be kept. */
INLINE int subject_inherit(struct task_struct *child)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct subject *subject;
	__u64 profile, now;

	if (!has_profiles)
		return 1;
	subject_forget(child);
	now = bpf_ktime_get_boot_ns();
	profile = task->flags & PF_KTHREAD ? PC_PROFILE_NONE : subject_profile(subject_of(task, 0));
	subject = subject_of(child, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!subject)
		return profile == PC_PROFILE_NONE;
	subject->profile = profile;
	subject->born = now;
	subject->given = 0;
	subject->epoch = subjects_epoch;
	return 1;
}

/*
 * The child is among the tasks now, and its parent still where it made it: if the parent was given another profile
 * between, who looked through the tasks may have missed the child.
 */
INLINE void subject_settle(struct task_struct *child)
{
	struct subject *above, *subject;
	__u64 profile, other;

	if (!has_profiles)
		return;
	above = subject_of(bpf_get_current_task_btf(), 0);
	subject = subject_of(child, 0);
	if (!above || !subject || subject->born > above->given)
		return;
	profile = subject_profile(subject);
	other = subject_profile(above);
	if (profile != other && __sync_val_compare_and_swap(&subject->profile, profile, other) == profile)
		subject->given = bpf_ktime_get_boot_ns();
}
