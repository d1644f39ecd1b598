/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * choose.h - which profile a program is given: each choice's conditions are asked of its credentials, and the choice's
 * automaton is walked over its name. One loop in phases, as name.h has it.
 */
#pragma once

#include "request.h"

/* Turns: for each choice a few, its conditions with a search of 65,536 groups each, and the longest name. */
#define CHOOSE_STEPS (1 << 19)

enum choose_phase {
	CHOOSE_NEXT,	  /* the next choice */
	CHOOSE_CONDITION, /* its next condition */
	CHOOSE_GROUP,	  /* whether a group is among the supplementary ones */
	CHOOSE_CLIMB,	  /* the task's cgroup gets one more name of its path */
	CHOOSE_PATTERN,	  /* the condition's automaton over that path, or the unit in it */
	CHOOSE_WALK,	  /* the choice's automaton over the program's name */
};

struct choose_loop {
	pc_image_ref image;
	struct scratch *scratch;
};

INLINE long choose_go(struct choosing *choosing, enum choose_phase phase)
{
	choosing->phase = phase;
	return 0;
}

/* The exe that the choice comes to. */
INLINE long choose_take(pc_image_ref image, struct choosing *choosing, __u32 state)
{
	struct pc_choosing best = { .exe = choosing->exe, .preference = choosing->preference };

	pc_choose(image, &best, pc_choice_exe(image, choosing->choice_at, state));
	choosing->exe = best.exe;
	choosing->preference = best.preference;
	return choose_go(choosing, CHOOSE_NEXT);
}

INLINE long choose_next(pc_image_ref image, struct choosing *choosing)
{
	__u32 at;

	if (choosing->choice >= pc_choice_count(image))
		return 1;
	at = pc_choice_at(image, choosing->choice++);
	choosing->choice_at = at;
	choosing->condition = pc_load32(image, at + __builtin_offsetof(struct pc_choice, first_condition));
	choosing->left = pc_load32(image, at + __builtin_offsetof(struct pc_choice, condition_count));
	choosing->given = 0;
	choosing->met = 0;
	return choose_go(choosing, CHOOSE_CONDITION);
}

/* That kind of condition is met, or not. */
INLINE long choose_settle(struct choosing *choosing, int is_met)
{
	if (is_met)
		choosing->met |= 1U << (choosing->kind & 31);
	choosing->condition++;
	choosing->left--;
	return choose_go(choosing, CHOOSE_CONDITION);
}

/* As has_pattern() of user space. */
INLINE long choose_pattern(pc_image_ref image, struct choosing *choosing, const struct cgroup_path *cgroup)
{
	__u32 state = choosing->state;
	__u8 byte = cgroup->text[choosing->at & (PC_CGROUP_MAX - 1)];
	int is_boundary = byte == '/' && choosing->at != choosing->begin;

	if ((choosing->at >= choosing->end || is_boundary) && pc_is_match(image, state))
		return choose_settle(choosing, 1);
	if (choosing->at >= choosing->end || !(pc_reach(image, state) & PC_REACH_DENY))
		return choose_settle(choosing, 0);
	choosing->state = pc_step(image, state, byte);
	choosing->at++;
	return 0;
}

/* The condition is a pattern, with the state `state` before it. */
INLINE long choose_place_condition(struct choosing *choosing, const struct cgroup_path *cgroup, __u32 state)
{
	int is_unit = choosing->kind == PC_CONDITION_UNIT;

	if (cgroup->place == CGROUP_UNKNOWN)
		return choose_go(choosing, CHOOSE_CLIMB);
	if (cgroup->place == CGROUP_LOST)
		return choose_settle(choosing, 0);
	choosing->state = state;
	choosing->begin = is_unit ? cgroup->unit : cgroup->begin;
	choosing->end = is_unit ? cgroup->unit_end : PC_CGROUP_MAX;
	choosing->at = choosing->begin;
	return choose_go(choosing, CHOOSE_PATTERN);
}

/* Whether root's service manager started what is in that cgroup, on the system's behalf. */
INLINE int is_system_service(const struct scratch *scratch)
{
	static const char slice[] = "/system.slice/";
	__u32 differences = scratch->cgroup.place != CGROUP_KNOWN;

	for (__u32 i = 0; i < sizeof(slice) - 1; i++)
		differences |= scratch->cgroup.text[(scratch->cgroup.begin + i) & (PC_CGROUP_MAX - 1)] ^ slice[i];
	return !differences;
}

/* ---- Conditions. ---- */

INLINE long choose_condition(pc_image_ref image, struct scratch *scratch)
{
	struct choosing *choosing = &scratch->choosing;
	__u32 kind, value;
	__u64 condition;

	if (choosing->left == 0) {
		if (choosing->given != choosing->met)
			return choose_go(choosing, CHOOSE_NEXT);
		if (!choosing->start)
			return choose_take(image, choosing, 0);
		walk_begin(scratch, pc_load32(image, choosing->choice_at + __builtin_offsetof(struct pc_choice, start)), 0, 0);
		return choose_go(choosing, CHOOSE_WALK);
	}
	condition = pc_condition(image, choosing->condition);
	kind = condition;
	value = condition >> 32;
	choosing->kind = kind;
	choosing->given |= 1U << (kind & 31);
	if (pc_condition_is_pattern(kind))
		return choose_place_condition(choosing, &scratch->cgroup, value);
	if (kind == PC_CONDITION_GROUP && choosing->group != value && !(choosing->met & 1U << PC_CONDITION_GROUP)) {
		choosing->low = 0;
		choosing->high = choosing->group_count;
		return choose_go(choosing, CHOOSE_GROUP);
	}
	return choose_settle(choosing, kind == PC_CONDITION_GROUP ? choosing->group == value : choosing->user == value);
}

/* Half of those that are left a turn: the kernel keeps them sorted. */
INLINE long choose_group(pc_image_ref image, struct choosing *choosing)
{
	__u32 wanted = pc_condition(image, choosing->condition) >> 32, group = 0;
	__u32 middle = (choosing->low + choosing->high) / 2;

	if (choosing->low < choosing->high) {
		bpf_probe_read_kernel(&group, sizeof(group),
				      (void *)(choosing->groups + bpf_core_field_offset(struct group_info, gid) + 4ULL * middle));
		if (group < wanted)
			choosing->low = middle + 1;
		else
			choosing->high = middle;
		return group == wanted ? choose_settle(choosing, 1) : 0;
	}
	return choose_settle(choosing, 0);
}

static long choose_step(__u32 index, struct choose_loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct choosing *choosing = &scratch->choosing;

	switch (choosing->phase) {
	case CHOOSE_NEXT:
		return choose_next(loop->image, choosing);
	case CHOOSE_CONDITION:
		return choose_condition(loop->image, scratch);
	case CHOOSE_GROUP:
		return choose_group(loop->image, choosing);
	case CHOOSE_CLIMB:
		return cgroup_climb(&scratch->cgroup) ?
			       choose_go(choosing, choosing->choice_at ? CHOOSE_CONDITION : CHOOSE_NEXT) : 0;
	case CHOOSE_PATTERN:
		return choose_pattern(loop->image, choosing, &scratch->cgroup);
	default:
		return walk_bytes(loop->image, scratch) ? choose_take(loop->image, choosing, scratch->state) : 0;
	}
}

/*
 * For the program whose name is in the scratch, if its kind is PC_KIND_PATH, run with the credentials at `cred`, in the
 * cgroups at `css_set`, whose path is looked at in any case if `is_placed`.
 */
INLINE void choose_run(pc_image_ref image, struct scratch *scratch, __u64 cred, __u64 css_set, int is_placed)
{
	struct choose_loop loop = { .image = image, .scratch = scratch };
	struct choosing *choosing = &scratch->choosing;
	const struct cred *plain = (const struct cred *)cred;

	choosing->groups = (__u64)BPF_CORE_READ(plain, group_info);
	choosing->user = BPF_CORE_READ(plain, uid.val);
	choosing->group = BPF_CORE_READ(plain, gid.val);
	choosing->group_count = BPF_CORE_READ(plain, group_info, ngroups);
	cgroup_begin(&scratch->cgroup, (__u64)BPF_CORE_READ((struct css_set *)css_set, dfl_cgrp, kn));
	choosing->phase = is_placed ? CHOOSE_CLIMB : CHOOSE_NEXT;
	choosing->choice = 0;
	choosing->choice_at = 0;
	choosing->start = scratch->kind == PC_KIND_PATH;
	choosing->exe = PC_EXE_NONE;
	choosing->preference = 0;
	bpf_loop(CHOOSE_STEPS, choose_step, &loop, 0);
}

/* The id of the profile that choose_run() came to, PC_PROFILE_NONE for none; its flags. */
INLINE __u64 choose_id(pc_image_ref image, const struct scratch *scratch, __u32 *ret_flags)
{
	__u32 place;

	*ret_flags = 0;
	/* What has no name that can be told may be anything, and be anywhere. */
	if (scratch->kind == PC_KIND_UNRESOLVED || scratch->cgroup.place == CGROUP_LOST)
		return PC_PROFILE_UNKNOWN;
	if (scratch->choosing.exe == PC_EXE_NONE)
		return PC_PROFILE_NONE;
	place = pc_exe(image, scratch->choosing.exe);
	*ret_flags = profile_flags_at(image, place);
	return profile_id_at(image, place);
}

/* ---- An exec. ---- */

#define UNSAFE_SHARE 1U
#define UNSAFE_PTRACE 2U

/* By what the profiles are chosen: the policy that will be live next, while tasks are being looked through for it. */
INLINE pc_image_ref choose_image(pc_image_ref live)
{
	pc_image_ref next = image_next();

	return next ? next : live;
}

/*
 * What came of this step's program against that of the step before, which was a script: the more specific one is
 * taken, but whoever may write a script may not grant himself anything by its name.
 */
INLINE void subject_offer(struct subject *subject, const struct scratch *scratch, __u64 bprm, __u64 profile)
{
	__u32 preference = scratch->choosing.preference;

	if (subject->bprm == bprm && subject->next != PC_PROFILE_NONE && subject->next != PC_PROFILE_UNKNOWN &&
	    profile != PC_PROFILE_UNKNOWN && (profile == PC_PROFILE_NONE || subject->next_preference < preference)) {
		subject->next |= PC_PROFILE_STRICTER;
		return;
	}
	subject->bprm = bprm;
	subject->next = profile;
	subject->next_preference = preference;
}

/* Keeps what the exec will make of the task; 0 if that can't be. The scratch holds the program's name. */
INLINE int exec_choose(struct request *req, struct linux_binprm *bprm)
{
	struct subject *subject = subject_of(bpf_get_current_task_btf(), BPF_LOCAL_STORAGE_GET_F_CREATE);
	pc_image_ref image = choose_image(req->image);
	__u64 profile, current;
	__u32 flags;

	if (!subject || !req->scratch)
		return 0;
	current = subject_profile(subject);
	if (is_family(image, current) || is_family(req->image, current)) {
		subject->bprm = (__u64)bprm;
		subject->next = current;
		return 1;
	}
	choose_run(image, req->scratch, (__u64)bprm->cred, (__u64)BPF_CORE_READ(bpf_get_current_task_btf(), cgroups), 0);
	profile = choose_id(image, req->scratch, &flags);
	if (flags & PC_PROFILE_LOOSENS) {
		if (bprm->unsafe & (UNSAFE_SHARE | UNSAFE_PTRACE))
			profile |= PC_PROFILE_STRICTER;
		else if (profile != current)
			bpf_bprm_opts_set(bprm, BPF_F_BPRM_SECUREEXEC);
	}
	subject_offer(subject, req->scratch, (__u64)bprm, profile);
	return 1;
}

/* A new exec: what an earlier one came to that failed is forgotten. */
INLINE void exec_begin(void)
{
	struct subject *subject;

	if (!has_profiles)
		return;
	subject = subject_of(bpf_get_current_task_btf(), 0);
	if (subject)
		subject->bprm = 0;
}

/*
 * It can no longer fail. What has not been looked at from its beginning is looked at by the census. A family that the task
 * was put into meanwhile is not left, unless it is that of this very program: of that more is known here.
 */
INLINE void exec_commit(const struct linux_binprm *bprm)
{
	struct subject *subject;
	pc_image_ref image;
	__u64 profile, next;

	if (!has_profiles)
		return;
	/* First: of two sets that are attached, the other's may have given it its profile already. */
	subject_forget(bpf_get_current_task_btf());
	subject = subject_of(bpf_get_current_task_btf(), 0);
	image = choose_image(image_get());
	if (!subject || !image)
		return;
	profile = subject->profile;
	next = subject->bprm == (__u64)bprm ? subject->next : PC_PROFILE_UNKNOWN;
	if (subject->epoch == subjects_epoch && !subject->is_chosen && is_family(image, profile))
		return;
	if (__sync_val_compare_and_swap(&subject->profile, profile, next) != profile)
		return;
	subject->given = 0;
	subject->is_chosen = 0;
	subject->epoch = subjects_epoch;
}
