/* SPDX-License-Identifier: GPL-2.0-only */
/* test_moment.c - times of records and of command lines. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* 2026-01-31T08:00:00Z */
#define SOME (1769846400ULL * MOMENT_SECOND)

static void times_are_parsed_to_the_nanosecond(void **state)
{
	static const struct {
		const char *text;
		__u64 moment;
	} cases[] = {
		{ "2026-01-31T08:00:00Z", SOME },
		{ "2026-01-31 08:00:00z", SOME },
		{ "2026-01-31T08:00:00.000000001Z", SOME + 1 },
		{ "2026-01-31T08:00:00.5Z", SOME + MOMENT_SECOND / 2 },
		{ "2026-01-31T08:00:00.1234567899Z", SOME + 123456789 },
		{ "2026-01-31T09:30:00+01:30", SOME },
		{ "2026-01-30T23:00:00-09:00", SOME },
		{ "2026-01-31T10:00:00", SOME }, /* local: see main */
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2024-02-29T00:00:00Z", 1709164800ULL * MOMENT_SECOND },
	};
	__u64 moment;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(moment_parse(cases[i].text, &moment), 0);
		assert_int_equal(moment, cases[i].moment);
	}
}

static void other_texts_are_no_times(void **state)
{
	static const char *const texts[] = {
		"",
		"now",
		"2026-01-31",
		"2026-01-31T08:00",
		"2026-01-31T08:00:00X",
		"2026-01-31T08:00:00Z ",
		" 2026-01-31T08:00:00Z",
		"2026-13-31T08:00:00Z",
		"2026-01-31T25:00:00Z",
		"2026-01-31T08:00:00+1:00",
		"2026-01-31T08:00:00+01:00x",
		"1969-12-31T23:59:59Z",
		"9999-01-31T08:00:00Z",
		"26-01-31T08:00:00Z",
		"2026-01-31T08:00:00.Z",
	};
	__u64 moment = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(moment_parse(texts[i], &moment), -EINVAL);
	assert_int_equal(moment, 7);
}

static void options_may_be_relative_or_a_day(void **state)
{
	static const struct {
		const char *text;
		__u64 moment;
	} cases[] = {
		{ "0s", SOME },
		{ "90s", SOME - 90 * MOMENT_SECOND },
		{ "10m", SOME - 600 * MOMENT_SECOND },
		{ "2h", SOME - 7200 * MOMENT_SECOND },
		{ "3d", SOME - 259200 * MOMENT_SECOND },
		{ "1w", SOME - 604800 * MOMENT_SECOND },
		{ "999999w", 0 },
		{ "2026-01-31", SOME - 10 * 3600 * MOMENT_SECOND },
		{ "2026-01-31T08:00:00Z", SOME },
	};
	static const char *const wrong[] = { "",     "m",  "10",           "10 m",       "-10m",
					     "10mm", "1y", "99999999999d", "2026-01-32", "2026-1-31" };
	__u64 moment;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(moment_parse_option(cases[i].text, SOME, &moment), 0);
		assert_int_equal(moment, cases[i].moment);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(moment_parse_option(wrong[i], SOME, &moment), -EINVAL);
}

static void people_are_shown_local_time(void **state)
{
	char text[MOMENT_TEXT_MAX];

	(void)state;
	moment_format(SOME, "%F %T", text);
	assert_string_equal(text, "2026-01-31 10:00:00");
}

static void spans_are_told_in_their_two_largest_units(void **state)
{
	static const struct {
		__u64 seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" }, { 59, "59 s" }, { 61, "1 min 1 s" }, { 7260, "2 h 1 min" }, { 90000, "1 d 1 h" },
	};
	char text[MOMENT_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		moment_format_span(cases[i].seconds * MOMENT_SECOND, text);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_parsed_to_the_nanosecond),
		cmocka_unit_test(other_texts_are_no_times),
		cmocka_unit_test(options_may_be_relative_or_a_day),
		cmocka_unit_test(people_are_shown_local_time),
		cmocka_unit_test(spans_are_told_in_their_two_largest_units),
	};

	/* Two hours east of Greenwich; POSIX counts the other way. */
	(void)setenv("TZ", "HERE-2", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
