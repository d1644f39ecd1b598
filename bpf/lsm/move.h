/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * move.h - a rename or a link: both names are written, and under its new name an object is no more accessible than it
 * was under the old one.
 *
 * What was refused for reading, writing, executing or connecting under the old name must be refused under the new
 * one. For a directory the same is asked of every name below, without looking at any: either both names lead to the
 * same state of the automaton, from where all goes on alike, or nothing below the old one can be refused.
 */
#pragma once

#include "dentry.h"

/* Turns of the loop: three names, and their walks at each door, are fewer than half of that. */
#define MOVE_STEPS_MAX (1 << 18)

/* What a decision is about: writing the old name, writing the new one, a door that would open. */
enum move_step {
	MOVE_OLD,
	MOVE_NEW,
	MOVE_LOOSENED,
};

enum move_phase {
	MOVE_NAME,    /* the name of that step */
	MOVE_WALK,    /* its answer at each door */
	MOVE_DECIDE,
	MOVE_COMPARE, /* each door under both names */
};

struct move_loop {
	struct request *req;
	struct scratch *scratch;
};

INLINE __u32 door_section(__u32 door)
{
	return door == DOOR_EXEC ? PC_EXEC : door == DOOR_CONNECT ? PC_CONNECT : PC_OPEN;
}

INLINE struct door_answer *move_door(struct move *move, __u32 is_new)
{
	return is_new ? &move->after[move->door & (DOORS - 1)] : &move->before[move->door & (DOORS - 1)];
}

/* ---- The name of a step. ---- */

INLINE long move_begin(struct scratch *scratch, __u32 step)
{
	struct move *move = &scratch->move;

	/* The old name is still there. */
	if (step == MOVE_LOOSENED && move->step == MOVE_LOOSENED) {
		move->phase = MOVE_DECIDE;
		return 0;
	}
	move->step = step;
	scratch->work.object = step == MOVE_NEW ? move->to : move->from;
	scratch->work.tries = 0;
	name_begin(scratch);
	move->phase = MOVE_NAME;
	return 0;
}

INLINE long move_walk_door(struct scratch *scratch, pc_image_ref image, __u32 profile, __u32 door)
{
	__u32 kind = scratch->kind;

	if (door == DOOR_CONNECT && kind == PC_KIND_PATH)
		kind = PC_KIND_UNIX_PATH;
	scratch->move.door = door;
	scratch->move.phase = MOVE_WALK;
	walk_begin(scratch, pc_start(image, pc_host_section(door_section(door)), kind),
		   profile_start(image, profile, door_section(door), kind), 0);
	return 0;
}

INLINE long move_named(struct scratch *scratch, pc_image_ref image, __u32 profile)
{
	if (scratch->move.step != MOVE_LOOSENED)
		return move_walk_door(scratch, image, profile, 0);
	scratch->move.phase = MOVE_DECIDE;
	return 0;
}

/* ---- The answers at the doors. ---- */

INLINE long move_walk(struct scratch *scratch, pc_image_ref image, const struct request *req)
{
	struct move *move = &scratch->move;
	struct door_answer *door = move_door(move, move->step == MOVE_NEW);
	struct request ask = {
		.image = image,
		.kind = scratch->kind,
		.profile = req->profile,
		.is_internal = req->is_internal,
	};
	struct pc_answer answer;

	if (1U << (scratch->kind & 31) & KINDS_WITH_TEXT && !walk_bytes(image, scratch))
		return 0;
	if (!walk_end(scratch))
		return 0;
	door->section = door_section(move->door);
	door->access = move->door == DOOR_WRITE ? PC_ACCESS_WRITE : PC_ACCESS_READ;
	PC_MEET;
	ask.section = *(volatile __u32 *)&door->section;
	ask.access = *(volatile __u32 *)&door->access;
	ask.profile_state = scratch->profile_state;
	answer = request_ask_states(&ask, scratch->state);
	door->ref = answer.ref;
	door->verdict = answer.verdict;
	door->mode = answer.mode;
	door->below = pc_step(image, scratch->state, '/');
	door->below_profile = pc_step(image, scratch->profile_state, '/');
	if (move->door + 1 < DOORS)
		return move_walk_door(scratch, image, req->profile, move->door + 1);
	move->door = DOOR_WRITE;
	move->phase = MOVE_DECIDE;
	return 0;
}

/* ---- The decision of a step. ---- */

/* The answer that is kept for a door, or for the names below: then no one rule gives it. */
INLINE struct pc_answer move_answer(const struct move *move, const struct door_answer *door)
{
	struct pc_answer answer = { .ref = door->ref, .verdict = door->verdict, .mode = door->mode };

	if (move->is_below) {
		answer.ref = PC_REF_RECORD | PC_RULE_DEFAULT;
		answer.mode = move->below_mode;
		answer.verdict = move->below_mode == PC_MODE_ENFORCE ? PC_DENY : PC_AUDIT;
	}
	answer_soften(&answer);
	return answer;
}

INLINE long move_next(struct scratch *scratch)
{
	struct move *move = &scratch->move;

	if (move->step == MOVE_OLD)
		return move_begin(scratch, MOVE_NEW);
	move->phase = MOVE_COMPARE;
	return 0;
}

/* What the request asks now: the stack has room for one. */
INLINE void move_ask(struct request *req, const struct scratch *scratch, const struct door_answer *door)
{
	struct dentry *dentry = (struct dentry *)scratch->work.object;

	req->section = door->section;
	req->access = door->access;
	req->kind = scratch->kind;
	req->event_flags = forget(scratch->move.is_below ? PC_EVENT_TREE : 0);
	req->ino = BPF_CORE_READ(dentry, d_inode, i_ino);
	req->dev = BPF_CORE_READ(dentry, d_sb, s_dev);
}

INLINE long move_decide_step(struct scratch *scratch, struct request *req)
{
	struct move *move = &scratch->move;
	const struct door_answer *door = move_door(move, move->step == MOVE_NEW);
	struct pc_answer answer = move_answer(move, door);

	/* A rename takes the old name away, a link leaves it. */
	if (move->step == MOVE_OLD && req->operation == PC_OP_LINK)
		return move_next(scratch);
	move_ask(req, scratch, door);
	if (answer.verdict < move->verdict) {
		move->verdict = answer.verdict;
		move->mode = answer.mode;
	}
	if (!req->is_internal || answer.verdict != PC_ALLOW)
		request_account(req, &answer);
	return answer.verdict == PC_DENY ? 1 : move_next(scratch);
}

/* ---- Whether the move would open a door. ---- */

INLINE int is_refusing(__u32 ref)
{
	return pc_ref_verdict(ref) == PC_DENY;
}

/* Whether a name below that state can be refused, by a rule or by the default of the section that lies there. */
INLINE int can_refuse(pc_image_ref image, __u32 section, __u32 state, __u32 is_internal, __u32 *mode)
{
	__u32 reach = pc_reach(image, state);
	struct pc_layer layer;

	pc_load_layer(image, section, &layer);
	if (!(reach & PC_REACH_DENY) &&
	    (is_internal || !(reach & PC_REACH_NONE) ||
	     !(is_refusing(layer.default_read) || is_refusing(layer.default_write))))
		return 0;
	*mode = *mode < layer.mode ? *mode : layer.mode;
	return 1;
}

/*
 * Whether what is refused below the one name may pass below the other: all of it goes on from the same states, or
 * nothing below the first can be refused. What one layer refuses the other layer's rules may tell apart, too.
 */
INLINE int opens_below(pc_image_ref image, const struct request *req, struct move *move,
		       const struct door_answer *before, const struct door_answer *after)
{
	__u32 section = door_section(move->door), profile = profile_section(image, req->profile, section);
	__u32 mode = PC_MODE_AUDIT;
	int opens;

	if (before->below == after->below && before->below_profile == after->below_profile)
		return 0;
	opens = can_refuse(image, pc_host_section(section), before->below, req->is_internal, &mode);
	if (profile)
		opens |= can_refuse(image, profile, before->below_profile, req->is_internal, &mode);
	move->below_mode = mode;
	return opens;
}

/*
 * One comparison a turn, of a door itself or of the names below it. Stricter is smaller; what would open is decided by
 * what holds it shut now. A rename has been decided as writing the old name.
 */
INLINE long move_compare(struct scratch *scratch, pc_image_ref image, const struct request *req)
{
	struct move *move = &scratch->move;
	struct door_answer *before, *after;
	__u32 next = move->compared++, opens;

	if (next >= 2 * DOORS)
		return 1;
	move->door = next / 2;
	move->is_below = next & 1;
	before = move_door(move, 0);
	after = move_door(move, 1);
	if (!move->is_below)
		opens = before->verdict < after->verdict && !(req->operation == PC_OP_RENAME && move->door == DOOR_WRITE);
	else
		/* Reading and writing go on from the same state. */
		opens = move->is_directory && move->door != DOOR_WRITE &&
			opens_below(image, req, move, before, after);
	return opens ? move_begin(scratch, MOVE_LOOSENED) : 0;
}

static long move_turn(__u32 index, struct move_loop *loop)
{
	struct scratch *scratch = loop->scratch;

	switch (scratch->move.phase) {
	case MOVE_NAME:
		return name_turn(scratch) ? move_named(scratch, loop->req->image, loop->req->profile) : 0;
	case MOVE_WALK:
		return move_walk(scratch, loop->req->image, loop->req);
	case MOVE_DECIDE:
		return move_decide_step(scratch, loop->req);
	default:
		return move_compare(scratch, loop->req->image, loop->req);
	}
}

/* ---- The whole. ---- */

/* Apart, as what precedes the loop: what these need of the stack, the loop has. */
APART __u32 move_judge_unnamed(struct request *req, __u64 from)
{
	struct pc_answer answer = dentry_judge(req, from);

	return PACK_ANSWER(answer);
}

APART int move_prepare(struct request *req, __u64 from, __u64 to)
{
	struct scratch *scratch = req->scratch;
	struct move *move;

	if (!scratch)
		return 0;
	req->is_internal = forget(is_layer_of_last(task_memory()));
	/* The loop changes these: the verifier is to see no difference. */
	req->section = forget(PC_OPEN);
	req->access = forget(PC_ACCESS_WRITE);
	req->event_flags = forget(0);
	req->kind = forget(0);
	req->dev = forget(0);
	req->ino = forget(0);
	move = &scratch->move;
	name_work_begin(scratch, &req->naming, from, (__u64)BPF_CORE_READ((struct dentry *)from, d_sb, s_root));
	move->from = from;
	move->to = to;
	move->compared = 0;
	move->is_below = 0;
	move->verdict = PC_ALLOW;
	move->mode = PC_MODE_AUDIT;
	move->is_directory = (BPF_CORE_READ((struct dentry *)from, d_inode, i_mode) & S_IFMT) == S_IFDIR;
	return move_begin(scratch, MOVE_OLD);
}

/* The answer, packed. */
INLINE __u32 move_judge(struct request *req, __u64 from, __u64 to)
{
	struct move_loop loop = { .req = req, .scratch = req->scratch };
	struct task_memory *memory;
	struct pc_answer answer;
	struct move *move;

	/* Without a buffer or a name: the strictest answer, once. */
	if (!req->scratch || name_is_settled(req->scratch, &req->naming))
		return move_judge_unnamed(req, from);
	move_prepare(req, from, to);
	move = &req->scratch->move;
	bpf_loop(MOVE_STEPS_MAX, move_turn, &loop, 0);
	memory = task_memory();
	answer.ref = PC_REF_NONE;
	answer.verdict = move->verdict;
	answer.mode = move->mode;
	if (memory && !req->is_internal) {
		req->kind = req->scratch->kind;
		dentry_remember(req, &answer, from, memory);
	}
	return PACK_ANSWER(answer);
}

STUB move_decide(__u64 from, __u64 to, __u32 operation, __u32 hook)
{
	return stub_answer();
}

/* Both names lie in one file system. */
INLINE int move_settle(__u64 from, __u64 to, __u32 operation, __u32 hook)
{
	struct request req = { .section = PC_OPEN, .access = PC_ACCESS_WRITE };
	__u32 packed;

	if (!request_begin(&req, hook))
		return PASSES;
	req.operation = operation;
	naming_prepare_plain(&req.naming, from);
	request_enter(&req);
	packed = move_judge(&req, from, to);
	request_leave(&req);
	return packed;
}

INLINE int move(struct dentry *from, struct dentry *to, __u32 operation, enum pc_hook hook)
{
	return packed_return(move_decide(address_of(from), address_of(to), operation, hook));
}
