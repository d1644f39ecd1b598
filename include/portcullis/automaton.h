/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * automaton.h - walks the transition table of an image; the same code in the kernel and in user space.
 *
 * The includer defines the seam first: a type `pc_image_ref` and
 *	static inline __u64 pc_word_at(pc_image_ref image, __u32 offset);
 * which returns the word at a byte offset, masked to be a multiple of 8 and to stay inside the element that holds the
 * image.
 *
 * The table is compressed by row displacement (Tarjan and Yao, "Storing a sparse table", CACM 22(11), 1979) with a
 * default entry for each row, or another row that it differs little from (Kumar et al., "Algorithms to accelerate
 * multiple regular expressions matching for deep packet inspection", SIGCOMM 2006, with chains of one); see struct
 * pc_entry.
 */
#pragma once

#include <portcullis/abi.h>

/* As pc_word_at(), for what is read by itself rather than in a walk. */
#ifndef PC_WORD_APART
#define PC_WORD_APART pc_word_at
#endif

/* Where ways meet again: a seam that only a verifier has a use for. */
#ifndef PC_MEET
#define PC_MEET
#endif

#define PC_INLINE static inline __attribute__((always_inline))

PC_INLINE __u64 pc_word(pc_image_ref image, __u32 index)
{
	return PC_WORD_APART(image, index << 3);
}

/* What is known of a state besides its transitions: see struct pc_entry. */
PC_INLINE __u64 pc_head(pc_image_ref image, __u32 state)
{
	return pc_word_at(image, state - 8);
}

/* The entry that a state has for a byte, or that of another one. */
PC_INLINE __u64 pc_entry_at(pc_image_ref image, __u32 state, __u8 byte)
{
	return pc_word_at(image, state + 8 * byte);
}

/* The 32-bit value at a byte offset (a multiple of 4) of the image. */
PC_INLINE __u32 pc_load32(pc_image_ref image, __u32 offset)
{
	__u64 word = pc_word(image, offset >> 3);

	return offset & 4 ? (__u32)(word >> 32) : (__u32)word;
}

/*
 * Whether an entry belongs to the state. By a difference that no compiler sees through: of two numbers that it has seen
 * compared the verifier keeps in mind that they are the same, and so takes each way through a loop for another.
 */
PC_INLINE int pc_is_own(__u64 entry, __u32 state)
{
	__u32 difference = (__u32)entry ^ state;

	__asm__ volatile("" : "+r"(difference));
	return !difference;
}

/* The state that `state` leads to on `byte`. */
PC_INLINE __u32 pc_step(pc_image_ref image, __u32 state, __u8 byte)
{
	__u64 entry = pc_entry_at(image, state, byte);

	if (pc_is_own(entry, state))
		return entry >> 32;
	if (state & PC_STAYS)
		return state;
	entry = pc_head(image, state);
	/* PC_NEXT_ROW */
	if ((__s64)entry < 0) {
		state = PC_STATE(entry >> 32);
		entry = pc_entry_at(image, state, byte);
		if (!pc_is_own(entry, state))
			entry = pc_head(image, state);
	}
	return entry >> 32;
}

/* The index that an end state carries: of a cell, or for IP4 and IP6 of an interval set. */
PC_INLINE __u32 pc_end(pc_image_ref image, __u32 state)
{
	return (__u32)pc_head(image, state) & PC_HEAD_END;
}

/* PC_REACH_…: what a longer name may lead to. */
PC_INLINE __u32 pc_reach(pc_image_ref image, __u32 state)
{
	return (__u32)pc_head(image, state) & (PC_REACH_DENY | PC_REACH_NONE);
}

/* Where a host-wide section lies in the image: a byte offset. */
PC_INLINE __u32 pc_host_section(__u32 section)
{
	return __builtin_offsetof(struct pc_image_header, host) + section * sizeof(struct pc_section);
}

/* Where a profile lies, by its place in the profiles area. */
PC_INLINE __u32 pc_profile_at(pc_image_ref image, __u32 place)
{
	__u32 word = pc_load32(image, __builtin_offsetof(struct pc_image_header, profiles.word));

	return 8 * word + place * sizeof(struct pc_profile);
}

/* Where a profile's section lies. */
PC_INLINE __u32 pc_profile_section(pc_image_ref image, __u32 place, __u32 section)
{
	return pc_profile_at(image, place) + __builtin_offsetof(struct pc_profile, sections) +
	       section * sizeof(struct pc_section);
}

/* The start state of the section that lies there, for a kind of object. */
PC_INLINE __u32 pc_start(pc_image_ref image, __u32 section, __u32 kind)
{
	return pc_load32(image, section + __builtin_offsetof(struct pc_section, start) + kind * sizeof(__u32));
}

/*
 * One nibble of an address: 0 where that settles it. What a state of an address has no transition for leads to one that
 * every other address stays in (network.c; image_check.c looks).
 */
PC_INLINE int pc_step_nibble(pc_image_ref image, __u32 *state, __u8 nibble)
{
	__u64 entry = pc_entry_at(image, *state, nibble);
	int goes_on = (__u32)entry == *state;

	if (!goes_on)
		entry = pc_head(image, *state);
	*state = entry >> 32;
	return goes_on;
}

/*
 * The cell index for `key` (see PC_INTERVAL_KEY) in interval set number `set`: a binary search whose steps are all the
 * same (a uniform binary search: Knuth, "The Art of Computer Programming", volume 3, 6.2.1), because the verifier
 * would follow each way that a comparison can go.
 */
PC_INLINE __u32 pc_interval_cell(pc_image_ref image, __u32 set, __u32 key)
{
	__u32 sets = pc_load32(image, __builtin_offsetof(struct pc_image_header, sets.word));
	__u32 base = pc_load32(image, __builtin_offsetof(struct pc_image_header, intervals.word));
	__u64 run = pc_word(image, sets + set);
	__u32 count = run >> 32;

	base += (__u32)run; /* struct pc_interval_set: first in the lower half */
	for (int i = 0; i < PC_INTERVAL_STEPS && count > 1; i++) {
		__u32 half = count / 2;
		__u64 middle = (__u32)pc_word(image, base + half);

		/* The borrow: 1 where the interval begins at the key or before it. */
		base += half * (__u32)((middle - key - 1) >> 63);
		count -= half;
	}
	return pc_word(image, base) >> 32;
}

/* Cell number `index`. */
PC_INLINE void pc_load_cell(pc_image_ref image, __u32 index, struct pc_cell *ret_cell)
{
	__u32 word = pc_load32(image, __builtin_offsetof(struct pc_image_header, cells.word)) + 2 * index;
	__u64 read = pc_word(image, word);
	__u64 write = pc_word(image, word + 1);

	ret_cell->read = (__u32)read;
	ret_cell->never_read = read >> 32;
	ret_cell->write = (__u32)write;
	ret_cell->never_write = write >> 32;
}
