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

/* A row is shared one deep: a reader looks no further. */
static void a_shared_row_of_a_shared_row_is_refused(void **state)
{
	struct made made = make(VERSION "[open]\ndeny = /**/x\nallow = /a/b\n");
	__u64 *copy = malloc(made.image->size);
	const struct pc_image_header *header = (const struct pc_image_header *)made.image->words;
	struct image *image = NULL;
	const char *why = NULL;
	__u32 word = header->table.word, end = header->table.word + header->table.count;

	(void)state;
	memcpy(copy, made.image->words, made.image->size);
	while (word < end && !((__u32)copy[word] & PC_HEAD && copy[word] >> 32 & PC_NEXT_ROW))
		word++;
	assert_in_range(word, header->table.word, end - 1);
	copy[PC_STATE(copy[word] >> 32) / sizeof(__u64) - 1] |= (__u64)PC_NEXT_ROW << 32;
	assert_true(image_load(copy, made.image->size, &image, &why) < 0);
	assert_string_equal(why, "a row is taken from one that is itself taken");
	image_free(image);
	free(copy);
	made_done(&made);
}

/* A reader believes what the number says, so it has to be true: of the start of each kind of object, some of which stay. */
static void a_state_that_says_wrongly_whether_it_stays_is_refused(void **state)
{
	struct made made = make(VERSION "[open]\ndeny = /a/b\n");
	struct pc_image_header *header = (struct pc_image_header *)made.image->words;
	unsigned int staying = 0;

	(void)state;
	for (unsigned int kind = 0; kind < PC_KINDS; kind++) {
		__u32 *start = &header->host[PC_OPEN].start[kind];
		struct image *image = NULL;
		const char *why = NULL;

		staying += *start & PC_STAYS;
		*start ^= PC_STAYS;
		assert_true(image_load(made.image->words, made.image->size, &image, &why) < 0);
		assert_string_equal(why, "a section starts in no state");
		*start ^= PC_STAYS;
	}
	assert_in_range(staying, 1, PC_KINDS - 1);
	made_done(&made);
}

static void rules_out_of_their_sections_order_are_refused(void **state)
{
	static const unsigned int wrong[][PC_SECTIONS] = {
		{ 0, 2, 3, 3 }, { 2, 2, 3, 3 }, { 1, 3, 2, 3 }, { 1, 2, 3, 4 },
	};
	struct made made = make(VERSION "[exec]\ndeny = /a\n[open]\ndeny = /b\n");
	struct pc_image_header *header = (struct pc_image_header *)made.image->words;

	(void)state;
	for (size_t i = 0; i < PC_SECTIONS; i++)
		assert_int_equal(header->host[i].first_rule, i < 2 ? i + 1 : 3);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct image *image = NULL;
		const char *why = NULL;

		for (size_t k = 0; k < PC_SECTIONS; k++)
			header->host[k].first_rule = wrong[i][k];
		assert_true(image_load(made.image->words, made.image->size, &image, &why) < 0);
		assert_string_equal(why, "the rules of sections are not in order");
	}
	made_done(&made);
}

/* pc_step_nibble() goes no further where nothing leads on. */
static void an_address_that_goes_on_where_nothing_leads_on_is_refused(void **state)
{
	struct made made = make(VERSION "[connect]\ndeny = 10.0.0.0/8\n");
	__u64 *copy = malloc(made.image->size);
	const struct pc_image_header *header = (const struct pc_image_header *)made.image->words;
	__u32 start = header->host[PC_CONNECT].start[PC_KIND_IP4], head = start / sizeof(__u64) - 1;
	struct image *image = NULL;
	const char *why = NULL;

	(void)state;
	memcpy(copy, made.image->words, made.image->size);
	copy[head] = (__u32)copy[head] | (__u64)start << 32;
	assert_true(image_load(copy, made.image->size, &image, &why) < 0);
	assert_string_equal(why, "an address goes on where nothing leads on");
	image_free(image);
	free(copy);
	made_done(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_image_is_taken_as_it_is),
		cmocka_unit_test(a_shared_row_of_a_shared_row_is_refused),
		cmocka_unit_test(an_address_that_goes_on_where_nothing_leads_on_is_refused),
		cmocka_unit_test(a_state_that_says_wrongly_whether_it_stays_is_refused),
		cmocka_unit_test(rules_out_of_their_sections_order_are_refused),
		cmocka_unit_test(a_damaged_image_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
