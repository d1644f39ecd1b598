/* SPDX-License-Identifier: GPL-2.0-only */
/* test_holes.c - what a blocklist of programs lets through. */
#include "policy_text.h"

static void blocklist_with_holes_is_a_warning(void **state)
{
	struct result result = check_text(VERSION "[exec]\ndeny = /tmp/**\n");

	(void)state;
	assert_int_equal(result.r, 0);
	assert_string_equal(
		result.text,
		"text:3: warning: [exec] blocks by path but says nothing of anon:, so a copy in a file without a "
		"name runs; add deny = anon:\n"
		"text:3: warning: [exec] blocks by path but says nothing of foreign:, so a copy on a file system "
		"that the host does not mount runs; add deny = foreign:/**\n");
	result_done(&result);
}

static void blocklist_without_holes_and_allowlist_are_none(void **state)
{
	struct result result =
		assert_taken(VERSION "[exec]\ndeny = /tmp/**\nallow = anon:\ndeny = foreign:/**\n");

	(void)state;
	result_done(&result);
	result = assert_taken(VERSION "[exec]\ndefault = deny\ndeny = /tmp/**\nallow = /usr/**\n");
	result_done(&result);
}

static void allowing_what_is_unresolved_lets_file_systems_of_users_in(void **state)
{
	struct result result = check_text(VERSION "[exec]\ndeny = /tmp/**\ndeny = foreign:/**\ndeny = anon:\n"
						  "allow = unresolved:\n");

	(void)state;
	assert_string_equal(
		result.text,
		"text:3: warning: [exec] blocks by path but says nothing of userns:, which is judged as "
		"unresolved:, so a copy on a user's own file system runs; add deny = userns:\n");
	result_done(&result);
	result = assert_taken(VERSION "[exec]\ndeny = /tmp/**\ndeny = foreign:/**\ndeny = anon:\n"
				      "allow = unresolved:\ndeny = userns:\n");
	result_done(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocklist_with_holes_is_a_warning),
		cmocka_unit_test(blocklist_without_holes_and_allowlist_are_none),
		cmocka_unit_test(allowing_what_is_unresolved_lets_file_systems_of_users_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
