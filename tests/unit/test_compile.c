/* SPDX-License-Identifier: GPL-2.0-only */
/* test_compile.c - errors and warnings that only compiling finds. */
#include <malloc.h>

#include "made.h"

static void contradictions_are_errors_that_name_both_lines(void **state)
{
	(void)state;
	assert_diagnostics(
		VERSION "[open]\ndeny = /x\nallow = /x\n", -EINVAL,
		"text:5: error: 'allow = /x' contradicts 'deny = /x' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[open]\ndeny = /{x,y}\nallow.quiet = /[x]\n", -EINVAL,
		"text:5: error: 'allow.quiet = /[x]' contradicts 'deny = /{x,y}' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[open]\ndeny.read = /x\nallow.read = /x\n", -EINVAL,
		"text:5: error: 'allow.read = /x' contradicts 'deny.read = /x' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[exec]\nnever = anon:\nallow = anon:\n", -EINVAL,
		"text:5: error: 'allow = anon:' contradicts 'never = anon:' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[system]\nnever = mount\ndeny = bpf\nallow = mount\n", -EINVAL,
		"text:6: error: 'allow = mount' contradicts 'never = mount' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[connect]\ndeny = 10.0.0.1 port 1,2\nallow = 10.0.0.1 port 1-2\n", -EINVAL,
		"text:5: error: 'allow = 10.0.0.1 port 1-2' contradicts 'deny = 10.0.0.1 port 1,2' at text:4: the same object and access in one section with two verbs\n");
}

static void the_same_object_for_other_access_or_port_is_none(void **state)
{
	(void)state;
	assert_diagnostics(VERSION "[open]\ndeny = /x\nallow.read = /x\n", 0, "");
	assert_diagnostics(VERSION "[open]\ndeny.write = /x\nallow.read = /x\n", 0, "");
	assert_diagnostics(VERSION "[open]\ndeny = /x\n[exec]\nallow = /x\n", 0, "");
	assert_diagnostics(VERSION "[connect]\ndeny = 10.0.0.1 port 1\nallow = 10.0.0.1 port 1 tcp\n", 0, "");
}

static void a_rule_that_never_wins_is_warned_of(void **state)
{
	(void)state;
	assert_diagnostics(
		VERSION "[open]\ndeny = /x\ndeny = /x\n", 0,
		"text:5: warning: 'deny = /x' wins for no object: 'deny = /x' (text:4) covers it\n");
	assert_diagnostics(
		VERSION "[system]\ndeny = bpf\ndeny = bpf\n", 0,
		"text:5: warning: 'deny = bpf' wins for no object: 'deny = bpf' (text:4) covers it\n");
	assert_diagnostics(
		VERSION "[open]\nallow = /a\ndeny.read = /a\naudit.write = /a\n", 0,
		"text:4: warning: 'allow = /a' wins for no object: 'deny.read = /a' (text:5) and 'audit.write = /a' (text:6) cover it\n");
	assert_diagnostics(VERSION "[connect]\nallow = any\ndeny = any tcp\nallow = any 6\n", 0, "");
	assert_diagnostics(
		VERSION "[connect]\nallow = any port 1 tcp\ndeny = any port 1 6\n", 0,
		"text:4: warning: 'allow = any port 1 tcp' wins for no object: 'deny = any port 1 6' (text:5) covers it\n");
}

static void rules_that_multiply_are_named(void **state)
{
	char *text = malloc(1 << 16), *end = text;
	struct made made;

	(void)state;
	end += sprintf(end, VERSION "[open]\nallow = /fine\n");
	for (unsigned int i = 0; i < 400; i++)
		end += sprintf(end, "deny = /d/*x_%u*y\n", i);
	made = make(text);
	assert_int_equal(made.result.r, -EINVAL);
	assert_null(made.image);
	assert_non_null(strstr(made.text, "error: the rules of [open] grow past"));
	assert_non_null(strstr(made.text, "'deny = /d/*x_"));
	assert_null(strstr(made.text, "/fine"));
	made_done(&made);
	free(text);
}

/* Rules of each kind, so that every table of the image is filled. */
static char *text_of_all_kinds(void)
{
	char *text = malloc(1 << 16), *end = text;

	end += sprintf(end, VERSION "[open]\n");
	for (unsigned int i = 0; i < 100; i++)
		end += sprintf(end, "deny = /srv/%u/**/[0-9]*/name-%u\nallow.read = /**/float-%u/*\n", i % 7, i, i);
	end += sprintf(end, "[connect]\ndeny = unix:@abstract\\xff*\n");
	for (unsigned int i = 0; i < 100; i++)
		end += sprintf(end, "deny = 10.%u.0.0/16 port %u-%u tcp\n", i, i + 1, i + 100);
	return text;
}

/* Whatever lies in the memory that it is made in. */
static void the_same_text_gives_the_same_bytes(void **state)
{
	char *text = text_of_all_kinds();
	struct made first, second;

	(void)state;
	first = make(text);
	(void)mallopt(M_PERTURB, 0xa5);
	second = make(text);
	(void)mallopt(M_PERTURB, 0);
	assert_non_null(first.image);
	assert_non_null(second.image);
	assert_int_equal(first.image->size, second.image->size);
	assert_memory_equal(first.image->words, second.image->words, first.image->size);
	made_done(&first);
	made_done(&second);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contradictions_are_errors_that_name_both_lines),
		cmocka_unit_test(the_same_object_for_other_access_or_port_is_none),
		cmocka_unit_test(a_rule_that_never_wins_is_warned_of),
		cmocka_unit_test(rules_that_multiply_are_named),
		cmocka_unit_test(the_same_text_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
