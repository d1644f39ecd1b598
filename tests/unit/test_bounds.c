/* SPDX-License-Identifier: GPL-2.0-only */
/* test_bounds.c - policies made to be a burden: they cost no more than their size, or are refused. */
#include <unistd.h>

#include <portcullis/limits.h>

#include "made.h"

/* Longer than any of these takes by far; what they guard against took hours. */
#define PATIENCE 120

static int start_clock(void **state)
{
	(void)state;
	(void)alarm(PATIENCE);
	return 0;
}

static struct result parse_stream(FILE *out, char **text, const size_t *length)
{
	static const struct policy_options options = { .is_offline = true };
	struct result result = {};

	assert_int_equal(fclose(out), 0);
	result.r = policy_parse("text", *text, *length, &options, &result.d, &result.policy);
	free(*text);
	return result;
}

static void more_mistakes_than_anybody_reads_are_counted(void **state)
{
	struct result result;
	char *text, last[256];
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	fputs(VERSION "[open]\n", out);
	for (unsigned int i = 0; i < PC_DIAGS_MAX + 50; i++)
		fprintf(out, "deny = x%u\n", i);
	result = parse_stream(out, &text, &length);
	assert_int_equal(result.r, -EINVAL);
	assert_int_equal(result.d.count, PC_DIAGS_MAX);
	assert_int_equal(result.d.errors, PC_DIAGS_MAX + 50);
	out = open_memstream(&text, &length);
	diags_print(&result.d, out);
	assert_int_equal(fclose(out), 0);
	text[length - 1] = '\0';
	(void)snprintf(last, sizeof(last), "%s", strrchr(text, '\n') + 1);
	free(text);
	assert_string_equal(last, "note: 50 more errors, warnings and notes are not shown");
	result_done(&result);
}

static void as_many_lists_as_lines_are_no_burden(void **state)
{
	struct result result;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	fputs(VERSION, out);
	for (unsigned int i = 0; i < 300000; i++)
		fprintf(out, "[list %u]\n", i);
	fputs("item = /a\n[open]\ndeny = $299999\n", out);
	result = parse_stream(out, &text, &length);
	assert_int_equal(result.r, 0);
	assert_int_equal(result.policy->rule_count, 1);
	result_done(&result);
}

/* 200 objects of 4,300 bytes, used 100 times: 86 MB from a text of one. */
static void a_list_used_often_does_not_fill_the_memory(void **state)
{
	struct result result;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	fputs(VERSION "[list l]\n", out);
	for (unsigned int i = 0; i < 200; i++) {
		fprintf(out, "item = /%03u", i);
		for (unsigned int k = 0; k < 43; k++)
			fprintf(out, "\nmore = /%098u", k);
		fputc('\n', out);
	}
	fputs("[open]\n", out);
	for (unsigned int i = 0; i < 100; i++)
		fputs("deny = $l\n", out);
	result = parse_stream(out, &text, &length);
	assert_int_equal(result.r, -EINVAL);
	assert_string_equal(
		diags_text(&result.d),
		"text:8883: error: more than 67108864 bytes of rules, lists written out; shorten the lists "
		"or use wildcards and prefixes\n");
	result_done(&result);
}

/* Entries of the table of so many literal names, and of floating ones beside them. */
static size_t table_entries(unsigned int literals, unsigned int floating)
{
	struct result result;
	struct image *image;
	char *text;
	size_t length, count;
	FILE *out = open_memstream(&text, &length);

	fputs(VERSION "[open]\n", out);
	for (unsigned int i = 0; i < literals; i++)
		fprintf(out, "deny = /srv/data%u/a-%x-name\n", i % 50, i * 2654435761U);
	for (unsigned int i = 0; i < floating; i++)
		fprintf(out, "deny = /**/%c-secret-%u\n", 'a' + i, i);
	result = parse_stream(out, &text, &length);
	assert_int_equal(image_compile(result.policy, &result.d, &image), 0);
	count = image_header(image)->table.count;
	image_free(image);
	result_done(&result);
	return count;
}

static void floating_names_cost_little_beside_many_literal_ones(void **state)
{
	size_t alone = table_entries(2000, 0), both = table_entries(2000, 20);

	(void)state;
	/* A row of its own for each state would hold the first letters of all of them, and a way to each. */
	assert_true(both < 2 * alone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(floating_names_cost_little_beside_many_literal_ones, start_clock),
		cmocka_unit_test_setup(more_mistakes_than_anybody_reads_are_counted, start_clock),
		cmocka_unit_test_setup(as_many_lists_as_lines_are_no_burden, start_clock),
		cmocka_unit_test_setup(a_list_used_often_does_not_fill_the_memory, start_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
