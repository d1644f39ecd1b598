/* SPDX-License-Identifier: GPL-2.0-only */
/* test_pairs.c - a record's line comes apart into what it was made of, and into words that are one line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <cmocka.h>

#include "message.h"
#include "pairs.h"

static const char record[] =
	"{\"seq\":7,\"hook\":\"exec\",\"verdict\":\"audit\",\"object\":\"/srv/a\\\"b\\\\c\\/d\\n\\u001b\\u007f\xc3\xbc\","
	"\"object_cut\":true,\"args\":[\"sh\",\"-c\",\"],}\\\"{[\"],\"ancestors\":[{\"pid\":1,\"comm\":\"a]\"},{\"pid\":2}],"
	"\"rule\":\"/etc/p.ini:5\",\"verb\":\"deny\",\"pid\":4711,\"uid\":0,\"comm\":\"\",\"repeats\":3}";

/* On the heap, so that a byte too far is seen. */
static int split(const char *text, size_t length, struct pairs *pairs, char **ret_line)
{
	char *line = malloc(length ? length : 1);

	memcpy(line, text, length);
	*ret_line = line;
	return pairs_split(line, length, pairs);
}

static void assert_value(const struct pairs *pairs, const char *key, const char *value)
{
	const struct pair *pair = pairs_find(pairs, key);

	assert_non_null(pair);
	assert_int_equal(pair->length, strlen(value));
	assert_memory_equal(pair->value, value, pair->length);
}

static void values_are_those_that_were_written(void **state)
{
	struct pairs pairs;
	char *line;

	(void)state;
	assert_int_equal(split(record, strlen(record), &pairs, &line), 0);
	assert_int_equal(pairs.count, 13);
	assert_value(&pairs, "seq", "7");
	assert_value(&pairs, "object", "/srv/a\"b\\c/d\n\x1b\x7f\xc3\xbc");
	assert_value(&pairs, "object_cut", "true");
	assert_value(&pairs, "args", "[\"sh\",\"-c\",\"],}\\\"{[\"]");
	assert_value(&pairs, "ancestors", "[{\"pid\":1,\"comm\":\"a]\"},{\"pid\":2}]");
	assert_value(&pairs, "comm", "");
	assert_value(&pairs, "repeats", "3");
	assert_null(pairs_find(&pairs, "obj"));
	assert_null(pairs_find(&pairs, "objects"));
	free(line);
}

static void no_beginning_of_a_line_is_a_line(void **state)
{
	struct pairs pairs;
	char *line;

	(void)state;
	for (size_t length = 0; length < strlen(record); length++) {
		assert_int_equal(split(record, length, &pairs, &line), -EBADMSG);
		free(line);
	}
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"{}",
		"[]",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1}x",
		"{\"a\":1,}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u00\"}",
		"{\"a\":\"\\u00zz\"}",
		"{\"a\":\"\\ud834\"}",
		"{ \"a\":1}",
		"{a:1}",
	};
	struct pairs pairs;
	char *line;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(split(texts[i], strlen(texts[i]), &pairs, &line), -EBADMSG);
		free(line);
	}
}

static void too_many_pairs_are_refused(void **state)
{
	struct pairs pairs;
	char text[16 * PAIRS_MAX] = "{\"a\":1", *line;

	(void)state;
	for (size_t i = 1; i < PAIRS_MAX; i++)
		strcat(text, ",\"a\":1");
	strcat(text, "}");
	assert_int_equal(split(text, strlen(text), &pairs, &line), 0);
	free(line);
	strcpy(text + strlen(text) - 1, ",\"a\":1}");
	assert_int_equal(split(text, strlen(text), &pairs, &line), -EBADMSG);
	free(line);
}

static void message_is_one_line_in_words(void **state)
{
	char out[MESSAGE_MAX], *line;
	struct pairs pairs;
	size_t length;

	(void)state;
	assert_int_equal(split(record, strlen(record), &pairs, &line), 0);
	length = message_write(&pairs, out);
	assert_int_equal(length, strlen(out));
	assert_string_equal(out,
			    "would deny exec /srv/a\"b\\c/d\\x0a\\x1b\\x7f\xc3\xbc to [4711], uid 0: deny at "
			    "/etc/p.ini:5, 3 times");
	assert_int_equal(message_level(&pairs), LOG_NOTICE);
	free(line);
}

/* Every value as long as none is. */
static void message_of_long_values_fits(void **state)
{
	static const char *const keys[] = { "verdict", "hook", "access",  "operation", "object", "comm",
					    "pid",     "uid",  "profile", "verb",      "rule",   "repeats" };
	static char value[70000], out[MESSAGE_MAX];
	struct pairs pairs = { .count = sizeof(keys) / sizeof(keys[0]) };

	(void)state;
	for (int byte = 0; byte < 256; byte += 85) {
		memset(value, byte, sizeof(value));
		for (size_t i = 0; i < pairs.count; i++)
			pairs.list[i] = (struct pair){ keys[i], strlen(keys[i]), value, sizeof(value) };
		assert_in_range(message_write(&pairs, out), 1000, MESSAGE_MAX - 1);
		assert_null(strpbrk(out, "\n\r\x1b"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_those_that_were_written),
		cmocka_unit_test(no_beginning_of_a_line_is_a_line),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(too_many_pairs_are_refused),
		cmocka_unit_test(message_is_one_line_in_words),
		cmocka_unit_test(message_of_long_values_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
