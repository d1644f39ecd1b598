/* SPDX-License-Identifier: GPL-2.0-only */
/* test_metrics.c - what Prometheus reads says what is the case, whatever names are in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "metrics.h"

static char text_area[] = "\0web";

static char *write_metrics(const struct status_facts *facts)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	metrics_write(facts, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void assert_line(const char *text, const char *line)
{
	const char *found = strstr(text, line);

	assert_non_null(found);
	assert_true(found == text || found[-1] == '\n');
	assert_int_equal(found[strlen(line)], '\n');
}

static void labels_are_escaped(void **state)
{
	struct generation live = {
		.id = 0xabcULL, .text = text_area, .text_size = sizeof(text_area), .name = 1
	};
	struct pc_counters counters = {};
	struct status_facts facts = { .policy_path = "/a\"b\\c\nd\xff\xc3\xbc",
				      .live = &live,
				      .counters = &counters };
	char *text = write_metrics(&facts);

	(void)state;
	assert_line(text, "portcullis_policy_info{name=\"web\",generation=\"0000000000000abc\","
			  "path=\"/a\\\"b\\\\c\\nd\xef\xbf\xbd\xc3\xbc\"} 1");
	free(text);
}

static void numbers_are_exact(void **state)
{
	struct pc_counters counters = { .kernel_threads = 1ULL << 52,
					.own = 12345678901ULL,
					.cache_fills = 7 };
	struct status_facts facts = { .policy_path = "",
				      .counters = &counters,
				      .started = 1795350865123456789ULL,
				      .dead_hook = "open",
				      .reload_time = 1500 };
	char *text;

	(void)state;
	counters.fate[PC_OPEN][PC_AUDIT][PC_DECIDED] = 5;
	counters.fate[PC_OPEN][PC_AUDIT][PC_LOST] = 3;
	counters.trouble[PC_TROUBLE_DEEP] = 2;
	text = write_metrics(&facts);
	assert_line(text, "portcullis_kernel_thread_decisions_total 4503599627370496");
	assert_line(text, "portcullis_own_denials_total 12345678901");
	assert_line(text, "portcullis_decisions_total{hook=\"open\",verdict=\"audit\"} 5");
	assert_line(text, "portcullis_decision_fates_total{fate=\"lost\",hook=\"open\",verdict=\"audit\"} 3");
	assert_line(text, "portcullis_troubles_total{trouble=\"deep\"} 2");
	assert_line(text, "process_start_time_seconds 1795350865.123456");
	assert_line(text, "portcullis_last_reload_duration_seconds 1e-06");
	assert_line(text, "portcullis_hooks_live 0");
	free(text);
}

static void without_a_policy_that_is_what_is_told(void **state)
{
	struct pc_counters counters = {};
	struct status_facts facts = { .policy_path = "/p", .counters = &counters };
	char *text = write_metrics(&facts);

	(void)state;
	assert_line(text, "portcullis_sound 0");
	assert_line(text, "portcullis_mode_effective{hook=\"exec\",mode=\"none\"} 1");
	assert_line(text, "portcullis_mode_asked{hook=\"exec\",mode=\"none\"} 1");
	assert_null(strstr(text, "\nportcullis_policy_info{"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(without_a_policy_that_is_what_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
