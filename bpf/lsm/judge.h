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
	__u32 is_internal; /* made by a stacked file system on behalf of an open that was decided before */
};

INLINE __u32 request_cell(const struct request *req, __u32 kind)
{
	__u32 state = pc_start(req->image, req->section, kind);

	if (req->scratch && (kind == PC_KIND_PATH || kind == PC_KIND_FOREIGN || kind >= PC_KIND_UNIX_PATH))
		state = walk_text(req->image, state, req->scratch->text, req->scratch->length);
	state = pc_end(req->image, state);
	if (kind == PC_KIND_IP4 || kind == PC_KIND_IP6)
		state = pc_interval_cell(req->image, state, PC_INTERVAL_KEY(req->class, req->port));
	return state;
}

INLINE struct pc_answer request_ask(const struct request *req)
{
	struct pc_layer host;
	__u32 ask = 0;

	pc_load_layer(req->image, req->section, &host);
	pc_load_cell(req->image, request_cell(req, req->kind), &host.cell);
	if (req->is_internal || req->kind == PC_KIND_JIT)
		ask |= PC_ASK_RULES_ONLY;
	return pc_join(&host, NULL, req->access, ask);
}
