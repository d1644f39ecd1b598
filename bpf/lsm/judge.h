/* SPDX-License-Identifier: GPL-2.0-only */
/* judge.h - a request and the image's answer to it. */
#pragma once

#include "subject.h"

/* What a hook asks about an object, as one argument. */
#define ASK(section, access, operation) ((section) | (access) << 8 | (operation) << 16)

/*
 * An object that a hook wants judged. Lives on the hook's stack, of which the verifier follows what lies at multiples of
 * eight: by a number there that leads into the image or another map, it tells apart all the ways on which it is another.
 * So these numbers lie between.
 */
struct request {
	pc_image_ref image;
	struct scratch *scratch; /* holds the bytes of the name; NULL: there was no slot */
	__u64 ino;
	struct known_naming naming;
	__u32 dev;
	__u32 section;
	__u32 access;
	__u32 kind;
	__u16 class;
	__u16 port;
	__u16 operation;     /* enum pc_operation */
	__u16 event_flags;   /* enum pc_event_flags, but for those that follow from what is here */
	__u32 mark;	     /* where in the name the state is kept: walk_begin() */
	__u32 profile_state; /* that the name ends in by the profile's section; see request_state() */
	__u8 is_rules_only;  /* defaults don't count */
	__u8 is_internal;    /* made by a stacked file system on behalf of an open that was decided before */
	__u8 is_memorable;   /* the file and who opens it are such (open_is_memorable()), and all is as it was */
	__u8 reserved;
	__u32 profile; /* the task's: PROFILE_PLACE and so on */
};

/* Kinds of objects with bytes to walk: a mask, because to tell them apart is to be verified for each. */
#define KINDS_WITH_TEXT                                                                                  \
	(1U << PC_KIND_PATH | 1U << PC_KIND_FOREIGN | 1U << PC_KIND_UNIX_PATH | 1U << PC_KIND_UNIX_ABSTRACT | \
	 1U << PC_KIND_IP4 | 1U << PC_KIND_IP6 | 1U << PC_KIND_FAMILY | 1U << PC_KIND_SYSTEM)

/* Where the profile's section lies; 0: the task is in none. */
INLINE __u32 profile_section(pc_image_ref image, __u32 profile, __u32 section)
{
	profile &= PROFILE_PLACE;
	return forget(profile ? pc_profile_section(image, profile - 1, section) : 0);
}

/* The start state of the profile's section; 0: the task is in none. */
INLINE __u32 profile_start(pc_image_ref image, __u32 profile, __u32 section, __u32 kind)
{
	__u32 at = profile_section(image, profile, section);

	return forget(at ? pc_start(image, at, kind) : 0);
}

/* The state that the object's name ends in host-wide; that of the profile's section is kept. */
INLINE __u32 request_state(struct request *req)
{
	__u32 state = pc_start(req->image, pc_host_section(req->section), req->kind);

	req->profile_state = profile_start(req->image, req->profile, req->section, req->kind);
	PC_MEET;
	if (req->scratch && 1U << (req->kind & 31) & KINDS_WITH_TEXT) {
		walk_begin(req->scratch, state, req->profile_state, req->mark);
		state = walk_text(req->image, req->scratch);
		req->profile_state = req->scratch->profile_state;
	}
	return state;
}

INLINE struct pc_answer answer_forget(struct pc_answer answer)
{
	__u32 zero = nothing;

	answer.ref += zero;
	answer.verdict += zero;
	answer.mode += zero;
	return answer;
}

/* Of the section that lies there. */
INLINE __u32 section_mode(pc_image_ref image, __u32 section)
{
	return pc_load32(image, section + __builtin_offsetof(struct pc_section, mode));
}

/* What a task is answered of which nothing is known: no default loosens it. */
INLINE struct pc_answer answer_unknown(__u32 mode)
{
	struct pc_answer answer = { .ref = PC_REF_RECORD | PC_RULE_DEFAULT, .mode = mode };

	answer.verdict = mode == PC_MODE_ENFORCE ? PC_DENY : PC_AUDIT;
	COUNT(trouble[PC_TROUBLE_PROFILE]);
	return answer;
}

/* The answer of the host-wide section's cell and of the profile's. One layer after the other: the stack is small. */
INLINE struct pc_answer request_ask_cells(const struct request *req, __u32 cell, __u32 profile_cell)
{
	__u32 host = pc_host_section(req->section), ask = 0, answered = 0, section;
	struct pc_answer answer = PC_ANSWER_NONE(section_mode(req->image, host));
	struct pc_layer layer;

	if (req->is_internal || req->is_rules_only || req->kind == PC_KIND_JIT)
		ask |= PC_ASK_RULES_ONLY;
	if (req->kind == PC_KIND_UNRESOLVED || req->profile & PROFILE_STRICTER)
		ask |= PC_ASK_BOTH;
	ask = forget(ask);
	section = profile_section(req->image, req->profile, req->section);
	if (section) {
		pc_load_layer(req->image, section, &layer);
		pc_load_cell(req->image, profile_cell, &layer.cell);
		answered = pc_take_profile(&answer, &layer, req->access, ask);
	}
	answer = answer_forget(answer);
	answered = forget(answered);
	pc_load_layer(req->image, host, &layer);
	pc_load_cell(req->image, cell, &layer.cell);
	if (req->profile & PROFILE_UNKNOWN)
		return answer_unknown(layer.mode);
	pc_take_host(&answer, &layer, answered, req->access, ask);
	answer = answer_forget(answer);
	PC_MEET;
	return answer;
}

/* What both layers allow plainly, as pc_plain_in_profile() has it; `ask` as for dentry_decide(). */
INLINE __u32 plain_in_profile(pc_image_ref image, __u32 ask, __u32 profile, __u32 cell, __u32 profile_cell)
{
	const struct pc_profile_cell in = {
		.section = profile_section(image, profile, ask & 0xff),
		.cell = profile_cell,
		.is_stricter = !!(profile & PROFILE_STRICTER),
	};

	return pc_plain_in_profile(image, ask & 0xff, cell, &in, ask >> 8);
}

/* By the states that the name ends in. */
INLINE struct pc_answer request_ask_states(const struct request *req, __u32 state)
{
	return request_ask_cells(req, pc_end(req->image, state), pc_end(req->image, req->profile_state));
}

INLINE struct pc_answer request_ask(struct request *req)
{
	return request_ask_states(req, request_state(req));
}

/* The same for an address, whose text ends in a set of intervals. */
INLINE struct pc_answer request_ask_address(const struct request *req)
{
	__u32 state = pc_start(req->image, pc_host_section(req->section), req->kind);
	__u32 profile = profile_start(req->image, req->profile, req->section, req->kind);
	__u32 key = PC_INTERVAL_KEY(req->class, req->port), profile_cell = 0;

	if (req->scratch) {
		walk_begin(req->scratch, state, profile, 0);
		(void)walk_bytes(req->image, req->scratch);
		if (!walk_end(req->scratch))
			(void)walk_bytes(req->image, req->scratch);
		state = req->scratch->state;
		profile = req->scratch->profile_state;
	}
	PC_MEET;
	if (profile)
		profile_cell = pc_interval_cell(req->image, pc_end(req->image, profile), key);
	PC_MEET;
	return request_ask_cells(req, pc_interval_cell(req->image, pc_end(req->image, state), key),
				 profile_cell);
}
