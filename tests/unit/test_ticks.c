/* SPDX-License-Identifier: GPL-2.0-only */
/* test_ticks.c - when a rule was last hit, told from the kernel's clock ticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ticks.h"

#define S 1000000000ULL

/* As the kernel counts them. */
static __u64 ticks_at(unsigned int rate, __u64 uptime)
{
	return (__u32)(-300 * (int)rate) + uptime / (S / 1000) * rate / 1000;
}

static const unsigned int rates[] = { 100, 250, 300, 1000 };
static const __u64 uptimes[] = { 2 * S, 60 * S, 298 * S, 302 * S, 3600 * S, 400 * 86400 * S };

static void the_rate_follows_from_the_uptime(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (size_t k = 0; k < sizeof(uptimes) / sizeof(uptimes[0]); k++) {
			struct ticks ticks = {};

			/* The clocks are not read at once. */
			ticks_take(&ticks, ticks_at(rates[i], uptimes[k]), uptimes[k] + S / 100);
			assert_int_equal(ticks.per_second, rates[i]);
		}
}

static void where_all_rates_agree_the_one_that_is_known_stays(void **state)
{
	struct ticks ticks = {};

	(void)state;
	ticks_take(&ticks, ticks_at(250, 300 * S), 300 * S);
	assert_int_equal(ticks.per_second, 0);
	ticks_take(&ticks, ticks_at(1000, 200 * S), 200 * S);
	ticks_take(&ticks, ticks_at(1000, 300 * S), 300 * S);
	assert_int_equal(ticks.per_second, 1000);
}

static void a_hit_is_as_long_ago_as_its_ticks(void **state)
{
	struct pc_hit hits[] = { { 5, ticks_at(250, 90 * S), 0 }, { 0, 0, 0 }, { 1, ticks_at(250, 100 * S) + 3, 0 } };
	struct ticks ticks = {};

	(void)state;
	ticks_take(&ticks, ticks_at(250, 100 * S), 100 * S);
	/* The host has slept for 900 seconds before. */
	ticks_convert(&ticks, 1000 * S, hits, 3);
	assert_int_equal(hits[0].last, 990 * S);
	assert_int_equal(hits[1].last, 0);
	/* Later than the reading. */
	assert_int_equal(hits[2].last, 1000 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_follows_from_the_uptime),
		cmocka_unit_test(where_all_rates_agree_the_one_that_is_known_stays),
		cmocka_unit_test(a_hit_is_as_long_ago_as_its_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
