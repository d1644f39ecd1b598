/* SPDX-License-Identifier: GPL-2.0-only */
/* test_image.c - foreign bytes as an image: taken as they are, or refused. */
#include "made.h"
#include "random_glob.h"

static void a_sound_image_is_taken_as_it_is(void **state)
{
	struct made made = make(sample);
	struct image *image = NULL;
	const char *why = NULL;

	(void)state;
	assert_non_null(made.image);
	assert_int_equal(image_load(made.image->words, made.image->size, &image, &why), 0);
	assert_int_equal(image->size, made.image->size);
	assert_memory_equal(image->words, made.image->words, image->size);
	image_free(image);
	made_done(&made);
}

/* Questions of all kinds, so that a sanitizer sees what an accepted image makes a reader do. */
static void ask_everything(const struct image *image)
{
	for (unsigned int section = 0; section < PC_SECTIONS; section++) {
		for (unsigned int kind = 0; kind < PC_KINDS; kind++) {
			struct question question = { section, kind, 3, "/etc/secret/aXb", 15, 6, 53, 0 };
			const struct pc_rule *rule = image_rule(image, image_ask(image, &question).ref);

			if (rule)
				assert_true(strlen(image_text(image, rule->text)) +
						    strlen(image_text(image, rule->file)) <
					    image->size);
		}
	}
}

static void a_damaged_image_is_refused_or_harmless(void **state)
{
	struct made made = make(sample);
	unsigned int refused = 0;

	(void)state;
	random_start(random_seed());
	for (unsigned int i = 0; i < 20000; i++) {
		size_t words = made.image->size / 8, size = made.image->size;
		__u64 *copy = malloc(size);
		struct image *image = NULL;
		const char *why = NULL;

		memcpy(copy, made.image->words, size);
		for (unsigned int k = 0; k <= random_below(3); k++) {
			__u32 *word = (__u32 *)copy + random_below(random_below(2) ? 80 : 2 * words);

			*word = random_below(2) ? *word ^ 1U << random_below(32)
						: ((__u32 *)copy)[random_below(2 * words)];
		}
		if (random_below(10) == 0)
			size = random_below(size);
		if (image_load(copy, size, &image, &why) < 0) {
			assert_non_null(why);
			refused++;
		} else {
			ask_everything(image);
		}
		image_free(image);
		free(copy);
	}
	printf("%u of 20000 refused\n", refused);
	assert_true(refused > 10000);
	made_done(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_image_is_taken_as_it_is),
		cmocka_unit_test(a_damaged_image_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
