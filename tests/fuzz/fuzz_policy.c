/* SPDX-License-Identifier: GPL-2.0-only */
/* fuzz_policy.c - any bytes as a policy: parsed, compiled, loaded, asked, printed without crash or hang. */
#include <stdio.h>

#include "ask.h"
#include "print.h"

/* Longer texts only say the same things again. */
#define TEXT_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct policy *policy, size_t *ret_length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);

	if (!out)
		abort();
	policy_print(policy, out);
	(void)fclose(out);
	return text;
}

/* The image, NULL if the text is refused: then a diagnostic must say why. `ret_printed` may be NULL. */
static struct image *compile(const char *text, size_t length, char **ret_printed, size_t *ret_printed_length)
{
	const struct policy_options options = { .is_offline = true };
	struct policy *policy = NULL;
	struct image *image = NULL;
	struct diags diags = {};
	int r;

	r = policy_parse("fuzz.ini", text, length, &options, &diags, &policy);
	if (!r)
		r = image_compile(policy, &diags, &image);
	if (r != -ENOMEM && !!r != !!diags.errors)
		abort();
	if (!r && ret_printed) {
		*ret_printed = print(policy, ret_printed_length);
		(void)policy_check_expectations(policy, image, &diags);
	}
	diags_sort(&diags);
	diags_done(&diags);
	policy_free(policy);
	return image;
}

/* What was compiled must be what the loader takes, byte by byte. */
static struct image *load_back(const struct image *image)
{
	struct image *loaded = NULL;
	const char *reason = NULL;

	if (image_load(image->words, image->size, &loaded, &reason) < 0)
		abort();
	if (loaded->size != image->size || memcmp(loaded->words, image->words, image->size))
		abort();
	return loaded;
}

/* Where a rule stood is all that printing may change. */
static void forget_lines(struct image *image)
{
	const struct pc_image_header *header = image_header(image);
	struct pc_rule *rules = (struct pc_rule *)(image->words + header->rules.word);

	for (__u32 i = 0; i < header->rules.count; i++)
		rules[i].line = 0;
}

static void check_printed(struct image *image, const char *text, size_t length)
{
	struct image *again;

	again = compile(text, length, NULL, NULL);
	if (!again) {
		fprintf(stderr, "what was printed is refused:\n%.*s", (int)length, text);
		abort();
	}
	forget_lines(image);
	forget_lines(again);
	if (again->size != image->size || memcmp(again->words, image->words, image->size)) {
		fprintf(stderr, "what was printed is another image:\n%.*s", (int)length, text);
		abort();
	}
	image_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image *image, *loaded;
	char *printed = NULL;
	size_t length;

	if (size > TEXT_MAX)
		return -1;
	image = compile((const char *)data, size, &printed, &length);
	if (!image)
		return 0;
	loaded = load_back(image);
	ask_guard(image);
	ask_guard(loaded);
	if (ask_all(image, data, size) != ask_all(loaded, data, size))
		abort();
	ask_unguard(image);
	ask_unguard(loaded);
	image_free(loaded);
	check_printed(image, printed, length);
	free(printed);
	image_free(image);
	return 0;
}
