/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decide.h - from cells to an answer: the rule of layers; the same code in the kernel and in user space.
 *
 * The ordinary answer is that of the rule that wins in the profile's section; if none matches there, the stricter of
 * the profile's default and the host-wide answer. A `never` that matches in either section is asked besides.
 * "Stricter" is judged after mode: refused < recorded < passed. Of equally strict answers the first asked is named:
 * profile before host, never before ordinary, reading before writing.
 */
#pragma once

#include <portcullis/automaton.h>

/* What is asked of one section. */
struct pc_layer {
	struct pc_cell cell;
	__u32 default_read;
	__u32 default_write;
	__u32 mode;
	__u32 reserved;
};

/* `verdict` is what happens; `ref` names the rule, PC_REF_NONE when nothing answered (then the verdict is PC_ALLOW). */
struct pc_answer {
	__u16 reserved;
	__u8 verdict;
	__u8 mode;
	__u32 ref;
};

enum pc_ask {
	PC_ASK_RULES_ONLY = 1, /* defaults don't count: jit:, opens through an internal mount */
	PC_ASK_BOTH = 2, /* the host-wide section is asked even where the profile's rules answer: PC_PROFILE_STRICTER, unresolved: */
};

PC_INLINE __u32 pc_ref_verdict(__u32 ref)
{
	return ref >> PC_REF_VERDICT_SHIFT;
}

/* Everything about the section that lies there but its cell. */
PC_INLINE void pc_load_layer(pc_image_ref image, __u32 section, struct pc_layer *ret_layer)
{
	ret_layer->default_read = pc_load32(image, section + __builtin_offsetof(struct pc_section, default_read));
	ret_layer->default_write = pc_load32(image, section + __builtin_offsetof(struct pc_section, default_write));
	ret_layer->mode = pc_load32(image, section + __builtin_offsetof(struct pc_section, mode));
	ret_layer->reserved = 0;
}

/*
 * Numbers that are 1 or 0 are reckoned, not branched on: a verifier would follow each way that they tell apart through
 * all that comes after. PC_OPAQUE keeps the compiler from making branches of them again.
 */
#define PC_OPAQUE(value) __asm__ volatile("" : "+r"(value))

/* 1 if a < b; both are small. */
PC_INLINE __u32 pc_is_less(__u32 a, __u32 b)
{
	__u32 difference = a - b;

	PC_OPAQUE(difference);
	return difference >> 31;
}

/* 1 if a rule or default is named. */
PC_INLINE __u32 pc_is_given(__u32 ref)
{
	return pc_is_less(pc_ref_verdict(ref), PC_NO_VERDICT);
}

/* The reference, or where `is_void` is 1 one that changes no answer. */
PC_INLINE __u32 pc_unless(__u32 is_void, __u32 ref)
{
	__u32 mask = 0 - is_void;

	PC_OPAQUE(mask);
	return ref | (mask & PC_REF_NONE);
}

/*
 * Takes `ref`, judged in `mode`, into the answer if it is stricter than what is there. Until all were asked, an answer
 * that nothing gave has PC_NO_VERDICT.
 */
PC_INLINE void pc_take(struct pc_answer *answer, __u32 ref, __u32 mode)
{
	__u32 verdict = pc_ref_verdict(ref), mask;

	/* A denial in audit mode is an audit. */
	verdict += pc_is_less(verdict, PC_AUDIT) & mode;
	mask = 0 - pc_is_less(verdict, answer->verdict);
	PC_OPAQUE(mask);
	answer->ref ^= (answer->ref ^ ref) & mask;
	answer->verdict ^= (answer->verdict ^ verdict) & mask;
	answer->mode ^= (answer->mode ^ mode) & mask;
}

/* What a profile's cell says of one half: takes it, and returns 1 where that is the ordinary answer. */
PC_INLINE __u32 pc_take_profile_half(struct pc_answer *answer, const struct pc_layer *profile, __u32 never,
				     __u32 ref, __u32 otherwise, __u32 ask)
{
	__u32 is_answered = pc_is_given(ref);

	pc_take(answer, never, profile->mode);
	pc_take(answer, ref, profile->mode);
	pc_take(answer, pc_unless(is_answered | (ask & PC_ASK_RULES_ONLY), otherwise), profile->mode);
	return is_answered & (1 ^ (ask & PC_ASK_BOTH) / PC_ASK_BOTH);
}

/* Takes what the profile says; returns the halves (enum pc_access bits) whose ordinary answer that is. */
PC_INLINE __u32 pc_take_profile(struct pc_answer *answer, const struct pc_layer *profile, __u32 access,
				__u32 ask)
{
	const struct pc_cell *cell = &profile->cell;
	__u32 answered = 0;

	if (access & PC_ACCESS_READ)
		answered |= pc_take_profile_half(answer, profile, cell->never_read, cell->read,
						 profile->default_read, ask);
	if (access & PC_ACCESS_WRITE)
		answered |= PC_ACCESS_WRITE * pc_take_profile_half(answer, profile, cell->never_write,
								   cell->write, profile->default_write, ask);
	return answered;
}

PC_INLINE void pc_take_host_half(struct pc_answer *answer, const struct pc_layer *host, __u32 never,
				 __u32 ref, __u32 otherwise, __u32 is_answered, __u32 ask)
{
	pc_take(answer, never, host->mode);
	pc_take(answer, pc_unless(is_answered, ref), host->mode);
	is_answered |= pc_is_given(ref) | (ask & PC_ASK_RULES_ONLY);
	pc_take(answer, pc_unless(is_answered, otherwise), host->mode);
}

/* Takes what the host-wide section says; `answered` are the halves whose ordinary answer is known. */
PC_INLINE void pc_take_host(struct pc_answer *answer, const struct pc_layer *host, __u32 answered,
			    __u32 access, __u32 ask)
{
	const struct pc_cell *cell = &host->cell;

	if (access & PC_ACCESS_READ)
		pc_take_host_half(answer, host, cell->never_read, cell->read, host->default_read,
				  answered & PC_ACCESS_READ, ask);
	if (access & PC_ACCESS_WRITE)
		pc_take_host_half(answer, host, cell->never_write, cell->write, host->default_write,
				  (answered & PC_ACCESS_WRITE) / PC_ACCESS_WRITE, ask);
	/* Nothing answered. */
	answer->verdict -= pc_is_less(PC_ALLOW, answer->verdict);
}

/* Before anything is asked. */
#define PC_ANSWER_NONE(of_mode)                                                  \
	{                                                                        \
		.ref = PC_REF_NONE, .verdict = PC_NO_VERDICT, .mode = (of_mode), \
	}

/*
 * The answer to a request for `access` (enum pc_access bits; only an [open] asks for writing); `profile` is NULL for a
 * task in none.
 */
PC_INLINE struct pc_answer pc_join(const struct pc_layer *host, const struct pc_layer *profile, __u32 access,
				   __u32 ask)
{
	struct pc_answer answer = PC_ANSWER_NONE(host->mode);
	__u32 answered = profile ? pc_take_profile(&answer, profile, access, ask) : 0;

	pc_take_host(&answer, host, answered, access, ask);
	return answer;
}

/* No plain allow: a denial by the default. */
#define PC_NOT_PLAIN 0U

/*
 * What one half of a cell answers where that neither refuses nor records, else PC_NOT_PLAIN; `otherwise` is the byte offset of
 * its default in the header.
 */
PC_INLINE __u32 pc_plain_half(pc_image_ref image, __u64 half, __u32 otherwise)
{
	__u32 ref = half;

	if (half >> 32 != PC_REF_NONE)
		return PC_NOT_PLAIN;
	if (ref == PC_REF_NONE)
		ref = pc_load32(image, otherwise);
	/* PC_NO_VERDICT: no default either. */
	return ref >> PC_REF_VERDICT_SHIFT >= PC_ALLOW && !(ref & PC_REF_RECORD) ? ref : PC_NOT_PLAIN;
}

/*
 * The reference that pc_join() names for a task outside any profile, where the answer is surely a plain allow: one that
 * isn't recorded. What most answers are is told by fewer instructions so. Of reading and writing at once both must be.
 */
PC_INLINE __u32 pc_plain(pc_image_ref image, __u32 section, __u32 cell, __u32 access)
{
	__u32 host = pc_host_section(section), ref = PC_REF_NONE, other;
	__u32 word = pc_load32(image, __builtin_offsetof(struct pc_image_header, cells.word)) + 2 * cell;

	if (access & PC_ACCESS_READ)
		ref = pc_plain_half(image, pc_word(image, word),
				    host + __builtin_offsetof(struct pc_section, default_read));
	if (ref == PC_NOT_PLAIN || !(access & PC_ACCESS_WRITE))
		return ref;
	other = pc_plain_half(image, pc_word(image, word + 1),
			      host + __builtin_offsetof(struct pc_section, default_write));
	return other == PC_NOT_PLAIN || ref == PC_REF_NONE ? other : ref;
}

/* A profile's section and the cell in it, where those of the host-wide one are asked as well. */
struct pc_profile_cell {
	__u32 section; /* where it lies: a byte offset */
	__u32 cell;
	__u32 is_stricter; /* PC_ASK_BOTH */
};

/* What is named so far of reading and writing: by the profile, by the host-wide section. */
struct pc_plain_refs {
	__u32 profile;
	__u32 host;
};

/* Whether that half of both (0: reading, 1: writing) is a plain allow for sure. */
PC_INLINE int pc_plain_half_in_profile(pc_image_ref image, __u32 host, __u32 word, const struct pc_profile_cell *in,
				       __u32 profile_word, __u32 half, struct pc_plain_refs *refs)
{
	const __u32 otherwise = half ? __builtin_offsetof(struct pc_section, default_write) :
				       __builtin_offsetof(struct pc_section, default_read);
	__u64 own = pc_word(image, profile_word + half), other = pc_word(image, word + half);
	__u32 ref = pc_plain_half(image, own, in->section + otherwise);

	if (ref == PC_NOT_PLAIN)
		return 0;
	if (!pc_is_given(refs->profile))
		refs->profile = ref;
	/* A rule of the profile's answers for both, but for a `never`. */
	if (pc_is_given((__u32)own) && !in->is_stricter)
		return other >> 32 == PC_REF_NONE;
	ref = pc_plain_half(image, other, host + otherwise);
	if (!pc_is_given(refs->host))
		refs->host = ref;
	return ref != PC_NOT_PLAIN;
}

/* pc_plain() for a task that is in a profile. */
PC_INLINE __u32 pc_plain_in_profile(pc_image_ref image, __u32 section, __u32 cell, const struct pc_profile_cell *in,
				    __u32 access)
{
	__u32 cells = pc_load32(image, __builtin_offsetof(struct pc_image_header, cells.word));
	__u32 host = pc_host_section(section), word = cells + 2 * cell, profile_word = cells + 2 * in->cell;
	struct pc_plain_refs refs = { .profile = PC_REF_NONE, .host = PC_REF_NONE };

	if (access & PC_ACCESS_READ && !pc_plain_half_in_profile(image, host, word, in, profile_word, 0, &refs))
		return PC_NOT_PLAIN;
	if (access & PC_ACCESS_WRITE && !pc_plain_half_in_profile(image, host, word, in, profile_word, 1, &refs))
		return PC_NOT_PLAIN;
	return pc_is_given(refs.profile) ? refs.profile : refs.host;
}
