/* SPDX-License-Identifier: GPL-2.0-only */
/* test_pattern.c - globs: what they match, what they are refused for, how they rank. */
#include <errno.h>

#include "pattern.h"
#include "policy_text.h"

static const struct loc here = { .file = "text", .line = 3 };

static struct patterns *parse(const char *glob, enum pattern_flavour flavour)
{
	struct patterns *patterns = NULL;
	struct diags d = {};

	assert_int_equal(pattern_parse(glob, flavour, &d, &here, &patterns), 0);
	assert_string_equal(diags_text(&d), "");
	diags_done(&d);
	return patterns;
}

static bool matches(const char *glob, const char *name)
{
	struct patterns *patterns = parse(glob, PATTERN_PATH);
	bool is_match = false;

	for (size_t i = 0; i < patterns->count; i++)
		is_match = is_match || pattern_matches(&patterns->list[i], name, strlen(name));
	patterns_free(patterns);
	return is_match;
}

static void patterns_match_what_the_language_says(void **state)
{
	static const struct {
		const char *glob;
		const char *name;
		bool is_match;
	} cases[] = {
		{ "/etc/passwd", "/etc/passwd", true },
		{ "/etc/passwd", "/etc/passwd2", false },
		{ "/etc/passwd", "/etc", false },
		{ "/d/*", "/d/x", true },
		{ "/d/*", "/d/.x", true },
		{ "/d/*", "/d/x/y", false },
		{ "/d/*", "/d", false },
		{ "/d/**", "/d/x", true },
		{ "/d/**", "/d/x/y", true },
		{ "/d/**", "/d", false },
		{ "/d/", "/d", true },
		{ "/d/", "/d/x/y", true },
		{ "/d/", "/dx", false },
		{ "/", "/", true },
		{ "/", "/x", true },
		{ "/**", "/", false },
		{ "/**", "/x", true },
		{ "/**/x", "/x", true },
		{ "/**/x", "/a/b/x", true },
		{ "/**/x", "/a/bx", false },
		{ "/a/**/x", "/a/x", true },
		{ "/a/**/x", "/ax", false },
		{ "/a/**/x/**", "/a/b/x/c", true },
		{ "/a/**/x/**", "/a/b/x", false },
		{ "/a?c", "/abc", true },
		{ "/a?c", "/a/c", false },
		{ "/a?c", "/ac", false },
		{ "/[a-c]", "/b", true },
		{ "/[a-c]", "/d", false },
		{ "/[!a-c]", "/d", true },
		{ "/[!a-c]", "/b", false },
		{ "/[!a-c]", "/\xc3", true },
		{ "/[]a]", "/]", true },
		{ "/[!]a]", "/]", false },
		{ "/[a-]", "/-", true },
		{ "/[\\]]", "/]", true },
		{ "/[\\x80-\\xff]", "/\xe4", true },
		{ "/[+-9]", "/0", true },
		{ "/\\*", "/*", true },
		{ "/\\*", "/x", false },
		{ "/\\x41", "/A", true },
		{ "/\\[a\\]", "/[a]", true },
		{ "/a\\ b", "/a b", true },
		{ "/{a,b}/c", "/b/c", true },
		{ "/{a,b/{c,d}}/e", "/b/d/e", true },
		{ "/{a,b/{c,d}}/e", "/b/e", false },
		{ "/a{,.bak}", "/a", true },
		{ "/a{,.bak}", "/a.bak", true },
		{ "/{a}", "/a", true },
		{ "/\\{a,b\\}", "/{a,b}", true },
		{ "/a\\,b", "/a,b", true },
		{ "/{a\\,b,c}", "/a,b", true },
		{ "/x{/**,}", "/x", true },
		{ "/x{/**,}", "/x/y", true },
		{ "/*?*?", "/ab", true },
		{ "/*?*?", "/a", false },
		{ "/**/*/**", "/a", false },
		{ "/**/*/**", "/a/b", true },
		{ "/**/*", "/a/b", true },
		{ "/.*", "/.a", true },
		{ "/.*", "/a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (matches(cases[i].glob, cases[i].name) != cases[i].is_match)
			fail_msg("'%s' and '%s' should%s match", cases[i].glob, cases[i].name,
				 cases[i].is_match ? "" : " not");
	}
}

static void wrong_patterns_are_refused_with_the_reason(void **state)
{
	static const char *const cases[][2] = {
		{ "", "does not begin with '/'" },
		{ "etc", "does not begin with '/'" },
		{ "{a,/b}", "does not begin with '/'" },
		{ "//", "has an empty name ('//')" },
		{ "/a//b", "has an empty name ('//')" },
		{ "/{a,}/b", "has an empty name ('//')" },
		{ "/.", "has a '.' or '..', which no canonical name has" },
		{ "/a/../b", "has a '.' or '..', which no canonical name has" },
		{ "/\\./b", "has a '.' or '..', which no canonical name has" },
		{ "/[.]/b", "has a '.' or '..', which no canonical name has" },
		{ "/.[.]", "has a '.' or '..', which no canonical name has" },
		{ "/a**b", "'**' must be a whole name, between slashes" },
		{ "/a**", "'**' must be a whole name, between slashes" },
		{ "/***", "'**' must be a whole name, between slashes" },
		{ "/[a", "'[' without ']'; quote it as '\\['" },
		{ "/[]", "'[' without ']'; quote it as '\\['" },
		{ "/[a\\", "'[' without ']'; quote it as '\\['" },
		{ "/[a/b]", "a class cannot hold '/'" },
		{ "/[z-a]", "a range in a class runs backwards" },
		{ "/[\xc3\xa4]", "a class holds ASCII only; write other bytes as '\\xHH'" },
		{ "/[!\\x01-.0-\\xff]", "a class that no byte is in" },
		{ "/{a", "'{' without '}'; quote it as '\\{'" },
		{ "/a}", "'}' without '{'; quote it as '\\}'" },
		{ "/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
		  "braces expand to more than 64 patterns; use a [list]" },
		{ "/a\\", "ends in a '\\' that quotes nothing" },
		{ "/\\x4", "'\\x' needs two hexadecimal digits" },
		{ "/\\xgg", "'\\x' needs two hexadecimal digits" },
		{ "/\\x00", "'\\x00' is in no name" },
		{ "/\\x2f", "'\\x2f' is in no name" },
		{ "/a\\/b", "a '/' cannot be quoted" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct patterns *patterns = NULL;
		struct diags d = {};
		char expected[512];

		(void)snprintf(expected, sizeof(expected), "text:3: error: pattern '%s': %s\n", cases[i][0],
			       cases[i][1]);
		assert_int_equal(pattern_parse(cases[i][0], PATTERN_PATH, &d, &here, &patterns), -EINVAL);
		assert_string_equal(diags_text(&d), expected);
		assert_null(patterns);
		diags_done(&d);
	}
}

static void a_name_longer_than_any_file_has_is_refused(void **state)
{
	struct patterns *patterns = NULL;
	struct diags d = {};
	char glob[300] = "/";

	(void)state;
	memset(glob + 1, 'a', 255);
	patterns_free(parse(glob, PATTERN_PATH));
	glob[256] = 'a';
	assert_int_equal(pattern_parse(glob, PATTERN_PATH, &d, &here, &patterns), -EINVAL);
	assert_non_null(strstr(diags_text(&d), "has a name of more than 255 bytes, which no file has"));
	diags_done(&d);
}

static void sixty_four_results_are_not_too_many(void **state)
{
	struct patterns *patterns = parse("/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", PATTERN_PATH);

	(void)state;
	assert_int_equal(patterns->count, 64);
	patterns_free(patterns);
}

static void rank_counts_as_the_language_says(void **state)
{
	static const struct {
		const char *glob;
		struct rank rank;
	} cases[] = {
		{ "/etc/passwd", { 11, 11, 11, 0, 0 } }, { "/", { 1, 1, 1, 0, 0 } },
		{ "/d/*", { 3, 4, 3, 254, 1 } },         { "/d/**", { 3, 4, 3, 254, 2 } },
		{ "/d/a*", { 4, 4, 4, 0, 1 } },          { "/**/x", { 1, 2, 2, 0, 1 } },
		{ "/d/a?", { 4, 5, 4, 254, 0 } },        { "/d/[ab]c", { 3, 5, 4, 2, 0 } },
		{ "/d/[a]c", { 5, 5, 5, 0, 0 } },        { "/d/*?*", { 3, 4, 3, 254, 1 } },
		{ "/**/**/*", { 1, 2, 1, 254, 2 } },     { "/**/.*", { 1, 3, 2, 254, 2 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct patterns *patterns = parse(cases[i].glob, PATTERN_PATH);

		if (pattern_rank_compare(&patterns->list[0].rank, &cases[i].rank))
			fail_msg("rank of '%s': {%u %u %u %u %u}", cases[i].glob,
				 patterns->list[0].rank.beginning, patterns->list[0].rank.shortest,
				 patterns->list[0].rank.fixed, patterns->list[0].rank.choices,
				 patterns->list[0].rank.wildcards);
		patterns_free(patterns);
	}
}

static void ways_to_write_the_same_are_one(void **state)
{
	static const char *const cases[][2] = {
		{ "/**/**/x", "/**/x" },
		{ "/a/**/*", "/a/**" },
		{ "/[a]", "/a" },
		{ "/*?", "/?*" },
		{ "/*", "/?*" },
		{ "/**/*/**/x", "/*/**/x" },
		{ "/[!\\x01-`b-\\xff]", "/a" },
		{ "/\\a", "/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct patterns *a = parse(cases[i][0], PATTERN_PATH), *b = parse(cases[i][1], PATTERN_PATH);

		if (a->count != 1 || b->count != 1 || !pattern_is_same(&a->list[0], &b->list[0]))
			fail_msg("'%s' is not '%s'", cases[i][0], cases[i][1]);
		patterns_free(a);
		patterns_free(b);
	}
}

static void a_trailing_slash_is_the_object_and_all_below(void **state)
{
	struct patterns *patterns = parse("/d/", PATTERN_PATH);

	(void)state;
	assert_int_equal(patterns->count, 2);
	assert_int_equal(patterns->list[0].rank.wildcards, 0);
	assert_int_equal(patterns->list[1].items[patterns->list[1].count - 1].type, ITEM_TAIL);
	patterns_free(patterns);
}

static void abstract_names_may_hold_anything(void **state)
{
	static const struct {
		const char *glob;
		const char *name;
		size_t length;
		bool is_match;
	} cases[] = {
		{ "a//b", "a//b", 4, true }, { "..", "..", 2, true },      { "a\\x00b", "a\0b", 3, true },
		{ "a*", "a\0b", 3, true },   { "a*", "a/b", 3, false },    { "a/**", "a/b/c", 5, true },
		{ "**", "x", 1, true },      { "**/x", "a/b/x", 5, true }, { "**/x", "x", 1, true },
		{ "a/", "a/", 2, true },     { "a/", "a/b", 3, false },    { "a?", "a\0", 2, true },
		{ "[!a]", "\0", 1, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct patterns *patterns = parse(cases[i].glob, PATTERN_ABSTRACT);

		if (pattern_matches(&patterns->list[0], cases[i].name, cases[i].length) != cases[i].is_match)
			fail_msg("unix:@%s and case %zu", cases[i].glob, i);
		patterns_free(patterns);
	}
}

static void literals_are_told_from_patterns(void **state)
{
	static const struct {
		const char *glob;
		const char *literal;
	} cases[] = {
		{ "/etc/passwd", "/etc/passwd" },
		{ "/a\\*", "/a*" },
		{ "/\\x41", "/A" },
		{ "/", "/" },
		{ "/a*", NULL },
		{ "/a/", NULL },
		{ "/{a}", NULL },
		{ "/[a]", NULL },
		{ "/a?", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *literal = NULL;
		size_t length = 0;

		assert_int_equal(pattern_literal(cases[i].glob, PATTERN_PATH, &literal, &length),
				 !!cases[i].literal);
		if (cases[i].literal)
			assert_string_equal(literal, cases[i].literal);
		free(literal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_what_the_language_says),
		cmocka_unit_test(wrong_patterns_are_refused_with_the_reason),
		cmocka_unit_test(a_name_longer_than_any_file_has_is_refused),
		cmocka_unit_test(sixty_four_results_are_not_too_many),
		cmocka_unit_test(rank_counts_as_the_language_says),
		cmocka_unit_test(ways_to_write_the_same_are_one),
		cmocka_unit_test(a_trailing_slash_is_the_object_and_all_below),
		cmocka_unit_test(abstract_names_may_hold_anything),
		cmocka_unit_test(literals_are_told_from_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
