/* SPDX-License-Identifier: GPL-2.0-only */
/* test_overlap.c - whether patterns match some name in common, or name something below another. */
#include "overlap.h"
#include "ownership.h"
#include "policy_text.h"

static struct patterns *parse(const char *glob)
{
	struct patterns *patterns;
	struct diags d = {};

	assert_int_equal(pattern_parse(glob, PATTERN_PATH, &d, NULL, &patterns), 0);
	diags_done(&d);
	return patterns;
}

static int overlap(const char *a, const char *b)
{
	_cleanup_(patterns_freep) struct patterns *first = parse(a), *second = parse(b);
	int r = patterns_overlap(first, second);

	assert_int_equal(patterns_overlap(second, first), r);
	return r;
}

static int names_below(const char *glob, const char *below)
{
	_cleanup_(patterns_freep) struct patterns *patterns = parse(glob), *tree = parse(below);

	return patterns_name_below(patterns, &tree->list[0]);
}

static void patterns_overlap_where_one_name_matches_both(void **state)
{
	(void)state;
	assert_int_equal(overlap("/a/b", "/a/b"), 1);
	assert_int_equal(overlap("/a/b", "/a/c"), 0);
	assert_int_equal(overlap("/a/*", "/a/*.pem"), 1);
	assert_int_equal(overlap("/a/*.html", "/**/*.pem"), 0);
	assert_int_equal(overlap("/a/[!.]*", "/**/.env"), 0);
	assert_int_equal(overlap("/a/*", "/**/.env"), 1);
	assert_int_equal(overlap("/a/[0-9]*/x", "/a/*/mem"), 0);
	assert_int_equal(overlap("/a/*/b", "/a/**"), 1);
	assert_int_equal(overlap("/a/*", "/a/b/**"), 0);
	assert_int_equal(overlap("/{a,b}/x", "/{b,c}/x"), 1);
}

static void what_stands_before_the_first_wildcard_is_named(void **state)
{
	(void)state;
	assert_int_equal(names_below("/a/b/secret", "/a/b/**"), 1);
	assert_int_equal(names_below("/a/b/c/**", "/a/b/**"), 1);
	assert_int_equal(names_below("/a/b/*.key", "/a/b/**"), 0);
	assert_int_equal(names_below("/**/.env", "/a/b/**"), 0);
	assert_int_equal(names_below("/a", "/a/b/**"), 0);
	assert_int_equal(names_below("/{x,a/b/c}", "/a/b/**"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_overlap_where_one_name_matches_both),
		cmocka_unit_test(what_stands_before_the_first_wildcard_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
