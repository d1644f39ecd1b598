/* SPDX-License-Identifier: GPL-2.0-only */
/* ask.h - questions to an image for the fuzzers: every section and kind, names cut from the fuzzer's bytes. */
#pragma once

#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define ASK_NAMES 8
#define ASK_NAME_MAX 64

/* What every run asks besides the fuzzer's own bytes. */
static const char *const ask_names[] = { "",       "/",      "/etc/shadow", "/a/b/c", "/home/u/.ssh/id_rsa",
					 "/tmp/x", "\xff/\1" };

static const unsigned int ask_classes[] = { 0, 6, 17, 511 };
static const unsigned int ask_ports[] = { 0, 22, 65535 };

/* The words behind the image's own size belong to its allocation, but nobody may read them. */
static inline void ask_guard(const struct image *image)
{
	ASAN_POISON_MEMORY_REGION((const char *)image->words + image->size,
				  ((size_t)image->mask + 1) * sizeof(*image->words) - image->size);
}

static inline void ask_unguard(const struct image *image)
{
	ASAN_UNPOISON_MEMORY_REGION((const char *)image->words + image->size,
				    ((size_t)image->mask + 1) * sizeof(*image->words) - image->size);
}

/* Reads what people would be shown of an answer, so that its texts are checked too. */
static inline size_t ask_read_rule(const struct image *image, __u32 ref)
{
	const struct pc_rule *rule;

	if (pc_ref_verdict(ref) == PC_NO_VERDICT)
		return 0;
	rule = image_rule(image, ref);
	if (!rule)
		abort();
	return strlen(image_text(image, rule->file)) + strlen(image_text(image, rule->text)) + rule->line;
}

/* Folds the answers into a sum: equal images give equal sums. Lines of rules don't count. */
static inline uint64_t ask_one(const struct image *image, struct question *question)
{
	struct pc_answer answer = image_ask(image, question);
	uint64_t sum;

	(void)ask_read_rule(image, answer.ref);
	if (answer.verdict > PC_ALLOW || answer.mode > PC_MODE_AUDIT)
		abort();
	sum = answer.verdict << 1 | answer.mode;
	return sum << 3 | (answer.ref & (PC_REF_RECORD | 3U << PC_REF_VERDICT_SHIFT)) >> 29;
}

static inline uint64_t ask_address(const struct image *image, struct question *question)
{
	uint64_t sum = 0;

	question->length = question->kind == PC_KIND_IP4 ? 4 : 16;
	for (size_t i = 0; i < sizeof(ask_classes) / sizeof(*ask_classes); i++) {
		for (size_t k = 0; k < sizeof(ask_ports) / sizeof(*ask_ports); k++) {
			question->class = ask_classes[i];
			question->port = ask_ports[k];
			sum = sum * 31 + ask_one(image, question);
		}
	}
	return sum;
}

/* Asks for one name in all sections, as all kinds. The bytes lie in a heap block of exactly their length. */
static inline uint64_t ask_name(const struct image *image, const void *bytes, size_t length)
{
	unsigned char address[16] = {};
	unsigned char *name = malloc(length ? length : 1);
	uint64_t sum = 0;

	if (!name)
		abort();
	memcpy(name, bytes, length);
	memcpy(address, bytes, length < sizeof(address) ? length : sizeof(address));
	for (int section = 0; section < PC_SECTIONS; section++) {
		for (int kind = 0; kind < PC_KINDS; kind++) {
			bool is_address = kind == PC_KIND_IP4 || kind == PC_KIND_IP6;
			struct question question = {
				.section = section,
				.kind = kind,
				.access = section == PC_OPEN ? PC_ACCESS_READ | PC_ACCESS_WRITE
							     : PC_ACCESS_READ,
				.bytes = is_address ? address : name,
				.length = length,
				.ask = length & PC_ASK_RULES_ONLY,
			};

			sum = sum * 31 +
			      (is_address ? ask_address(image, &question) : ask_one(image, &question));
		}
	}
	free(name);
	return sum;
}

/* Asks for the fixed names and for pieces of `data`. */
static inline uint64_t ask_all(const struct image *image, const uint8_t *data, size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(ask_names) / sizeof(*ask_names); i++)
		sum = sum * 31 + ask_name(image, ask_names[i], strlen(ask_names[i]));
	for (size_t i = 0; i < ASK_NAMES && size; i++) {
		size_t start = size * i / ASK_NAMES;
		size_t length = size - start < ASK_NAME_MAX ? size - start : ASK_NAME_MAX;

		sum = sum * 31 + ask_name(image, data + start, length);
	}
	return sum;
}
