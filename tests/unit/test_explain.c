/* SPDX-License-Identifier: GPL-2.0-only */
/* test_explain.c - why a rule decides, and which it beat. */
#include "explain.h"
#include "made.h"

/* "deny = /x < allow = /y (why) …": the deciding rule and what it beat. */
static const char *explain(const struct made *made, enum pc_section_id section, enum pc_kind kind,
			   const char *bytes, unsigned int access)
{
	static char text[1024];
	const size_t lengths[] = { [PC_KIND_IP4] = 4, [PC_KIND_FAMILY] = 1, [PC_KIND_SYSTEM] = 1, [PC_KINDS] = 0 };
	struct question question = {
		section, kind, access, bytes, lengths[kind] ? lengths[kind] : strlen(bytes), 6, 22, 0
	};
	const struct policy *policy = made->result.policy;
	struct explanation found;
	char *end = text;

	assert_int_equal(policy_explain(policy, made->image, &question, &found), 0);
	end += sprintf(end, "%s",
		       found.source == EXPLAIN_RULE      ? policy->rules[found.rule].text
		       : found.source == EXPLAIN_DEFAULT ? "default"
							 : "nothing");
	for (size_t i = 0; i < found.loser_count; i++)
		end += sprintf(end, " < %s (%s)", policy->rules[found.losers[i].rule].text,
			       found.losers[i].why);
	explanation_done(&found);
	return text;
}

static void explain_names_the_winner_and_why_others_lost(void **state)
{
	struct made made = make(
		VERSION
		"[open]\nallow = /d/**\nallow = /d/*/b?\naudit = /d/*/b*\ndeny = /d/*/[a-c]c\n"
		"never.write = /d/**/bc\naudit = /d/*/*c\nallow.read = /e\ndeny = /e\n"
		"[connect]\nallow = any\ndeny = 10.0.0.0/8 port 22\nallow = 10.0.0.0/8\naudit = 10.0.0.0/8 port 22 tcp\n");

	(void)state;
	assert_non_null(made.image);
	assert_string_equal(
		explain(&made, PC_OPEN, PC_KIND_PATH, "/d/x/bc", PC_ACCESS_READ),
		"deny = /d/*/[a-c]c < allow = /d/** (shorter shortest match) < allow = /d/*/b? (more choices) < "
		"audit = /d/*/b* (shorter shortest match) < audit = /d/*/*c (shorter shortest match)");
	assert_string_equal(
		explain(&made, PC_OPEN, PC_KIND_PATH, "/d/x/bc", PC_ACCESS_WRITE),
		"never.write = /d/**/bc < allow = /d/** (never outranks everything) < "
		"allow = /d/*/b? (never outranks everything) < audit = /d/*/b* (never outranks everything) < "
		"deny = /d/*/[a-c]c (never outranks everything) < audit = /d/*/*c (never outranks everything)");
	assert_string_equal(explain(&made, PC_OPEN, PC_KIND_PATH, "/e", PC_ACCESS_READ),
			    "allow.read = /e < deny = /e (without .read or .write)");
	assert_string_equal(explain(&made, PC_OPEN, PC_KIND_PATH, "/f", PC_ACCESS_READ), "default");
	assert_string_equal(explain(&made, PC_EXEC, PC_KIND_JIT, "", PC_ACCESS_READ), "nothing");
	assert_string_equal(
		explain(&made, PC_CONNECT, PC_KIND_IP4, "\x0a\x01\x01\x01", PC_ACCESS_READ),
		"audit = 10.0.0.0/8 port 22 tcp < allow = any (shorter prefix) < "
		"deny = 10.0.0.0/8 port 22 (no protocol given) < allow = 10.0.0.0/8 (more ports)");
	made_done(&made);
}

static void a_word_of_system_is_matched_by_its_own_rules_alone(void **state)
{
	struct made made = make(VERSION "[list l]\nitem = mount\nitem = kexec\n"
					"[system]\ndefault = audit\ndeny = bpf\ndeny = $l\ndeny = mount\n");

	(void)state;
	assert_non_null(made.image);
	assert_string_equal(explain(&made, PC_SYSTEM, PC_KIND_SYSTEM, "\2", PC_ACCESS_READ),
			    "deny = mount < deny = mount (an earlier line says the same)");
	assert_string_equal(explain(&made, PC_SYSTEM, PC_KIND_SYSTEM, "\3", PC_ACCESS_READ), "deny = bpf");
	assert_string_equal(explain(&made, PC_SYSTEM, PC_KIND_SYSTEM, "\6", PC_ACCESS_READ), "deny = kexec");
	assert_string_equal(explain(&made, PC_SYSTEM, PC_KIND_SYSTEM, "\5", PC_ACCESS_READ), "default");
	made_done(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explain_names_the_winner_and_why_others_lost),
		cmocka_unit_test(a_word_of_system_is_matched_by_its_own_rules_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
