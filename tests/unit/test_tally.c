/* SPDX-License-Identifier: GPL-2.0-only */
/* test_tally.c - the bounded table of keys, and the rates of top. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "rates.h"
#include "tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define SIZE 64
#define KEYS 5000

/* A record of that verdict, at that second. */
static struct record make_record(enum pc_verdict verdict, __u64 second, __u64 repeats)
{
	return (struct record){
		.time = second * MOMENT_SECOND,
		.repeats = repeats,
		.hook = PC_OPEN,
		.verdict = verdict,
		.when = "",
		.access = "read",
		.operation = "",
		.rule = "default",
		.verb = "deny",
		.profile = "",
		.generation = "",
		.comm = "cat",
		.exe = "",
		.pid = "1",
		.uid = "0", .gid = "0", .cgroup = "",
		.object = (char *)"/x",
		.object_length = 2,
	};
}

static void add(struct tally *tally, const char *key, enum pc_verdict verdict, __u64 second, __u64 repeats)
{
	struct record record = make_record(verdict, second, repeats);

	assert_int_equal(tally_add(tally, key, &record, 1), 0);
}

static const struct tally_entry *find(struct tally *tally, const char *key)
{
	const struct tally_entry *list[SIZE];
	size_t count = tally_list(tally, TALLY_MOST, list, SIZE);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i]->key, key) == 0)
			return list[i];
	return NULL;
}

static void as_many_keys_as_fit_are_counted_exactly(void **state)
{
	struct tally *tally = tally_new(SIZE);
	const struct tally_entry *entry;
	char key[16];

	(void)state;
	for (unsigned int i = 0; i < SIZE; i++) {
		(void)snprintf(key, sizeof(key), "%u", i);
		add(tally, key, PC_DENY, 10, i + 1);
		add(tally, key, PC_ALLOW, 5, 2);
	}
	assert_int_equal(tally_count(tally), SIZE);
	assert_true(tally_slack(tally) == 0);
	entry = find(tally, "41");
	assert_non_null(entry);
	assert_true(entry->counts[PC_DENY] == 42 && entry->counts[PC_AUDIT] == 0 &&
		    entry->counts[PC_ALLOW] == 2);
	assert_int_equal(entry->first_time, 5 * MOMENT_SECOND);
	assert_int_equal(entry->last_time, 10 * MOMENT_SECOND);
	(void)tally_free(tally);
}

/* Key k comes KEYS / (k + 1) times, in turns, so that the rare ones push against the frequent ones all the time. */
static void what_is_told_is_never_too_much_nor_too_little_by_more_than_the_slack(void **state)
{
	struct tally *tally = tally_new(SIZE);
	unsigned int total = 0;
	char key[16];

	(void)state;
	for (unsigned int turn = 0; turn < KEYS; turn++) {
		for (unsigned int k = 0; k < KEYS; k++) {
			if (turn >= KEYS / (k + 1))
				break;
			(void)snprintf(key, sizeof(key), "%u", k);
			add(tally, key, PC_DENY, turn, 1);
			total++;
			assert_true(tally_count(tally) <= SIZE);
		}
	}
	assert_true(tally_total(tally) == total);
	assert_true(tally_slack(tally) > 0);
	assert_true(tally_slack(tally) <= (double)total / (SIZE / 2));
	for (unsigned int k = 0; k < KEYS; k++) {
		const struct tally_entry *entry;
		double truth = KEYS / (k + 1);

		(void)snprintf(key, sizeof(key), "%u", k);
		entry = find(tally, key);
		assert_true(entry || truth <= tally_slack(tally));
		assert_true(!entry || (tally_entry_count(entry) <= truth &&
				       tally_entry_count(entry) >= truth - tally_slack(tally)));
	}
	assert_non_null(find(tally, "0"));
	(void)tally_free(tally);
}

static void a_flood_of_new_keys_leaves_the_latest_of_them(void **state)
{
	struct tally *tally = tally_new(SIZE);
	const struct tally_entry *list[SIZE];
	char key[16];

	(void)state;
	for (unsigned int i = 0; i < KEYS; i++) {
		(void)snprintf(key, sizeof(key), "%u", i);
		add(tally, key, PC_DENY, i, 1);
	}
	assert_true(tally_list(tally, TALLY_NEWEST, list, SIZE) >= SIZE / 2);
	for (unsigned int i = 0; i < SIZE / 2; i++)
		assert_int_equal(list[i]->first_time, (KEYS - 1 - i) * MOMENT_SECOND);
	(void)tally_free(tally);
}

static void what_fades_makes_place_for_what_is_new(void **state)
{
	struct tally *tally = tally_new(SIZE);
	const struct tally_entry *list[2];

	(void)state;
	add(tally, "old", PC_DENY, 1, 1000);
	for (unsigned int i = 0; i < 20; i++)
		tally_fade(tally, 0.5);
	add(tally, "new", PC_DENY, 2, 1);
	assert_int_equal(tally_list(tally, TALLY_RECENT, list, 2), 2);
	assert_string_equal(list[0]->key, "new");
	assert_int_equal(tally_list(tally, TALLY_MOST, list, 1), 1);
	assert_string_equal(list[0]->key, "old");
	assert_true(tally_entry_count(list[0]) == 1000);
	(void)tally_free(tally);
}

static void texts_are_kept_only_so_far(void **state)
{
	struct tally *tally = tally_new(SIZE);
	struct record record = make_record(PC_DENY, 1, 1);
	static char object[4 * TALLY_TEXT_MAX], key[2 * TALLY_TEXT_MAX];
	const struct tally_entry *entry;

	(void)state;
	memset(object, 'o', sizeof(object) - 1);
	memset(key, 'k', sizeof(key) - 1);
	record.object = object;
	record.object_length = sizeof(object) - 1;
	record.exe = object;
	assert_int_equal(tally_add(tally, key, &record, 1), 0);
	key[TALLY_TEXT_MAX + 1] = 'x';
	assert_int_equal(tally_add(tally, key, &record, 1), 0);
	assert_int_equal(tally_list(tally, TALLY_MOST, &entry, 1), 1);
	assert_int_equal(tally_count(tally), 1);
	assert_int_equal(strlen(entry->key), TALLY_TEXT_MAX);
	assert_int_equal(entry->last.object_length, TALLY_TEXT_MAX);
	assert_int_equal(strlen(entry->last.exe), TALLY_TEXT_MAX);
	assert_true(entry->last.is_cut);
	assert_string_equal(entry->last.rule, "default");
	(void)tally_free(tally);
}

static void sample(struct rates *rates, __u64 seconds, __u64 denials)
{
	__u64 counts[PC_SECTIONS][PC_NO_VERDICT] = { [PC_OPEN] = { [PC_DENY] = denials } };

	rates_sample(rates, 100 * MOMENT_SECOND + seconds * MOMENT_SECOND, counts);
}

static void rates_are_what_came_between_two_looks(void **state)
{
	struct rates rates = {};

	(void)state;
	sample(&rates, 0, 1000);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 0);
	sample(&rates, 1, 1010);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 10);
	/* Nobody looked for three seconds: they share what came. */
	sample(&rates, 4, 1040);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 10);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 2) == 10);
	sample(&rates, 5, 1040);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 0);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 1) == 10);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 4) == 10);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 5) == 0);
	assert_true(rates_at(&rates, PC_EXEC, PC_DENY, 1) == 0);
}

static void counters_that_begin_anew_are_no_rate(void **state)
{
	struct rates rates = {};

	(void)state;
	sample(&rates, 0, 1000);
	sample(&rates, 1, 3);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 0);
	sample(&rates, 2, 5);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 2);
	rates_break(&rates);
	sample(&rates, 3, 5000);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 0);
	assert_int_equal(rates.counts[PC_OPEN][PC_DENY], 5000);
}

static void a_long_pause_fills_the_minute_and_no_more(void **state)
{
	struct rates rates = {};

	(void)state;
	sample(&rates, 0, 0);
	sample(&rates, 100000, 100000);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, 0) == 1);
	assert_true(rates_at(&rates, PC_OPEN, PC_DENY, RATES_SECONDS - 1) == 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_keys_as_fit_are_counted_exactly),
		cmocka_unit_test(what_is_told_is_never_too_much_nor_too_little_by_more_than_the_slack),
		cmocka_unit_test(a_flood_of_new_keys_leaves_the_latest_of_them),
		cmocka_unit_test(what_fades_makes_place_for_what_is_new),
		cmocka_unit_test(texts_are_kept_only_so_far),
		cmocka_unit_test(rates_are_what_came_between_two_looks),
		cmocka_unit_test(counters_that_begin_anew_are_no_rate),
		cmocka_unit_test(a_long_pause_fills_the_minute_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
