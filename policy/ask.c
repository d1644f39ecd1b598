/* SPDX-License-Identifier: GPL-2.0-only */
/* ask.c - questions to an image, answered by the code that the kernel runs. */
#include <errno.h>
#include <stdlib.h>

#include <portcullis/limits.h>

#include "image.h"

int image_allocate(size_t size, struct image **ret_image)
{
	struct image *image;
	size_t words = 1;

	if (size > PC_IMAGE_CLASS_MAX)
		return -E2BIG;
	while (words * sizeof(__u64) < size)
		words *= 2;
	image = calloc(1, sizeof(*image));
	if (!image)
		return -ENOMEM;
	image->words = calloc(words, sizeof(*image->words));
	if (!image->words) {
		free(image);
		return -ENOMEM;
	}
	image->size = size;
	image->mask = words - 1;
	*ret_image = image;
	return 0;
}

struct image *image_free(struct image *image)
{
	if (!image)
		return NULL;
	free(image->words);
	free(image);
	return NULL;
}

static bool is_address(enum pc_kind kind)
{
	return kind == PC_KIND_IP4 || kind == PC_KIND_IP6;
}

/* The state that the bytes lead to. */
static __u32 walk(const struct image *image, const struct question *question)
{
	__u32 state = pc_start(image, question->section, question->kind);
	const __u8 *bytes = question->bytes;

	for (size_t i = 0; i < question->length; i++) {
		if (is_address(question->kind)) {
			state = pc_step(image, state, bytes[i] >> 4);
			state = pc_step(image, state, bytes[i] & 15);
		} else {
			state = pc_step(image, state, bytes[i]);
		}
	}
	return state;
}

void image_find_cell(const struct image *image, const struct question *question, struct pc_cell *ret_cell)
{
	__u32 index = pc_end(image, walk(image, question));

	if (is_address(question->kind))
		index = pc_interval_cell(image, index, PC_INTERVAL_KEY(question->class, question->port));
	pc_load_cell(image, index, ret_cell);
}

struct pc_answer image_ask(const struct image *image, const struct question *question)
{
	__u32 ask = question->ask;
	struct pc_layer host;

	/* As its hook does: executable memory has no default. */
	if (question->kind == PC_KIND_JIT)
		ask |= PC_ASK_RULES_ONLY;
	pc_load_layer(image, question->section, &host);
	image_find_cell(image, question, &host.cell);
	return pc_join(&host, NULL, question->access, ask);
}

const struct pc_rule *image_rule(const struct image *image, __u32 ref)
{
	const struct pc_image_header *header = image_header(image);
	__u32 number = ref & PC_REF_RULE_MASK;

	if (number >= header->rules.count)
		return NULL;
	return (const struct pc_rule *)&image->words[header->rules.word] + number;
}

const char *image_text(const struct image *image, __u32 offset)
{
	const struct pc_image_header *header = image_header(image);

	if (offset >= header->text.count)
		return "";
	return (const char *)&image->words[header->text.word] + offset;
}
