/* SPDX-License-Identifier: GPL-2.0-only */
/* test_lists.c - [list NAME] and the rules that use one. */
#include "policy_text.h"

static void list_is_one_rule_for_each_object(void **state)
{
	struct result result =
		assert_taken(VERSION "[open]\nnever.read = $secrets\n[list secrets]\nitem = /etc/shadow\n"
				     "item = /**/.ssh/id_*\n");
	const struct rule *rules = result.policy->rules;

	(void)state;
	assert_int_equal(result.policy->rule_count, 2);
	assert_string_equal(rules[0].text, "never.read = /etc/shadow");
	assert_int_equal(rules[0].loc.line, 4);
	assert_int_equal(rules[0].item.line, 6);
	assert_string_equal(rules[1].object.glob, "/**/.ssh/id_*");
	assert_int_equal(rules[1].item.line, 7);
	result_done(&result);
}

static void text_behind_a_list_is_added_to_each_object(void **state)
{
	struct result result = assert_taken(
		VERSION "[list homes]\nitem = /home/*\nitem = /root\n[open]\ndeny = $homes/.ssh/**\n"
			"[connect]\ndeny = $nets port 22 tcp\n[list nets]\nitem = 10.0.0.0/8\n");

	(void)state;
	assert_string_equal(result.policy->rules[0].object.glob, "/home/*/.ssh/**");
	assert_string_equal(result.policy->rules[1].object.glob, "/root/.ssh/**");
	assert_int_equal(result.policy->rules[2].object.ports[0].first, 22);
	assert_string_equal(result.policy->rules[2].text, "deny = 10.0.0.0/8 port 22 tcp");
	result_done(&result);
}

static void unknown_list_is_refused_with_the_nearest(void **state)
{
	(void)state;
	assert_refused(VERSION "[list secrets]\nitem = /x\n[open]\ndeny = $secrts\ndeny = $zzz\ndeny = $\n",
		       "text:6: error: unknown list 'secrts'; did you mean 'secrets'?\n"
		       "text:7: error: unknown list 'zzz'; known: secrets\n"
		       "text:8: error: list name '' is not 1 to 32 letters, digits, '_', '.' or '-'\n");
}

static void lists_do_not_nest(void **state)
{
	(void)state;
	assert_refused(VERSION "[list a]\nitem = $b\n[list b]\nitem = /x\n",
		       "text:4: error: lists hold objects, not lists: '$b' can't stand in [list a]\n");
}

static void wrong_object_of_a_list_is_told_where_it_stands_and_who_used_it(void **state)
{
	(void)state;
	assert_refused(VERSION "[list a]\nitem = /x\nitem = 10.0.0.1\n[open]\ndeny = $a\naudit = $a\n",
		       "text:5: error: '10.0.0.1' is no object of [open]; a path begins with '/'\n"
		       "text:7: note: this rule could not use 1 of 2 objects of [list a]\n"
		       "text:8: note: this rule could not use 1 of 2 objects of [list a]\n");
}

static void empty_list_that_is_used_is_a_warning(void **state)
{
	struct result result = check_text(VERSION "[list a]\n[list b]\n[open]\ndeny = $a\n");

	(void)state;
	assert_int_equal(result.r, 0);
	assert_string_equal(result.text,
			    "text:3: warning: [list a] is empty: rules that use it match nothing\n");
	result_done(&result);
}

static void list_files_are_not_read_offline(void **state)
{
	(void)state;
	assert_refused(VERSION "[list a]\nfile = /etc/passwd\n",
		       "text:4: error: list files are not read offline: '/etc/passwd'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_is_one_rule_for_each_object),
		cmocka_unit_test(text_behind_a_list_is_added_to_each_object),
		cmocka_unit_test(unknown_list_is_refused_with_the_nearest),
		cmocka_unit_test(lists_do_not_nest),
		cmocka_unit_test(wrong_object_of_a_list_is_told_where_it_stands_and_who_used_it),
		cmocka_unit_test(empty_list_that_is_used_is_a_warning),
		cmocka_unit_test(list_files_are_not_read_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
