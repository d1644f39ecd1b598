/* SPDX-License-Identifier: GPL-2.0-only */
/* record.c - one line of a decision log. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ownership.h"
#include "record.h"
#include "tree.h"

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* −EINVAL: not pairs of hexadecimal digits. */
static int decode_hex(const char *hex, struct record *record)
{
	size_t length = strlen(hex) / 2;
	_cleanup_free_ char *bytes = malloc(length + 1);

	if (!bytes)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (char)(high << 4 | low);
	}
	bytes[length] = '\0';
	record->object = take_ptr(bytes);
	record->object_length = length;
	return hex[2 * length] ? -EINVAL : 0;
}

/* The exact bytes, which the readable name is not where it has others than printable UTF-8. */
static int take_object(yajl_val tree, struct record *record)
{
	const char *hex = tree_string(tree, "object_hex");

	if (*hex)
		return decode_hex(hex, record);
	record->object = strdup(tree_string(tree, "object"));
	if (!record->object)
		return -ENOMEM;
	record->object_length = strlen(record->object);
	return 0;
}

static void take_strings(yajl_val tree, struct record *record)
{
	record->time = tree_string(tree, "time");
	record->hook = tree_string(tree, "hook");
	record->verdict = tree_string(tree, "verdict");
	record->access = tree_string(tree, "access");
	record->operation = tree_string(tree, "operation");
	record->rule = tree_string(tree, "rule");
	record->verb = tree_string(tree, "verb");
	record->profile = tree_string(tree, "profile");
	record->cgroup = tree_string(tree, "cgroup");
	record->program = tree_string(tree, "exe");
	if (!*record->program)
		record->program = tree_string(tree, "comm");
}

static int fill(const char *line, struct record *record, const char **ret_why)
{
	char error[1]; /* yajl's own words speak of its grammar */
	yajl_val tree = yajl_tree_parse(line, error, sizeof(error));
	int r;

	record->tree = tree;
	*ret_why = "the line is no JSON object";
	if (!YAJL_IS_OBJECT(tree))
		return -EINVAL;
	take_strings(tree, record);
	record->is_object_cut = tree_is_true(tree, "object_cut");
	record->uid = (unsigned int)strtoul(tree_number(tree, "uid"), NULL, 10);
	record->gid = (unsigned int)strtoul(tree_number(tree, "gid"), NULL, 10);
	record->repeats = strtoull(tree_number(tree, "repeats"), NULL, 10);
	if (record->repeats == 0)
		record->repeats = 1;
	*ret_why = "the record's object_hex is no hexadecimal number";
	r = take_object(tree, record);
	if (r < 0)
		return r;
	*ret_why = "the record has no hook, verdict or object";
	return *record->hook && *record->verdict && record->object_length > 0 ? 0 : -EINVAL;
}

int record_parse(const char *line, struct record *ret_record, const char **ret_why)
{
	_cleanup_(record_done) struct record record = {};
	int r = fill(line, &record, ret_why);

	if (r < 0)
		return r;
	*ret_record = record;
	record = (struct record){};
	return 0;
}

void record_done(struct record *record)
{
	yajl_tree_free(record->tree);
	free(record->object);
	*record = (struct record){};
}
