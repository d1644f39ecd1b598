/* SPDX-License-Identifier: GPL-2.0-only */
/* test_rule_rows.c - which rules `policyctl rules` shows, and in which order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "moment.h"
#include "ownership.h"
#include "rule_rows.h"

#define HEAD "{\"policy\":\"/p\",\"profiles\":[\"web\"]}\n"

/* Times are days of January 2026. */
static const char rules[] = HEAD
	"{\"rule\":\"/etc/p.ini:1\",\"hook\":\"open\",\"text\":\"busy\",\"hits\":9,\"last\":\"2026-01-20T00:00:00Z\",\"since\":\"2026-01-01T00:00:00Z\"}\n"
	"{\"rule\":\"/etc/p.ini:2\",\"hook\":\"open\",\"text\":\"never\",\"hits\":0,\"since\":\"2026-01-01T00:00:00Z\"}\n"
	"{\"rule\":\"/etc/p.ini:3\",\"hook\":\"exec\",\"text\":\"once\",\"hits\":30,\"last\":\"2026-01-05T00:00:00Z\",\"since\":\"2026-01-01T00:00:00Z\"}\n"
	"{\"rule\":\"/etc/p.ini:4\",\"hook\":\"open\",\"profile\":\"web\",\"text\":\"young\",\"hits\":0,\"since\":\"2026-01-19T00:00:00Z\"}\n"
	"{\"rule\":\"/etc/p.ini:5\",\"hook\":\"open\",\"profile\":\"web\",\"text\":\"fresh\",\"hits\":9,\"last\":\"2026-01-19T12:00:00Z\",\"since\":\"2026-01-19T00:00:00Z\"}\n";

static const struct {
	const char *since; /* NULL: no such filter */
	const char *profile;
	unsigned int hooks;
	bool is_unused;
	unsigned int top;
	const char *shown;
	size_t young;
} cases[] = {
	{ NULL, NULL, 0, false, 0, "busy never once young fresh ", 0 },
	{ NULL, NULL, 0, true, 0, "never young ", 0 },
	{ NULL, NULL, 0, false, 2, "once busy ", 0 },
	{ NULL, NULL, 0, false, 9, "once busy fresh never young ", 0 },
	{ NULL, "web", 0, false, 0, "young fresh ", 0 },
	{ NULL, "web", 0, true, 0, "young ", 0 },
	{ NULL, NULL, 1U << PC_EXEC, false, 0, "once ", 0 },
	{ "2026-01-10T00:00:00Z", NULL, 0, false, 0, "busy fresh ", 0 },
	{ "2026-01-10T00:00:00Z", NULL, 0, false, 1, "busy ", 0 },
	/* It was hit, but not since; of what is younger nothing can be said. */
	{ "2026-01-10T00:00:00Z", NULL, 0, true, 0, "never once ", 1 },
	{ "2026-01-10T00:00:00Z", "web", 0, true, 0, "", 1 },
	{ "2026-01-19T00:00:00Z", NULL, 0, true, 0, "never once young ", 0 },
	{ "2026-01-21T00:00:00Z", NULL, 0, false, 0, "", 0 },
};

static void those_that_are_asked_for_are_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *profile = (char *)cases[i].profile, *text = strdup(rules), shown[256] = "";
		struct filter filter = { .hooks = cases[i].hooks, .profiles = { &profile, profile != NULL } };
		struct rule_choice choice = { &filter, cases[i].is_unused, cases[i].top };
		struct rule_rows rows = {};
		size_t young;

		if (cases[i].since)
			assert_int_equal(moment_parse(cases[i].since, &filter.since), 0);
		assert_int_equal(rule_rows_parse(text, &rows), 0);
		rule_rows_choose(&rows, &choice, &young);
		for (size_t k = 0; k < rows.count; k++) {
			(void)strcat(shown, rows.list[k].text);
			(void)strcat(shown, " ");
		}
		assert_string_equal(shown, cases[i].shown);
		assert_int_equal(young, cases[i].young);
		rule_rows_done(&rows);
		free(text);
	}
}

static void a_row_has_what_people_read(void **state)
{
	char *text = strdup(rules);
	struct rule_rows rows = {};

	(void)state;
	assert_int_equal(rule_rows_parse(text, &rows), 0);
	assert_int_equal(rows.count, 5);
	assert_string_equal(rows.list[4].place, "p.ini:5");
	assert_string_equal(rows.list[4].section, "[open web]");
	assert_string_equal(rows.list[2].section, "[exec]");
	assert_int_equal(rows.list[1].last, 0);
	assert_int_equal(rows.list[0].last / MOMENT_SECOND, 1768867200);
	rule_rows_done(&rows);
	free(text);
}

static void what_no_daemon_of_ours_says_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"{}\n",
		"no json\n",
		HEAD "no json\n",
		HEAD
		"{\"rule\":\"p:1\",\"hook\":\"opne\",\"text\":\"x\",\"hits\":0,\"since\":\"2026-01-01T00:00:00Z\"}\n",
		HEAD "{\"rule\":\"p:1\",\"hook\":\"open\",\"text\":\"x\",\"hits\":0}\n",
		HEAD "{\"rule\":\"p:1\",\"hook\":\"open\",\"text\":\"x\",\"hits\":0,\"since\":\"then\"}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *text = strdup(wrong[i]);
		struct rule_rows rows = {};

		assert_int_equal(rule_rows_parse(text, &rows), -EPROTO);
		assert_null(rows.list);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_that_are_asked_for_are_chosen),
		cmocka_unit_test(a_row_has_what_people_read),
		cmocka_unit_test(what_no_daemon_of_ours_says_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
