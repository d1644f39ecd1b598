/* SPDX-License-Identifier: GPL-2.0-only */
/* image.h - user space's seam to the shared decision code: the image's words in memory. */
#pragma once

#include "policy.h"

typedef const struct image *pc_image_ref;

static inline __u64 pc_word_at(pc_image_ref image, __u32 offset)
{
	return image->words[offset / sizeof(__u64) & image->mask];
}

#include <portcullis/choose.h>
#include <portcullis/decide.h>

static inline const struct pc_image_header *image_header(const struct image *image)
{
	return (const struct pc_image_header *)image->words;
}

/* An image of `size` zero bytes, to be filled in. −E2BIG: past PC_IMAGE_CLASS_MAX. */
int image_allocate(size_t size, struct image **ret_image);
/* The answer that the kernel would give; the mode of the section is taken into account. */
struct pc_answer image_ask(const struct image *image, const struct question *question);
/* The cell that the question ends in, of the host-wide section or the profile's, before layers and mode. */
void image_find_cell(const struct image *image, const struct question *question, struct pc_cell *ret_cell);
void image_find_profile_cell(const struct image *image, const struct question *question, struct pc_cell *ret_cell);
/* The cell that its bytes lead to from that state on. */
void image_walk(const struct image *image, __u32 start, const struct question *question, struct pc_cell *ret_cell);

/* Who starts a program, as far as profiles ask. */
struct image_task {
	__u32 user;
	const __u32 *groups;
	size_t group_count;
	const char *cgroup; /* its path; NULL for "/" */
};

/* The profile that the program of that canonical name (NULL: it has none) is given: its place plus 1; 0: none. */
size_t image_choose(const struct image *image, const char *program, const struct image_task *task);
/* The rule behind a reference; NULL for a number outside the table. */
const struct pc_rule *image_rule(const struct image *image, __u32 ref);
/* A NUL-terminated string of the text area; "" for an offset outside it. */
const char *image_text(const struct image *image, __u32 offset);
