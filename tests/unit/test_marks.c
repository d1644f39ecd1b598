/* SPDX-License-Identifier: GPL-2.0-only */
/* test_marks.c - the links that a policy's names pass through, and the marks that tell when they lead elsewhere. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_text.h"

#define TEXT VERSION "[open]\ndeny = /current/**\ndeny = /plain/x\ndeny = /later/x\n[expect]\ndeny = open /current/y read\n"

static char tree[64];

static int make_tree(void **state)
{
	(void)state;
	(void)strcpy(tree, "/tmp/test_marks.XXXXXX");
	assert_non_null(mkdtemp(tree));
	assert_int_equal(chdir(tree), 0);
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(mkdir("a", 0755) | mkdir("b", 0755) | mkdir("plain", 0755), 0);
	assert_int_equal(symlink("a", "current"), 0);
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	(void)unlink("current");
	(void)unlink("later");
	assert_int_equal(rmdir("a") | rmdir("b") | rmdir("plain"), 0);
	assert_int_equal(chdir("/"), 0);
	return rmdir(tree);
}

static struct policy *load(const char *text)
{
	struct policy_options options = { .root = tree };
	struct policy *policy = NULL;
	struct diags d = {};

	assert_int_equal(policy_parse("text", text, strlen(text), &options, &d, &policy), 0);
	diags_done(&d);
	return policy;
}

static struct policy_marks marks(const char *text)
{
	struct policy *policy = load(text);
	struct policy_marks found = policy->marks;

	(void)policy_free(policy);
	return found;
}

static void links_and_missing_names_are_listed_once_and_sorted(void **state)
{
	static const struct {
		const char *name;
		const char *target;
	} expected[] = { { "/a/y", "" }, { "/current", "a" }, { "/later", "" }, { "/plain/x", "" } };
	struct policy *policy = load(TEXT);

	(void)state;
	assert_int_equal(policy->links.count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < policy->links.count; i++) {
		assert_string_equal(policy->links.list[i].name, expected[i].name);
		assert_string_equal(policy->links.list[i].target, expected[i].target);
	}
	(void)policy_free(policy);
}

static void same_reading_has_the_same_marks(void **state)
{
	struct policy_marks first = marks(TEXT), second = marks(TEXT);

	(void)state;
	assert_true(first.text == second.text && first.names == second.names);
}

static void link_that_leads_elsewhere_changes_the_mark_of_names_alone(void **state)
{
	struct policy_marks before = marks(TEXT), after;

	(void)state;
	assert_int_equal(unlink("current") | symlink("b", "current"), 0);
	after = marks(TEXT);
	assert_true(after.text == before.text);
	assert_true(after.names != before.names);
}

static void link_that_leads_to_the_same_by_another_way_changes_nothing(void **state)
{
	struct policy_marks before = marks(TEXT), after;

	(void)state;
	assert_int_equal(unlink("current") | symlink("b/../a", "current"), 0);
	after = marks(TEXT);
	assert_true(after.text == before.text && after.names == before.names);
}

static void link_that_was_missing_changes_the_mark_of_names(void **state)
{
	struct policy_marks before = marks(TEXT), after;

	(void)state;
	assert_int_equal(symlink("b", "later"), 0);
	after = marks(TEXT);
	assert_true(after.names != before.names);
}

static void another_text_has_another_mark(void **state)
{
	struct policy_marks before = marks(TEXT), after = marks(TEXT "; a comment\n");

	(void)state;
	assert_true(after.text != before.text);
	assert_true(after.names == before.names);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_tree, remove_tree)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(links_and_missing_names_are_listed_once_and_sorted),
		TEST(same_reading_has_the_same_marks),
		TEST(link_that_leads_elsewhere_changes_the_mark_of_names_alone),
		TEST(link_that_leads_to_the_same_by_another_way_changes_nothing),
		TEST(link_that_was_missing_changes_the_mark_of_names),
		TEST(another_text_has_another_mark),
	};

	return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
