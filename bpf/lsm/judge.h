/* SPDX-License-Identifier: GPL-2.0-only */
/* judge.h - a request and the image's answer to it. */
#pragma once

#include "walk.h"

/* An object that a hook wants judged. Lives on the hook's stack. */
struct request {
	pc_image_ref image;
	struct scratch *scratch; /* holds the bytes of the name; NULL: there was no slot */
	__u64 ino;
	__u32 dev;
	__u32 section;
	__u32 kind;
	__u32 access;
	__u32 class;
	__u32 port;
	struct known_naming naming;
	__u32 operation;   /* enum pc_operation */
	__u32 mark;	   /* where in the name the state is kept: walk_begin() */
	__u32 is_tree;	   /* not the object itself, but what may lie below it */
	__u32 is_rules_only; /* defaults don't count */
	__u32 is_internal; /* made by a stacked file system on behalf of an open that was decided before */
};

/* Kinds of objects with bytes to walk: a mask, because to tell them apart is to be verified for each. */
#define KINDS_WITH_TEXT                                                                                  \
	(1U << PC_KIND_PATH | 1U << PC_KIND_FOREIGN | 1U << PC_KIND_UNIX_PATH | 1U << PC_KIND_UNIX_ABSTRACT | \
	 1U << PC_KIND_IP4 | 1U << PC_KIND_IP6 | 1U << PC_KIND_FAMILY | 1U << PC_KIND_SYSTEM)

/* The state that the object's name ends in. */
INLINE __u32 request_state(const struct request *req)
{
	__u32 state = pc_start(req->image, pc_host_section(req->section), req->kind);

	PC_MEET;
	if (req->scratch && 1U << (req->kind & 31) & KINDS_WITH_TEXT)
		state = walk_text(req->image, state, req->scratch, req->mark);
	return state;
}

/* What the verifier knows of an answer, one thing for each way to it, it would follow through all that comes after. */
INLINE struct pc_answer answer_forget(struct pc_answer answer)
{
	__u32 zero = nothing;

	answer.ref += zero;
	answer.verdict += zero;
	answer.mode += zero;
	return answer;
}

/* The answer of a cell. */
INLINE struct pc_answer request_ask_cell(const struct request *req, __u32 cell)
{
	struct pc_answer answer;
	struct pc_layer host;
	__u32 ask = 0;

	pc_load_layer(req->image, pc_host_section(req->section), &host);
	pc_load_cell(req->image, cell, &host.cell);
	if (req->is_internal || req->is_rules_only || req->kind == PC_KIND_JIT)
		ask |= PC_ASK_RULES_ONLY;
	PC_MEET;
	answer = answer_forget(pc_join(&host, NULL, req->access, ask));
	PC_MEET;
	return answer;
}

INLINE struct pc_answer request_ask(const struct request *req)
{
	return request_ask_cell(req, pc_end(req->image, request_state(req)));
}

/* The same for an address, whose text ends in a set of intervals. */
INLINE struct pc_answer request_ask_address(const struct request *req)
{
	__u32 state = pc_start(req->image, pc_host_section(req->section), req->kind), set;

	if (req->scratch) {
		walk_begin(req->scratch, state, 0);
		(void)walk_bytes(req->image, req->scratch);
		state = req->scratch->state;
	}
	set = pc_end(req->image, state);
	return request_ask_cell(req, pc_interval_cell(req->image, set, PC_INTERVAL_KEY(req->class, req->port)));
}
