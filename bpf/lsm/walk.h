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

/*
 * What the verifier knows of a value, one thing for each way to it, it would follow through all that comes after: a
 * sum with 0, of which it knows nothing, is a value of which it knows nothing.
 */
INLINE __u32 forget(__u32 value)
{
	value += nothing;
	PC_MEET;
	return value;
}

/* image_mask, which is volatile to C: this read is without an effect, and done once for a whole walk. */
INLINE __u32 image_mask_once(void)
{
	__u32 mask;

	__asm__("%0 = *(u32 *)(%1 + 0)" : "=r"(mask) : "r"(&image_mask));
	return mask;
}

INLINE __u64 pc_word_at(pc_image_ref image, __u32 offset)
{
	return *(const __u64 *)((const char *)image + (offset & image_mask_once()));
}

/* It isn't kept over what lies between: the stack is small. */
INLINE __u64 word_apart(pc_image_ref image, __u32 offset)
{
	return *(const __u64 *)((const char *)image + (offset & image_mask));
}

#define PC_WORD_APART word_apart

#include <portcullis/decide.h>

INLINE pc_image_ref image_at(__u32 index)
{
	void *inner = bpf_map_lookup_elem(&images, &index);
	__u32 zero = 0;

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

/* The live policy, looked up once per decision: what runs to its end with it sees no other. NULL: none loaded. */
INLINE pc_image_ref image_get(void)
{
	return image_at(0);
}

/* The policy that will be live next, while tasks are looked through for it; else NULL. */
INLINE pc_image_ref image_next(void)
{
	return image_at(1);
}

INLINE __u64 image_id(pc_image_ref image)
{
	return pc_word_at(image, __builtin_offsetof(struct pc_image_header, id));
}

/* An address is walked over in one go. */
#define WALK_CHUNK 32
/* For the longest text, with a mark in it. */
#define WALK_TURNS (PC_TEXT_MAX / WALK_CHUNK + 1)

struct walk {
	pc_image_ref image;
	struct scratch *scratch;
};

/*
 * From the host-wide section's start `state`; before that, if it isn't 0, from the profile's. `mark` is a place in the
 * text where both states are kept besides; 0 for none.
 */
INLINE void walk_begin(struct scratch *scratch, __u32 state, __u32 profile, __u32 mark)
{
	scratch->state = profile ? profile : state;
	scratch->then = profile ? state : 0;
	scratch->at = 0;
	scratch->mark = mark;
	scratch->marked = 0;
	scratch->profile_state = 0;
	scratch->profile_marked = 0;
	PC_MEET;
}

/* The text has come to its end for one layer: 1 if that was the last. */
INLINE long walk_end(struct scratch *scratch)
{
	if (!scratch->then)
		return 1;
	scratch->profile_state = scratch->state;
	scratch->profile_marked = scratch->marked;
	scratch->state = scratch->then;
	scratch->then = 0;
	scratch->at = 0;
	scratch->marked = 0;
	return 0;
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
	return walk_bytes(walk->image, walk->scratch) ? walk_end(walk->scratch) : 0;
}

/* The state that the scratch's text ends in, from where walk_begin() was told to; the profile's is in the scratch. */
INLINE __u32 walk_text(pc_image_ref image, struct scratch *scratch)
{
	struct walk walk = { .image = image, .scratch = scratch };

	/* Both layers; a text of no length has come to its end, too. */
	bpf_loop(2 * WALK_TURNS, walk_chunk, &walk, 0);
	return scratch->state;
}
