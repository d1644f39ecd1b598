/* SPDX-License-Identifier: GPL-2.0-only */
/* test_timeline.c - decisions over time in few slots. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "moment.h"
#include "timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* 2026-01-31T00:00:00Z, which is 02:00 where the test is. */
#define START 1769817600ULL
#define DAY 86400ULL

static double sum(const struct timeline *timeline, enum pc_verdict verdict)
{
	double total = 0;

	for (size_t i = 0; i < timeline->used; i++)
		total += timeline->slots[i][verdict];
	return total;
}

static void add(struct timeline *timeline, __u64 second, double count)
{
	timeline_add(timeline, second * MOMENT_SECOND, PC_DENY, count);
	assert_true(timeline->used <= TIMELINE_SLOTS);
}

static void a_short_span_has_a_slot_for_each_second(void **state)
{
	struct timeline timeline = {};
	char width[32];

	(void)state;
	add(&timeline, START + 5, 2);
	add(&timeline, START + 7, 1);
	timeline_add(&timeline, (START + 7) * MOMENT_SECOND + 999999999, PC_AUDIT, 4);
	assert_int_equal(timeline.used, 3);
	assert_true(timeline.slots[0][PC_DENY] == 2 && timeline.slots[1][PC_DENY] == 0 &&
		    timeline.slots[2][PC_DENY] == 1);
	assert_true(timeline.slots[2][PC_AUDIT] == 4);
	assert_int_equal(timeline_start(&timeline, 2), (START + 7) * MOMENT_SECOND);
	assert_string_equal(timeline_describe_width(&timeline, width, sizeof(width)), "1 second");
}

static void slots_become_wider_and_nothing_is_lost(void **state)
{
	static const __u64 spans[] = { 179, 180,     899,      900,       3600,
				       DAY, 7 * DAY, 31 * DAY, 366 * DAY, 50 * 366 * DAY };

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct timeline timeline = {};

		for (unsigned int k = 0; k <= 100; k++)
			add(&timeline, START + spans[i] * k / 100, k);
		assert_true(sum(&timeline, PC_DENY) == 5050);
		assert_true(timeline.width * TIMELINE_SLOTS >= spans[i]);
		assert_true(timeline_start(&timeline, 0) <= START * MOMENT_SECOND);
		assert_true(timeline_start(&timeline, timeline.used) > (START + spans[i]) * MOMENT_SECOND);
	}
}

static void the_order_does_not_matter(void **state)
{
	struct timeline forward = {}, backward = {};

	(void)state;
	for (unsigned int k = 0; k <= 1000; k++) {
		add(&forward, START + 77 * k, k);
		add(&backward, START + 77 * (1000 - k), 1000 - k);
	}
	assert_int_equal(forward.width, backward.width);
	assert_int_equal(forward.first, backward.first);
	assert_int_equal(forward.used, backward.used);
	assert_memory_equal(forward.slots, backward.slots, sizeof(forward.slots));
}

static void days_begin_at_local_midnight(void **state)
{
	struct timeline timeline = {};
	char text[MOMENT_TEXT_MAX], width[32];

	(void)state;
	add(&timeline, START, 1);
	add(&timeline, START + 100 * DAY, 1);
	assert_string_equal(timeline_describe_width(&timeline, width, sizeof(width)), "1 day");
	moment_format(timeline_start(&timeline, 0), "%F %T", text);
	assert_string_equal(text, "2026-01-31 00:00:00");
}

static void the_beginning_of_time_is_a_time(void **state)
{
	struct timeline timeline = {};

	(void)state;
	add(&timeline, START, 1);
	add(&timeline, 0, 1);
	assert_true(sum(&timeline, PC_DENY) == 2);
	assert_int_equal(timeline_start(&timeline, 0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_span_has_a_slot_for_each_second),
		cmocka_unit_test(slots_become_wider_and_nothing_is_lost),
		cmocka_unit_test(the_order_does_not_matter),
		cmocka_unit_test(days_begin_at_local_midnight),
		cmocka_unit_test(the_beginning_of_time_is_a_time),
	};

	/* Two hours east of Greenwich; POSIX counts the other way. */
	(void)setenv("TZ", "HERE-2", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
