/* SPDX-License-Identifier: GPL-2.0-only */
/* test_repeats.c - decisions that were counted are told once in a window, each exactly once. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "repeat_table.h"
#include "repeats.h"

#define WINDOW_NS 20000000ULL

static struct pc_repeat table[PC_REPEATS];

/* The programs' table is the kernel's; this one is counted in as they do. */
long kernel_take_repeats(struct kernel *kernel, unsigned int place, __u32 version)
{
	(void)kernel;
	return repeats_take(table, place, version);
}

static bool count_at(unsigned int place)
{
	__u64 word = __atomic_load_n(&table[place].word, __ATOMIC_ACQUIRE);

	return !(PC_REPEAT_VERSION(word) & 1) && table[place].key &&
	       __atomic_compare_exchange_n(&table[place].word, &word, word + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void take_place(unsigned int place, __u32 version)
{
	table[place] = (struct pc_repeat){ .word = PC_REPEAT_WORD(version, 0), .key = 7 };
}

/* ---- What is told. ---- */

struct fixture {
	sd_event *event;
	struct repeats *repeats;
	unsigned int lines;
	__u64 counts;
	char last[16];
};

static void on_told(const char *line, size_t length, __u64 count, void *userdata)
{
	struct fixture *f = userdata;

	f->lines++;
	f->counts += count;
	(void)snprintf(f->last, sizeof(f->last), "%.*s", (int)length, line);
}

static int setup(void **state)
{
	static struct fixture f;
	struct repeats_options options = { .window = WINDOW_NS, .fn = on_told, .userdata = &f };

	f = (struct fixture){};
	memset(table, 0, sizeof(table));
	*state = &f;
	return sd_event_new(&f.event) < 0 || repeats_new(f.event, &options, &f.repeats) < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)repeats_free(f->repeats);
	(void)sd_event_unref(f->event);
	return 0;
}

static void follow(struct fixture *f, unsigned int place, __u32 version, const char *line)
{
	const struct pc_event event = { .repeat = (__u16)(place + 1), .repeat_version = version };

	take_place(place, version);
	repeats_follow(f->repeats, &event, line, strlen(line));
}

/* Until something was told, or for a good while. */
static void wait_for_lines(struct fixture *f, unsigned int lines)
{
	for (int i = 0; i < 30 && f->lines < lines; i++)
		assert_true(sd_event_run(f->event, 100000) >= 0);
}

static void what_was_counted_is_told_when_the_window_is_over(void **state)
{
	struct fixture *f = *state;

	follow(f, 3, 8, "{three}");
	assert_true(count_at(3) && count_at(3));
	assert_int_equal(f->lines, 0);
	wait_for_lines(f, 1);
	assert_int_equal(f->lines, 1);
	assert_int_equal(f->counts, 2);
	assert_string_equal(f->last, "{three}");
	/* The next window begins anew. */
	assert_true(count_at(3));
	wait_for_lines(f, 2);
	assert_int_equal(f->counts, 3);
}

static void a_window_without_any_ends_it(void **state)
{
	struct fixture *f = *state;

	follow(f, 3, 8, "{three}");
	for (int i = 0; i < 30 && table[3].key; i++)
		assert_true(sd_event_run(f->event, 100000) >= 0);
	assert_int_equal(f->lines, 0);
	assert_int_equal(table[3].key, 0);
	assert_int_equal(table[3].word, PC_REPEAT_WORD(10, 0));
	assert_false(count_at(3));
}

static void who_takes_the_place_is_told_for_himself(void **state)
{
	struct fixture *f = *state;

	follow(f, 3, 8, "{old}");
	follow(f, 3, 10, "{new}");
	assert_true(count_at(3));
	wait_for_lines(f, 1);
	assert_int_equal(f->counts, 1);
	assert_string_equal(f->last, "{new}");
}

static void at_the_end_all_is_told(void **state)
{
	struct fixture *f = *state;

	follow(f, 3, 8, "{three}");
	follow(f, 1023, 2, "{last}");
	assert_true(count_at(3) && count_at(3) && count_at(1023));
	repeats_end(f->repeats);
	assert_int_equal(f->lines, 2);
	assert_int_equal(f->counts, 3);
	assert_false(count_at(3));
}

/* ---- Nothing is told twice, nothing is lost. ---- */

static unsigned long counted[2];
static bool is_over;

static void *count_on(void *number)
{
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED))
		counted[*(int *)number] += count_at(5);
	return NULL;
}

static void who_counts_meanwhile_is_counted_once(void **state)
{
	int numbers[] = { 0, 1 };
	pthread_t threads[2];
	__u64 taken = 0;
	__u32 version = 2;

	(void)state;
	is_over = false;
	counted[0] = counted[1] = 0;
	take_place(5, version);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_on, &numbers[i]), 0);
	for (unsigned int i = 0; i < 200000 || taken < 1000; i++) {
		long count = repeats_take(table, 5, version);

		assert_true(count >= 0);
		taken += (__u64)count;
		if (count == 0) {
			/* It was given up: somebody takes it anew, and claims it before. */
			version += 4;
			__atomic_store_n(&table[5].word, PC_REPEAT_WORD(version - 1, 0), __ATOMIC_SEQ_CST);
			table[5].key = 7;
			__atomic_store_n(&table[5].word, PC_REPEAT_WORD(version, 0), __ATOMIC_RELEASE);
		}
	}
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	taken += PC_REPEAT_COUNT(table[5].word);
	assert_int_equal(taken, counted[0] + counted[1]);
}

static void anothers_place_is_left_alone(void **state)
{
	(void)state;
	take_place(5, 6);
	assert_true(count_at(5));
	assert_int_equal(repeats_take(table, 5, 4), -ESTALE);
	assert_int_equal(repeats_take(table, 5, 6), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_counted_is_told_when_the_window_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(a_window_without_any_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(who_takes_the_place_is_told_for_himself, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_end_all_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(who_counts_meanwhile_is_counted_once, setup, teardown),
		cmocka_unit_test_setup_teardown(anothers_place_is_left_alone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
