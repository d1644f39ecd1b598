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
	__u32 ref;
	__u8 verdict;
	__u8 mode;
	__u16 reserved;
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
 * Takes `ref`, judged in `mode`, into the answer if it is stricter than what is there. Until all were asked, an answer
 * that nothing gave has PC_NO_VERDICT.
 */
PC_INLINE void pc_take(struct pc_answer *answer, __u32 ref, __u32 mode)
{
	__u32 verdict = pc_ref_verdict(ref);

	if (verdict == PC_DENY && mode == PC_MODE_AUDIT)
		verdict = PC_AUDIT;
	if (verdict < answer->verdict) {
		answer->ref = ref;
		answer->verdict = verdict;
		answer->mode = mode;
	}
	PC_MEET;
}

/* One half (reading or writing) of the layers' cells; `profile` is NULL for a task outside any. */
PC_INLINE void pc_take_half(struct pc_answer *answer, const struct pc_layer *host, const struct pc_layer *profile,
			    int is_write, __u32 ask)
{
	__u32 ref;

	if (profile) {
		pc_take(answer, is_write ? profile->cell.never_write : profile->cell.never_read, profile->mode);
		ref = is_write ? profile->cell.write : profile->cell.read;
		pc_take(answer, ref, profile->mode);
		if (pc_ref_verdict(ref) != PC_NO_VERDICT && !(ask & PC_ASK_BOTH)) {
			pc_take(answer, is_write ? host->cell.never_write : host->cell.never_read, host->mode);
			return;
		}
		if (!(ask & PC_ASK_RULES_ONLY) && pc_ref_verdict(ref) == PC_NO_VERDICT)
			pc_take(answer, is_write ? profile->default_write : profile->default_read, profile->mode);
	}
	pc_take(answer, is_write ? host->cell.never_write : host->cell.never_read, host->mode);
	ref = is_write ? host->cell.write : host->cell.read;
	if (pc_ref_verdict(ref) == PC_NO_VERDICT && !(ask & PC_ASK_RULES_ONLY))
		ref = is_write ? host->default_write : host->default_read;
	pc_take(answer, ref, host->mode);
}

/* The answer to a request for `access` (enum pc_access bits; only an [open] asks for writing). */
PC_INLINE struct pc_answer pc_join(const struct pc_layer *host, const struct pc_layer *profile, __u32 access, __u32 ask)
{
	struct pc_answer answer = { .ref = PC_REF_NONE, .verdict = PC_NO_VERDICT, .mode = host->mode };

	if (access & PC_ACCESS_READ)
		pc_take_half(&answer, host, profile, 0, ask);
	if (access & PC_ACCESS_WRITE)
		pc_take_half(&answer, host, profile, 1, ask);
	if (answer.verdict == PC_NO_VERDICT)
		answer.verdict = PC_ALLOW;
	return answer;
}

/* Whether one half of a cell neither refuses nor records; `otherwise` is the byte offset of its default in the header. */
PC_INLINE int pc_is_plain_half(pc_image_ref image, __u64 half, __u32 otherwise)
{
	__u32 ref = half;

	if (half >> 32 != PC_REF_NONE)
		return 0;
	if (ref == PC_REF_NONE)
		ref = pc_load32(image, otherwise);
	/* PC_NO_VERDICT: no default either. */
	return ref >> PC_REF_VERDICT_SHIFT >= PC_ALLOW && !(ref & PC_REF_RECORD);
}

/*
 * Whether the answer that pc_join() gives for a task outside any profile is surely a plain allow: one that isn't
 * recorded. What most answers are is told by fewer instructions so. Of reading and writing at once both must be.
 */
PC_INLINE int pc_is_plain(pc_image_ref image, __u32 section, __u32 cell, __u32 access)
{
	__u32 host = pc_host_section(section);
	__u32 word = pc_load32(image, __builtin_offsetof(struct pc_image_header, cells.word)) + 2 * cell;

	if (access & PC_ACCESS_READ &&
	    !pc_is_plain_half(image, pc_word(image, word), host + __builtin_offsetof(struct pc_section, default_read)))
		return 0;
	return !(access & PC_ACCESS_WRITE) ||
	       pc_is_plain_half(image, pc_word(image, word + 1),
				host + __builtin_offsetof(struct pc_section, default_write));
}
