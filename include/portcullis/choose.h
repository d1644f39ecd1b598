/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * choose.h - which profile a program is given; the same code in the kernel and in user space.
 *
 * Each choice walks its own automaton over the program's name. Of all whose conditions hold the one of the least
 * preference is taken: most specific `exe` first, then by what else is given, then by name.
 */
#pragma once

#include <portcullis/automaton.h>

/* The best so far. */
struct pc_choosing {
	__u32 exe; /* item of the exes area; PC_EXE_NONE: none */
	__u32 preference;
};

PC_INLINE __u32 pc_choice_count(pc_image_ref image)
{
	return pc_load32(image, __builtin_offsetof(struct pc_image_header, choices.count));
}

/* Byte offset of a choice. */
PC_INLINE __u32 pc_choice_at(pc_image_ref image, __u32 index)
{
	return 8 * pc_load32(image, __builtin_offsetof(struct pc_image_header, choices.word)) +
	       index * sizeof(struct pc_choice);
}

/* The condition at that place: kind in the lower half, value in the upper one. */
PC_INLINE __u64 pc_condition(pc_image_ref image, __u32 index)
{
	return pc_word(image, pc_load32(image, __builtin_offsetof(struct pc_image_header, conditions.word)) + index);
}

/* Whether the condition's value is a state: any pattern of its automaton will do. */
PC_INLINE int pc_condition_is_pattern(__u32 kind)
{
	return kind == PC_CONDITION_UNIT || kind == PC_CONDITION_CGROUP;
}

/* Whether some pattern matches what was walked over up to that state. */
PC_INLINE int pc_is_match(pc_image_ref image, __u32 state)
{
	__u32 word = pc_load32(image, __builtin_offsetof(struct pc_image_header, cells.word));

	return (__u32)pc_word(image, word + 2 * pc_end(image, state)) != PC_REF_NONE;
}

/*
 * Whether the name that ends there, of at least 6 bytes, is a slice's. A unit is the first in a cgroup's path that is
 * none: what stands below it is its own affair, also a whole manager of units with those names.
 */
PC_INLINE int pc_is_slice(const char *end)
{
	return end[-6] == '.' && end[-5] == 's' && end[-4] == 'l' && end[-3] == 'i' && end[-2] == 'c' && end[-1] == 'e';
}

/* The profile in the lower half, the preference in the upper one. */
PC_INLINE __u64 pc_exe(pc_image_ref image, __u32 index)
{
	return pc_word(image, pc_load32(image, __builtin_offsetof(struct pc_image_header, exes.word)) + index);
}

/* What the end of the choice's automaton says of the program; `state` 0: it has no name to walk. */
PC_INLINE __u32 pc_choice_exe(pc_image_ref image, __u32 choice, __u32 state)
{
	__u32 word = pc_load32(image, __builtin_offsetof(struct pc_image_header, cells.word)), ref;

	if (state) {
		ref = pc_word(image, word + 2 * pc_end(image, state));
		if (ref != PC_REF_NONE)
			return (ref & PC_REF_RULE_MASK) -
			       pc_load32(image, __builtin_offsetof(struct pc_image_header, first_exe));
	}
	return pc_load32(image, choice + __builtin_offsetof(struct pc_choice, any));
}

/* Takes what a choice whose conditions hold says. */
PC_INLINE void pc_choose(pc_image_ref image, struct pc_choosing *choosing, __u32 exe)
{
	__u32 preference;

	if (exe == PC_EXE_NONE)
		return;
	preference = pc_exe(image, exe) >> 32;
	if (choosing->exe != PC_EXE_NONE && choosing->preference <= preference)
		return;
	choosing->exe = exe;
	choosing->preference = preference;
}
