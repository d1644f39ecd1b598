/* SPDX-License-Identifier: GPL-2.0-only */
/* test_parse.c - sections, keys and verbs of a policy. */
#include "policy_text.h"

/* ---- [policy] and scalars ---- */

static void smallest_policy_is_audit_mode_and_allows(void **state)
{
	struct result result = assert_taken(VERSION);

	(void)state;
	assert_int_equal(result.policy->mode, PC_MODE_AUDIT);
	assert_null(result.policy->name);
	for (int i = 0; i < PC_SECTIONS; i++) {
		assert_false(result.policy->sections[i].is_given);
		assert_int_equal(result.policy->sections[i].default_verdict, PC_ALLOW);
		assert_null(result.policy->sections[i].scalars[SECTION_DEFAULT].file);
		assert_int_equal(result.policy->sections[i].log, LOG_DENY);
		assert_int_equal(result.policy->sections[i].mode, PC_MODE_AUDIT);
	}
	result_done(&result);
}

static void scalars_of_policy_and_sections_are_read(void **state)
{
	struct result result =
		assert_taken(VERSION "mode = enforce\nname = web-host\n[exec]\ndefault = deny\nlog = all\n"
				     "[open]\nmode = audit\ndefault = audit\nlog = none\n[connect]\n[system]\n"
				     "default = deny\nmode = audit\nlog = all\n");
	const struct section *sections = result.policy->sections;

	(void)state;
	assert_string_equal(result.policy->name, "web-host");
	assert_int_equal(result.policy->mode, PC_MODE_ENFORCE);
	assert_int_equal(sections[PC_EXEC].default_verdict, PC_DENY);
	assert_int_equal(sections[PC_EXEC].scalars[SECTION_DEFAULT].line, 6);
	assert_int_equal(sections[PC_EXEC].log, LOG_ALL);
	assert_int_equal(sections[PC_EXEC].mode, PC_MODE_ENFORCE);
	assert_int_equal(sections[PC_OPEN].mode, PC_MODE_AUDIT);
	assert_int_equal(sections[PC_OPEN].log, LOG_NONE);
	assert_int_equal(sections[PC_OPEN].default_verdict, PC_AUDIT);
	assert_true(sections[PC_CONNECT].is_given);
	assert_int_equal(sections[PC_CONNECT].loc.line, 12);
	assert_int_equal(sections[PC_SYSTEM].default_verdict, PC_DENY);
	assert_int_equal(sections[PC_SYSTEM].mode, PC_MODE_AUDIT);
	assert_int_equal(sections[PC_SYSTEM].log, LOG_ALL);
	result_done(&result);
}

static void section_mode_before_policy_mode_still_wins(void **state)
{
	struct result result = assert_taken("[exec]\nmode = enforce\n[open]\n" VERSION "mode = audit\n");

	(void)state;
	assert_int_equal(result.policy->sections[PC_EXEC].mode, PC_MODE_ENFORCE);
	assert_int_equal(result.policy->sections[PC_OPEN].mode, PC_MODE_AUDIT);
	result_done(&result);
}

static void version_is_required(void **state)
{
	(void)state;
	assert_refused("[exec]\n", "text: error: the version is missing; write version = 1 in [policy]\n");
	assert_refused("\n[policy]\n",
		       "text:2: error: the version is missing; write version = 1 in [policy]\n");
	assert_refused("", "text: error: the version is missing; write version = 1 in [policy]\n");
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	assert_refused("[policy]\nversion = 2\n",
		       "text:2: error: unknown version '2' of the policy language; known: 1\n");
	assert_refused("[policy]\nversion = 01\n",
		       "text:2: error: unknown version '01' of the policy language; known: 1\n");
}

static void scalar_stands_once(void **state)
{
	(void)state;
	assert_refused(VERSION "version = 1\n[exec]\ndefault = deny\ndefault = deny\n",
		       "text:3: error: 'version' of [policy] stands in text:2 already; keep one of them\n"
		       "text:6: error: 'default' of [exec] stands in text:5 already; keep one of them\n");
}

static void wrong_words_are_refused_with_the_nearest(void **state)
{
	(void)state;
	assert_refused(
		VERSION "mode = enforcing\nname = web host\n[exec]\ndefault = dney\nlog = every\nmode = x\n",
		"text:3: error: unknown mode 'enforcing'; did you mean 'enforce'?\n"
		"text:4: error: policy name 'web host' is not 1 to 32 letters, digits, '_', '.' or '-'\n"
		"text:6: error: unknown default 'dney'; did you mean 'deny'?\n"
		"text:7: error: unknown log 'every'; known: deny, all, none\n"
		"text:8: error: unknown mode 'x'; known: audit, enforce\n");
}

static void never_is_no_default(void **state)
{
	(void)state;
	assert_refused(VERSION "[open]\ndefault = never\n",
		       "text:4: error: unknown default 'never'; known: allow, audit, deny\n");
}

/* ---- Sections and keys ---- */

static void unknown_key_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_refused(VERSION "[exec]\nalow = /bin/sh\n",
		       "text:4: error: unknown key 'alow' in [exec]; did you mean 'allow'?\n");
	assert_refused(
		VERSION "[exec]\ncolour = red\n",
		"text:4: error: unknown key 'colour' in [exec]; known: default, log, mode, allow, audit, deny, never\n");
	assert_refused(VERSION "[list a]\nitems = /x\n",
		       "text:4: error: unknown key 'items' in [list a]; did you mean 'item'?\n");
	assert_refused(VERSION "Mode = audit\n",
		       "text:3: error: unknown key 'Mode' in [policy]; did you mean 'mode'?\n");
}

static void unknown_section_is_refused_once_and_its_keys_skipped(void **state)
{
	(void)state;
	assert_refused(
		VERSION "[exce]\nalow = /bin/sh\n[conect]\n[foo bar]\n",
		"text:3: error: unknown section [exce]; did you mean [exec]?\n"
		"text:5: error: unknown section [conect]; did you mean [connect]?\n"
		"text:6: error: unknown section [foo bar]; known: policy, list, exec, open, connect, system, "
		"expect, profile\n");
}

static void sections_without_names_take_none(void **state)
{
	(void)state;
	assert_refused(VERSION "[expect x]\n[list]\n",
		       "text:3: error: [expect x] takes no name; write [expect]\n"
		       "text:4: error: list name '' is not 1 to 32 letters, digits, '_', '.' or '-'\n");
}

static void all_errors_come_in_one_run_in_the_order_of_lines(void **state)
{
	(void)state;
	assert_refused(
		"[policy]\nversion = 1\n[open]\ndeny = $nolist\nalow = /x\ndeny = /a**\n deny = /x\n[open]\n",
		"text:4: error: unknown list 'nolist'; define it: [list nolist]\n"
		"text:5: error: unknown key 'alow' in [open]; did you mean 'allow'?\n"
		"text:6: error: pattern '/a**': '**' must be a whole name, between slashes\n"
		"text:7: error: line is indented; keys and sections begin in the first column, and no line goes on in "
		"the next\n"
		"text:8: error: section [open] begins in line 3 already; put its keys there\n");
}

/* ---- Rules ---- */

static void verbs_and_suffixes_become_rules(void **state)
{
	static const struct {
		const char *text;
		enum pc_rule_verb verb;
		unsigned int access;
		bool access_given;
		enum log_choice log;
	} cases[] = {
		{ "allow = /a", PC_VERB_ALLOW, 3, false, LOG_SECTION },
		{ "audit.read = /b", PC_VERB_AUDIT, 1, true, LOG_SECTION },
		{ "deny.write = /c", PC_VERB_DENY, 2, true, LOG_SECTION },
		{ "never.quiet = /d", PC_VERB_NEVER, 3, false, LOG_QUIET },
		{ "deny.log.read = /e", PC_VERB_DENY, 1, true, LOG_ALWAYS },
		{ "deny.read.write = /f", PC_VERB_DENY, 3, true, LOG_SECTION },
		{ "allow.write.log = /g", PC_VERB_ALLOW, 2, true, LOG_ALWAYS },
	};
	char text[1024] = VERSION "[open]\n";
	struct result result;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		strcat(strcat(text, cases[i].text), "\n");
	result = assert_taken(text);
	assert_int_equal(result.policy->rule_count, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < result.policy->rule_count; i++) {
		const struct rule *rule = &result.policy->rules[i];

		assert_string_equal(rule->text, cases[i].text);
		assert_int_equal(rule->verb, cases[i].verb);
		assert_int_equal(rule->access, cases[i].access);
		assert_int_equal(rule->access_given, cases[i].access_given);
		assert_int_equal(rule->log, cases[i].log);
		assert_int_equal(rule->section, PC_OPEN);
		assert_int_equal(rule->loc.line, 4 + i);
		assert_null(rule->item.file);
	}
	result_done(&result);
}

static void rules_outside_open_ask_for_reading(void **state)
{
	struct result result = assert_taken(VERSION "[exec]\nallow.log = /x\n");

	(void)state;
	assert_int_equal(result.policy->rules[0].access, PC_ACCESS_READ);
	assert_false(result.policy->rules[0].access_given);
	result_done(&result);
	result = assert_taken(VERSION "[system]\nnever.quiet = mount\n");
	assert_int_equal(result.policy->rules[0].section, PC_SYSTEM);
	assert_int_equal(result.policy->rules[0].verb, PC_VERB_NEVER);
	assert_int_equal(result.policy->rules[0].access, PC_ACCESS_READ);
	assert_int_equal(result.policy->rules[0].log, LOG_QUIET);
	result_done(&result);
}

static void wrong_suffixes_are_refused(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[open]\ndeny.raed = /x\ndeny. = /x\ndeny.quiet.log = /x\ndeny.read.read = /x\nallow.x = /x\n"
		"[exec]\ndeny.write = /x\n[system]\ndeny.read = mount\n",
		"text:4: error: unknown suffix '.raed' in 'deny.raed'; did you mean '.read'?\n"
		"text:5: error: unknown suffix '.' in 'deny.'; known: .read, .write, .quiet, .log\n"
		"text:6: error: '.quiet' and '.log' contradict each other in 'deny.quiet.log'\n"
		"text:7: error: '.read' stands twice in 'deny.read.read'\n"
		"text:8: error: unknown suffix '.x' in 'allow.x'; known: .read, .write, .quiet, .log\n"
		"text:10: error: '.write' is for [open] only; write 'deny.write' without it in [exec]\n"
		"text:12: error: '.read' is for [open] only; write 'deny.read' without it in [system]\n");
}

static void any_is_two_rules_of_one_line(void **state)
{
	struct result result = assert_taken(VERSION "[connect]\ndeny = any port 25\n");

	(void)state;
	assert_int_equal(result.policy->rule_count, 2);
	assert_int_equal(result.policy->rules[0].object.kind, PC_KIND_IP4);
	assert_int_equal(result.policy->rules[1].object.kind, PC_KIND_IP6);
	assert_string_equal(result.policy->rules[1].text, "deny = any port 25");
	result_done(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest_policy_is_audit_mode_and_allows),
		cmocka_unit_test(scalars_of_policy_and_sections_are_read),
		cmocka_unit_test(section_mode_before_policy_mode_still_wins),
		cmocka_unit_test(version_is_required),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(scalar_stands_once),
		cmocka_unit_test(wrong_words_are_refused_with_the_nearest),
		cmocka_unit_test(never_is_no_default),
		cmocka_unit_test(unknown_key_is_refused_with_its_line),
		cmocka_unit_test(unknown_section_is_refused_once_and_its_keys_skipped),
		cmocka_unit_test(sections_without_names_take_none),
		cmocka_unit_test(all_errors_come_in_one_run_in_the_order_of_lines),
		cmocka_unit_test(verbs_and_suffixes_become_rules),
		cmocka_unit_test(rules_outside_open_ask_for_reading),
		cmocka_unit_test(wrong_suffixes_are_refused),
		cmocka_unit_test(any_is_two_rules_of_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
