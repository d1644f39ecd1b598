/* SPDX-License-Identifier: GPL-2.0-only */
/* test_line.c - what is written as JSON is read back by yajl as it was, whatever bytes are where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <yajl/yajl_tree.h>

#include "text/line.h"
#include "text/swar.h"

static yajl_val parse(struct line *line)
{
	char error[256] = "", *copy;
	const char *text;
	size_t length;
	yajl_val value;

	assert_int_equal(line_end(line, &text, &length), 0);
	copy = strndup(text, length);
	value = yajl_tree_parse(copy, error, sizeof(error));
	if (!value)
		print_error("%s\n%s\n", copy, error);
	assert_non_null(value);
	free(copy);
	return value;
}

static void assert_round_trip(struct line *line, const char *text, size_t length)
{
	const char *path[] = { "key", NULL };
	const char *found;
	yajl_val root;

	line_begin(line);
	line_key_bytes(line, "key", text, length);
	root = parse(line);
	found = YAJL_GET_STRING(yajl_tree_get(root, path, yajl_t_string));
	assert_non_null(found);
	assert_int_equal(strlen(found), length);
	assert_memory_equal(found, text, length);
	yajl_tree_free(root);
}

static void every_byte_is_read_back_wherever_it_is(void **state)
{
	struct line line = {};
	char text[20];

	(void)state;
	for (int byte = 1; byte < 128; byte++)
		for (size_t length = 1; length <= sizeof(text); length++)
			for (size_t at = 0; at < length; at++) {
				memset(text, 'x', sizeof(text));
				text[at] = (char)byte;
				assert_round_trip(&line, text, length);
			}
	assert_round_trip(&line, "", 0);
	assert_round_trip(&line, "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80 \"\xc3\xbc\"", 14);
	line_done(&line);
}

static void a_line_grows_as_needed(void **state)
{
	struct line line = {};
	char text[100000];

	(void)state;
	memset(text, 1, sizeof(text));
	assert_round_trip(&line, text, sizeof(text));
	line_done(&line);
}

static void values_of_all_kinds_have_commas_between_them(void **state)
{
	struct line line = {};
	const char *text;
	size_t length;

	(void)state;
	for (int round = 0; round < 2; round++) {
		line_begin(&line);
		line_key_number(&line, "zero", 0);
		line_key_number(&line, "most", ~0ULL);
		line_key_hex64(&line, "hex", 0xabcULL);
		line_key_bool(&line, "yes", true);
		line_key_bool(&line, "no", false);
		line_key(&line, "list");
		line_open(&line, '[');
		line_string(&line, "a", 1);
		line_number(&line, 10);
		line_open(&line, '{');
		line_close(&line, '}');
		line_open(&line, '{');
		line_key_string(&line, "b", "c");
		line_key_string(&line, "d", "");
		line_close(&line, '}');
		line_close(&line, ']');
		line_key_string(&line, "last", "\"\\\n\x1f");
		assert_int_equal(line_end(&line, &text, &length), 0);
		assert_int_equal(
			length,
			strlen("{\"zero\":0,\"most\":18446744073709551615,\"hex\":\"0000000000000abc\","
			       "\"yes\":true,\"no\":false,\"list\":[\"a\",10,{},{\"b\":\"c\",\"d\":\"\"}],"
			       "\"last\":\"\\\"\\\\\\n\\u001f\"}"));
		assert_memory_equal(
			text,
			"{\"zero\":0,\"most\":18446744073709551615,\"hex\":\"0000000000000abc\","
			"\"yes\":true,\"no\":false,\"list\":[\"a\",10,{},{\"b\":\"c\",\"d\":\"\"}],"
			"\"last\":\"\\\"\\\\\\n\\u001f\"}",
			length);
	}
	line_done(&line);
}

/* Against one byte after the other, for every byte in every place. */
static void eight_bytes_at_once_are_judged_as_one_by_one(void **state)
{
	static const unsigned char limits[] = { 1, 0x20, 0x7f, 0x80 };

	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (size_t at = 0; at < 8; at++) {
			char bytes[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
			uint64_t word;

			bytes[at] = (char)byte;
			word = swar_load(bytes);
			for (size_t i = 0; i < sizeof(limits); i++)
				assert_int_equal(swar_has_below(word, limits[i]), byte < limits[i]);
			assert_int_equal(swar_has(word, '"'), byte == '"');
			assert_int_equal(swar_has(word, '\\'), byte == '\\');
			assert_int_equal(swar_has(word, 0x7f), byte == 0x7f);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_read_back_wherever_it_is),
		cmocka_unit_test(a_line_grows_as_needed),
		cmocka_unit_test(values_of_all_kinds_have_commas_between_them),
		cmocka_unit_test(eight_bytes_at_once_are_judged_as_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
