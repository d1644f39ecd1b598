/* SPDX-License-Identifier: GPL-2.0-only */
/* test_reader.c - lines of policies and list files: what is handed out, every trap of inih refused. */
#include <errno.h>

#include "policy_text.h"
#include "reader.h"

#define BLANKS_30 "                              "
#define BYTES_30 "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct reading {
	struct diags d;
	char lines[4096]; /* "2 [exec]" and "3 deny=/x", one a line */
	const char *errors;
};

static int note_line(void *user, const struct reader_line *line)
{
	struct reading *reading = user;
	size_t used = strlen(reading->lines);

	assert_string_equal(line->loc.file, "text");
	if (line->key)
		(void)snprintf(reading->lines + used, sizeof(reading->lines) - used, "%u %s=%s\n",
			       line->loc.line, line->key, line->value);
	else
		(void)snprintf(reading->lines + used, sizeof(reading->lines) - used, "%u [%s]\n",
			       line->loc.line, line->section);
	return 0;
}

static int note_item(void *user, const struct loc *loc, const char *item)
{
	const struct reader_line line = { .loc = *loc, .section = "", .key = "item", .value = item };

	return note_line(user, &line);
}

static void expect_reading(const char *text, size_t length, const char *lines, const char *errors)
{
	struct reading reading = {};

	assert_int_equal(reader_run("text", text, length, &reading.d, note_line, &reading), 0);
	assert_string_equal(reading.lines, lines);
	assert_string_equal(diags_text(&reading.d), errors);
	diags_done(&reading.d);
}

static void expect_lines(const char *text, const char *lines)
{
	expect_reading(text, strlen(text), lines, "");
}

static void expect_error(const char *text, const char *lines, const char *errors)
{
	expect_reading(text, strlen(text), lines, errors);
}

static void expect_items(const char *text, const char *lines, const char *errors)
{
	struct reading reading = {};

	assert_int_equal(reader_run_items("text", text, strlen(text), &reading.d, note_item, &reading), 0);
	assert_string_equal(reading.lines, lines);
	assert_string_equal(diags_text(&reading.d), errors);
	diags_done(&reading.d);
}

static void sections_and_pairs_are_handed_out_with_their_lines(void **state)
{
	(void)state;
	expect_lines("[exec]\n\ndeny = /x\nallow=/y\n[list a]\nitem\t=\t/z  \n",
		     "1 [exec]\n3 deny=/x\n4 allow=/y\n5 [list a]\n6 item=/z\n");
}

static void empty_section_is_handed_out(void **state)
{
	(void)state;
	expect_lines("[exec]\n[open]\n", "1 [exec]\n2 [open]\n");
}

static void last_line_needs_no_newline(void **state)
{
	(void)state;
	expect_lines("[exec]\ndeny = /x", "1 [exec]\n2 deny=/x\n");
}

static void comment_lines_begin_with_semicolon_or_hash(void **state)
{
	(void)state;
	expect_lines("; a = b\n# c = d\n[exec]\n  ; indented\n\t# too\n \t\ndeny = /x\n",
		     "3 [exec]\n7 deny=/x\n");
}

static void blank_and_semicolon_begin_a_comment_in_a_line(void **state)
{
	(void)state;
	expect_lines("[exec] ; why\ndeny = /x ; why\ndeny = /y\t;why\n", "1 [exec]\n2 deny=/x\n3 deny=/y\n");
}

static void semicolon_without_blank_or_quoted_is_plain(void **state)
{
	(void)state;
	expect_lines("[exec]\ndeny = /x;y\ndeny = /x \\; y\n", "1 [exec]\n2 deny=/x;y\n3 deny=/x \\; y\n");
}

static void comment_cuts_inside_quotation_marks_too(void **state)
{
	(void)state;
	expect_lines("[exec]\ndeny = \"/x ; y\"\n", "1 [exec]\n2 deny=\"/x\n");
}

static void hash_and_equals_are_plain_in_a_value(void **state)
{
	(void)state;
	expect_lines("[exec]\ndeny = /x # y\ndeny = /a=b\ndeny = /a:b\n",
		     "1 [exec]\n2 deny=/x # y\n3 deny=/a=b\n4 deny=/a:b\n");
}

static void line_of_190_bytes_is_taken_whole(void **state)
{
	(void)state;
	expect_lines("[exec]\ndeny = 9/" BYTES_30 BYTES_30 BYTES_30 BYTES_30 BYTES_30 BYTES_30 "x\n",
		     "1 [exec]\n2 deny=9/" BYTES_30 BYTES_30 BYTES_30 BYTES_30 BYTES_30 BYTES_30 "x\n");
}

static void line_of_191_bytes_is_refused_and_its_tail_is_no_key(void **state)
{
	(void)state;
	expect_error(
		"[exec]\ndeny = 9/" BYTES_30 BYTES_30 BYTES_30 BYTES_30 BYTES_30 BYTES_30 "xy\nallow = /z\n",
		"1 [exec]\n3 allow=/z\n",
		"text:2: error: line of 191 bytes, 190 are allowed; a longer object can stand in a list file: file = "
		"NAME in [list NAME]\n");
}

static void long_line_of_blanks_hides_no_key(void **state)
{
	(void)state;
	expect_error(
		"[exec]\ndeny = /x" BLANKS_30 BLANKS_30 BLANKS_30 BLANKS_30 BLANKS_30 BLANKS_30 BLANKS_30
		"allow = /bin/**\n",
		"1 [exec]\n",
		"text:2: error: line of 234 bytes, 190 are allowed; a longer object can stand in a list file: file = "
		"NAME in [list NAME]\n");
}

static void section_name_is_never_cut(void **state)
{
	(void)state;
	expect_error("[connect aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\ndeny = /x\n",
		     "", "text:1: error: section name is too long; 32 bytes of name are allowed\n");
}

static void section_that_stands_twice_is_refused(void **state)
{
	(void)state;
	expect_error("[exec]\n[open]\n[exec]\ndeny = /x\n", "1 [exec]\n2 [open]\n3 [exec]\n4 deny=/x\n",
		     "text:3: error: section [exec] begins in line 1 already; put its keys there\n");
}

static void indented_line_does_not_go_on_with_the_previous_key(void **state)
{
	(void)state;
	expect_error(
		"[exec]\ndeny = /x\n  /y\n\tallow = /z\n", "1 [exec]\n2 deny=/x\n",
		"text:3: error: line is indented; keys and sections begin in the first column, and no line goes on in "
		"the next\n"
		"text:4: error: line is indented; keys and sections begin in the first column, and no line goes on in "
		"the next\n");
}

static void colon_does_not_separate(void **state)
{
	(void)state;
	expect_error("[exec]\ndeny: /x\ndeny : a = b\n", "1 [exec]\n",
		     "text:2: error: only '=' separates key and value: write 'deny = VALUE'\n"
		     "text:3: error: only '=' separates key and value: write 'deny = VALUE'\n");
}

static void text_behind_a_section_is_refused_and_so_are_its_keys(void **state)
{
	(void)state;
	expect_error("[open]\n[exec] deny = /x\nallow = /y\n[connect]\n", "1 [open]\n4 [connect]\n",
		     "text:2: error: text after ']'; the section's keys stand in lines of their own\n");
}

static void blanks_in_a_section_name_are_refused(void **state)
{
	(void)state;
	expect_error("[exec ]\n[ exec]\n[exec  web]\n[exec\tweb]\n", "",
		     "text:1: error: blank beside a bracket; write [NAME] or [KIND NAME]\n"
		     "text:2: error: blank beside a bracket; write [NAME] or [KIND NAME]\n"
		     "text:3: error: one space stands between the words of a section name\n"
		     "text:4: error: one space stands between the words of a section name\n");
}

static void other_mistakes_in_section_headers_are_refused(void **state)
{
	(void)state;
	expect_error("[exec\n[]\n[a;b]\n[a[b]\n", "",
		     "text:1: error: ']' is missing\n"
		     "text:2: error: section without a name\n"
		     "text:3: error: section names hold letters, digits, '_', '.' and '-' only\n"
		     "text:4: error: section names hold letters, digits, '_', '.' and '-' only\n");
}

static void keys_below_a_refused_header_are_still_checked_as_lines(void **state)
{
	(void)state;
	expect_error(
		"[exec\ndeny = /x\nnonsense\n", "",
		"text:1: error: ']' is missing\n"
		"text:3: error: no '=' in 'nonsense'; a line is 'key = value', [section] or a comment\n");
}

static void key_before_the_first_section_is_refused(void **state)
{
	(void)state;
	expect_error("version = 1\n[policy]\n", "2 [policy]\n",
		     "text:1: error: key 'version' stands before the first section\n");
}

static void line_without_key_or_value_is_refused(void **state)
{
	(void)state;
	expect_error("[exec]\n= /x\ndeny =\ndeny = ; /x\n", "1 [exec]\n",
		     "text:2: error: no key before '='\n"
		     "text:3: error: 'deny' has no value\n"
		     "text:4: error: 'deny' has no value\n");
}

static void byte_order_mark_and_crlf_are_taken(void **state)
{
	(void)state;
	expect_lines("\xef\xbb\xbf[exec]\r\ndeny = /x\r\n", "1 [exec]\n2 deny=/x\n");
}

static void second_byte_order_mark_is_text(void **state)
{
	(void)state;
	expect_error(
		"\xef\xbb\xbf\xef\xbb\xbf[exec]\n", "",
		"text:1: error: no '=' in '\xef\xbb\xbf[exec]'; a line is 'key = value', [section] or a comment\n");
}

static void nul_byte_ends_the_reading(void **state)
{
	static const char text[] = "[exec]\ndeny = /x\0y\nallow = /z\n";

	(void)state;
	expect_reading(text, sizeof(text) - 1, "1 [exec]\n",
		       "text:2: error: NUL byte: this is not a text file\n");
}

static void control_bytes_are_refused(void **state)
{
	(void)state;
	expect_error("[exec]\ndeny = /x\ry\ndeny = /\x1b[2J\n; \x7f\n", "1 [exec]\n",
		     "text:2: error: control byte in column 10; in an object it is written \\x0d\n"
		     "text:3: error: control byte in column 9; in an object it is written \\x1b\n"
		     "text:4: error: control byte in column 3; in an object it is written \\x7f\n");
}

static void other_bytes_are_kept(void **state)
{
	(void)state;
	expect_lines("[exec]\ndeny = /\xc3\xa4\xff\n", "1 [exec]\n2 deny=/\xc3\xa4\xff\n");
}

static int stop_at_once(void *user, const struct reader_line *line)
{
	(void)line;
	++*(int *)user;
	return -ENOMEM;
}

static void handler_can_stop_the_reader(void **state)
{
	static const char text[] = "[exec]\ndeny = /x\n";
	struct diags d = {};
	int calls = 0;

	(void)state;
	assert_int_equal(reader_run("text", text, strlen(text), &d, stop_at_once, &calls), -ENOMEM);
	assert_int_equal(calls, 1);
	diags_done(&d);
}

static void items_are_lines_of_a_list_file(void **state)
{
	(void)state;
	expect_items("# feed\n10.0.0.0/8\n\n  /a b \n; c\n/x = y ; SBL1\r\n/c:\\; d",
		     "2 item=10.0.0.0/8\n4 item=/a b\n6 item=/x = y\n7 item=/c:\\; d\n", "");
}

static void item_of_4351_bytes_is_taken_and_one_of_4352_refused(void **state)
{
	struct reading reading = {};
	char text[4351 + 1 + 4352 + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[4351] = '\n';
	assert_int_equal(reader_run_items("text", text, sizeof(text) - 1, &reading.d, note_item, &reading),
			 0);
	assert_true(strlen(reading.lines) == sizeof(reading.lines) - 1);
	assert_string_equal(diags_text(&reading.d), "text:2: error: line of 4352 bytes, 4351 are allowed\n");
	diags_done(&reading.d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_pairs_are_handed_out_with_their_lines),
		cmocka_unit_test(empty_section_is_handed_out),
		cmocka_unit_test(last_line_needs_no_newline),
		cmocka_unit_test(comment_lines_begin_with_semicolon_or_hash),
		cmocka_unit_test(blank_and_semicolon_begin_a_comment_in_a_line),
		cmocka_unit_test(semicolon_without_blank_or_quoted_is_plain),
		cmocka_unit_test(comment_cuts_inside_quotation_marks_too),
		cmocka_unit_test(hash_and_equals_are_plain_in_a_value),
		cmocka_unit_test(line_of_190_bytes_is_taken_whole),
		cmocka_unit_test(line_of_191_bytes_is_refused_and_its_tail_is_no_key),
		cmocka_unit_test(long_line_of_blanks_hides_no_key),
		cmocka_unit_test(section_name_is_never_cut),
		cmocka_unit_test(section_that_stands_twice_is_refused),
		cmocka_unit_test(indented_line_does_not_go_on_with_the_previous_key),
		cmocka_unit_test(colon_does_not_separate),
		cmocka_unit_test(text_behind_a_section_is_refused_and_so_are_its_keys),
		cmocka_unit_test(blanks_in_a_section_name_are_refused),
		cmocka_unit_test(other_mistakes_in_section_headers_are_refused),
		cmocka_unit_test(keys_below_a_refused_header_are_still_checked_as_lines),
		cmocka_unit_test(key_before_the_first_section_is_refused),
		cmocka_unit_test(line_without_key_or_value_is_refused),
		cmocka_unit_test(byte_order_mark_and_crlf_are_taken),
		cmocka_unit_test(second_byte_order_mark_is_text),
		cmocka_unit_test(nul_byte_ends_the_reading),
		cmocka_unit_test(control_bytes_are_refused),
		cmocka_unit_test(other_bytes_are_kept),
		cmocka_unit_test(handler_can_stop_the_reader),
		cmocka_unit_test(items_are_lines_of_a_list_file),
		cmocka_unit_test(item_of_4351_bytes_is_taken_and_one_of_4352_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
