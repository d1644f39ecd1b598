/* SPDX-License-Identifier: GPL-2.0-only */
/* walk.h - the kernel's seam to the shared decision code, and the walk of an automaton over a scratch text. */
#pragma once

#include "maps.h"

typedef const __u64 *pc_image_ref;

/*
 * A place where the verifier looks whether it has been there in the same state: a jump to the next instruction, which it
 * takes out of the program in the end.
 */
#define PC_MEET __asm__ volatile("goto +0")

INLINE __u64 pc_word_at(pc_image_ref image, __u32 offset)
{
	return *(const __u64 *)((const char *)image + (offset & image_mask));
}

#include <portcullis/decide.h>

/* The live policy, looked up once per decision: what runs to its end with it sees no other. NULL: none loaded. */
INLINE pc_image_ref image_get(void)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&images, &zero);

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

/* An address is walked over in one go. */
#define WALK_CHUNK 32
/* For the longest text, with a mark in it. */
#define WALK_TURNS (PC_TEXT_MAX / WALK_CHUNK + 1)

struct walk {
	pc_image_ref image;
	struct scratch *scratch;
};

/* `mark` is a place in the text where the state is kept besides; 0 for none. */
INLINE void walk_begin(struct scratch *scratch, __u32 state, __u32 mark)
{
	scratch->state = state;
	scratch->at = 0;
	scratch->mark = mark;
	scratch->marked = 0;
}

/*
 * Walks over the next bytes of the text; 1 where it ends. How many they are goes through the scratch, of which the
 * verifier knows nothing: else it takes each way out of the loop for another.
 */
INLINE long walk_bytes(pc_image_ref image, struct scratch *scratch)
{
	const char *text = scratch->text + (scratch->at & (PC_TEXT_MAX - 1));
	__u32 left = (scratch->at < scratch->mark ? scratch->mark : scratch->length) - scratch->at;
	__u32 state = scratch->state;

	scratch->left = left < WALK_CHUNK ? left : WALK_CHUNK;
	PC_MEET;
	left = *(volatile __u32 *)&scratch->left;
	scratch->at += left;
	for (__u32 i = 0; i < WALK_CHUNK; i++) {
		if (i >= left)
			break;
		state = pc_step(image, state, text[i]);
	}
	scratch->state = state;
	if (scratch->at == scratch->mark)
		scratch->marked = state;
	return scratch->at >= scratch->length;
}

static long walk_chunk(__u32 index, struct walk *walk)
{
	return walk_bytes(walk->image, walk->scratch);
}

/* The state that the scratch's text ends in. */
INLINE __u32 walk_text(pc_image_ref image, __u32 state, struct scratch *scratch, __u32 mark)
{
	struct walk walk = { .image = image, .scratch = scratch };

	walk_begin(scratch, state, mark);
	if (scratch->length)
		bpf_loop(WALK_TURNS, walk_chunk, &walk, 0);
	return scratch->state;
}
