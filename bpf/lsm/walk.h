/* SPDX-License-Identifier: GPL-2.0-only */
/* walk.h - the kernel's seam to the shared decision code, and the walk of an automaton over a scratch text. */
#pragma once

#include "maps.h"

typedef const __u64 *pc_image_ref;

/* Shifted and masked in one register, which the verifier then believes to lie inside the element. */
INLINE __u64 pc_word(pc_image_ref image, __u32 index)
{
	__u64 offset = index & image_mask;

	return *(const __u64 *)((const char *)image + (offset << 3));
}

#include <portcullis/decide.h>

/* The live policy, looked up once per decision: what runs to its end with it sees no other. NULL: none loaded. */
INLINE pc_image_ref image_get(void)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&images, &zero);

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

#define WALK_CHUNK 64

struct walk {
	pc_image_ref image;
	struct scratch *scratch;
};

/* Walks over the next bytes of the text; 1 where it ends. */
INLINE long walk_bytes(pc_image_ref image, struct scratch *scratch, __u32 index)
{
	__u64 offset = index * WALK_CHUNK & (PC_TEXT_MAX - 1);
	const char *text = scratch->text + offset;
	__u32 left = scratch->length - index * WALK_CHUNK;
	__u32 state = scratch->state;

	for (__u32 i = 0; i < WALK_CHUNK; i++) {
		if (i >= left)
			break;
		state = pc_step(image, state, text[i]);
	}
	scratch->state = state;
	return left <= WALK_CHUNK;
}

static long walk_chunk(__u32 index, struct walk *walk)
{
	return walk_bytes(walk->image, walk->scratch, index);
}

/* The state that the scratch's text ends in. */
INLINE __u32 walk_text(pc_image_ref image, __u32 state, struct scratch *scratch)
{
	struct walk walk = { .image = image, .scratch = scratch };

	scratch->state = state;
	if (scratch->length)
		bpf_loop(PC_TEXT_MAX / WALK_CHUNK, walk_chunk, &walk, 0);
	return scratch->state;
}
