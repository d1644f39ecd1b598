/* SPDX-License-Identifier: GPL-2.0-only */
/* ask.c - questions to an image, answered by the code that the kernel runs. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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
static __u32 walk(const struct image *image, __u32 state, const struct question *question)
{
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

void image_walk(const struct image *image, __u32 start, const struct question *question, struct pc_cell *ret_cell)
{
	__u32 index = pc_end(image, walk(image, start, question));

	if (is_address(question->kind))
		index = pc_interval_cell(image, index, PC_INTERVAL_KEY(question->class, question->port));
	pc_load_cell(image, index, ret_cell);
}

void image_find_cell(const struct image *image, const struct question *question, struct pc_cell *ret_cell)
{
	image_walk(image, pc_start(image, pc_host_section(question->section), question->kind), question, ret_cell);
}

void image_find_profile_cell(const struct image *image, const struct question *question, struct pc_cell *ret_cell)
{
	__u32 section = pc_profile_section(image, question->profile - 1, question->section);

	image_walk(image, pc_start(image, section, question->kind), question, ret_cell);
}

struct pc_answer image_ask(const struct image *image, const struct question *question)
{
	struct pc_layer host, profile;
	__u32 ask = question->ask;

	/* As its hook does: executable memory has no default. */
	if (question->kind == PC_KIND_JIT)
		ask |= PC_ASK_RULES_ONLY;
	if (question->kind == PC_KIND_UNRESOLVED)
		ask |= PC_ASK_BOTH;
	pc_load_layer(image, pc_host_section(question->section), &host);
	image_find_cell(image, question, &host.cell);
	if (!question->profile)
		return pc_join(&host, NULL, question->access, ask);
	pc_load_layer(image, pc_profile_section(image, question->profile - 1, question->section), &profile);
	image_find_profile_cell(image, question, &profile.cell);
	return pc_join(&host, &profile, question->access, ask);
}

/* ---- Which profile a program is given. ---- */

static __u32 walk_name(const struct image *image, __u32 state, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		state = pc_step(image, state, (__u8)name[i]);
	return state;
}

/* The unit, with the slash before it, that the cgroup is, or lies below; its length 0: there is none. */
static const char *find_unit(const char *cgroup, size_t *ret_length)
{
	const char *at = cgroup;

	while (*at) {
		*ret_length = 1 + strcspn(at + 1, "/");
		if (*ret_length < 7 || !pc_is_slice(at + *ret_length))
			break;
		at += *ret_length;
		*ret_length = 0;
	}
	return at;
}

/* Whether a pattern matches the cgroup, or one that it lies in. */
static bool has_pattern(const struct image *image, __u32 state, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && name[i] == '/' && pc_is_match(image, state))
			return true;
		state = pc_step(image, state, (__u8)name[i]);
	}
	return pc_is_match(image, state);
}

static bool has_condition(const struct image *image, const struct image_task *task, __u32 kind, __u32 value)
{
	const char *cgroup = task->cgroup ?: "/";
	size_t length = strlen(cgroup);

	if (kind == PC_CONDITION_UNIT)
		cgroup = find_unit(cgroup, &length);
	if (pc_condition_is_pattern(kind))
		return has_pattern(image, value, cgroup, length);
	if (kind == PC_CONDITION_USER)
		return task->user == value;
	for (size_t i = 0; i < task->group_count; i++)
		if (task->groups[i] == value)
			return true;
	return false;
}

static bool fits(const struct image *image, __u32 choice, const struct image_task *task)
{
	__u32 first = pc_load32(image, choice + offsetof(struct pc_choice, first_condition));
	__u32 count = pc_load32(image, choice + offsetof(struct pc_choice, condition_count));
	__u32 given = 0, met = 0;

	for (__u32 i = first; i < first + count; i++) {
		__u64 condition = pc_condition(image, i);

		given |= 1U << (__u32)condition;
		if (has_condition(image, task, (__u32)condition, condition >> 32))
			met |= 1U << (__u32)condition;
	}
	return given == met;
}

size_t image_choose(const struct image *image, const char *program, const struct image_task *task)
{
	struct pc_choosing choosing = { .exe = PC_EXE_NONE };

	for (__u32 i = 0; i < pc_choice_count(image); i++) {
		__u32 choice = pc_choice_at(image, i), state = 0;

		if (!fits(image, choice, task))
			continue;
		if (program) {
			state = pc_load32(image, choice + offsetof(struct pc_choice, start));
			state = walk_name(image, state, program, strlen(program));
		}
		pc_choose(image, &choosing, pc_choice_exe(image, choice, state));
	}
	return choosing.exe == PC_EXE_NONE ? 0 : (__u32)pc_exe(image, choosing.exe) + 1;
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
