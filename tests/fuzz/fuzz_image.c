/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz_image.c - any bytes to the image loader: what it accepts can be asked without reading outside. */
#include "ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/*
 * Plain mutations are nearly all refused. Half a word put in the place of the same half of a near word often is
 * as sound as it was: another state, cell, rule or text. A half that grows a little is a number just past the
 * end.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	__u32 *halves = (__u32 *)data;
	size_t words = size / 8, from, to;

	if (words < 2 || seed % 4 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	from = (seed >> 2) % words;
	seed = seed * 1664525 + 1013904223;
	to = (from + 1 + (seed >> 8) % 8) % words;
	if (seed >> 11 & 1)
		halves[2 * to + (seed >> 7 & 1)] = halves[2 * from + (seed >> 7 & 1)];
	else
		halves[2 * to + (seed >> 7 & 1)] += 1U << (seed >> 12) % 12;
	return size;
}

/* The rule table and its texts are read by `print` and by the log, whatever the cells refer to. */
static void read_rules(const struct image *image)
{
	const struct pc_image_header *header = image_header(image);

	(void)strlen(image_text(image, header->name));
	for (__u32 i = 0; i < header->rules.count; i++)
		(void)ask_read_rule(image, (__u32)PC_DENY << PC_REF_VERDICT_SHIFT | i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image *image = NULL;
	const char *reason = NULL;
	int r;

	r = image_load(data, size, &image, &reason);
	if (r < 0) {
		if (r == -EBADMSG && (!reason || !*reason))
			abort();
		return 0;
	}
	ask_guard(image);
	read_rules(image);
	(void)ask_all(image, data, size);
	ask_unguard(image);
	image_free(image);
	return 0;
}
