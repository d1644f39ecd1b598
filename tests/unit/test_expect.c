/* SPDX-License-Identifier: GPL-2.0-only */
/* test_expect.c - lines of [expect]. */
#include "policy_text.h"

static void expectations_are_read(void **state)
{
	struct result result =
		assert_taken(VERSION "[expect]\ndeny = open /etc/shadow read\nallow = open /x\n"
				     "audit = connect 10.1.2.3 port 22 tcp\ndeny = exec anon:\n"
				     "deny = open /a\\x20b write\nallow = connect unix:@x\ndeny = open /\n"
				     "deny = system userns\n");
	const struct expectation *all = result.policy->expectations;

	(void)state;
	assert_int_equal(result.policy->expectation_count, 8);
	assert_int_equal(all[0].verdict, PC_DENY);
	assert_int_equal(all[0].section, PC_OPEN);
	assert_int_equal(all[0].access, PC_ACCESS_READ);
	assert_string_equal(all[0].object.glob, "/etc/shadow");
	assert_string_equal(all[0].text, "deny = open /etc/shadow read");
	assert_int_equal(all[1].access, PC_ACCESS_READ | PC_ACCESS_WRITE);
	assert_int_equal(all[2].verdict, PC_AUDIT);
	assert_int_equal(all[2].object.ports[0].first, 22);
	assert_int_equal(all[2].object.protocol, 6);
	assert_int_equal(all[2].access, PC_ACCESS_READ);
	assert_int_equal(all[3].object.kind, PC_KIND_ANON);
	assert_int_equal(all[4].access, PC_ACCESS_WRITE);
	assert_string_equal(all[5].object.glob, "x");
	assert_int_equal(all[7].section, PC_SYSTEM);
	assert_int_equal(all[7].object.byte, PC_SYSTEM_USERNS);
	assert_int_equal(all[7].access, PC_ACCESS_READ);
	result_done(&result);
}

static void wrong_expectations_are_refused(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[expect]\nnever = open /x\ndeny = opne /x\ndeny = open\ndeny = open /a b\ndeny = exec /a read\n"
		"deny = open /x as web\ndeny = open /x*\ndeny = open $a\n",
		"text:4: error: unknown verdict 'never'; known: allow, audit, deny\n"
		"text:5: error: unknown hook 'opne'; did you mean 'open'?\n"
		"text:6: error: an object is missing; write VERDICT = open OBJECT\n"
		"text:7: error: 'b' is too much; write VERDICT = open OBJECT [read|write], a blank in a name as \\x20\n"
		"text:8: error: 'read' is for open only, not for exec\n"
		"text:9: error: there is no [profile web]\n"
		"text:10: error: an expectation names one object, without wildcards or a closing '/': '/x*'\n"
		"text:11: error: '$a' is no object of [open]; a path begins with '/'\n");
}

static void expectation_names_one_address(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[expect]\ndeny = connect 10.0.0.0/8\ndeny = connect any\ndeny = connect ::1 port 1-2\n"
		"deny = connect unix:**\n",
		"text:4: error: an expectation names one object, without prefixes: '10.0.0.0/8'\n"
		"text:5: error: an expectation names one object, without any: 'any'\n"
		"text:6: error: an expectation names one object, without several ports: '::1 port 1-2'\n"
		"text:7: error: an expectation names one object, without wildcards: 'unix:**'\n");
}

static void expectation_of_system_is_a_word(void **state)
{
	(void)state;
	assert_refused(VERSION "[expect]\ndeny = system\ndeny = system mounts\ndeny = system mount read\n"
			       "deny = sytem mount\ndeny = system mount bpf\n",
		       "text:4: error: an object is missing; write VERDICT = system OBJECT\n"
		       "text:5: error: 'mounts' is no object of [system]; did you mean 'mount'?\n"
		       "text:6: error: 'read' is for open only, not for system\n"
		       "text:7: error: unknown hook 'sytem'; did you mean 'system'?\n"
		       "text:8: error: 'bpf' is too much; write VERDICT = system OBJECT, a blank in a name as \\x20\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expectations_are_read),
		cmocka_unit_test(wrong_expectations_are_refused),
		cmocka_unit_test(expectation_names_one_address),
		cmocka_unit_test(expectation_of_system_is_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
