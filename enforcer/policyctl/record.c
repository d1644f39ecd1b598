/* SPDX-License-Identifier: GPL-2.0-only */
/* record.c - one line of a decision log, taken apart. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "ownership.h"
#include "record.h"
#include "tree.h"
#include "words.h"

/* when, access, operation, rule, verb, profile, generation, comm, exe, pid, uid, gid, cgroup */
#define RECORD_TEXTS 13

const char *record_verdict_name(enum pc_verdict verdict)
{
	static const char *const names[] = { [PC_DENY] = "deny", [PC_AUDIT] = "audit", [PC_ALLOW] = "allow" };

	return names[verdict];
}

static int find_word(const struct word *words, const char *text)
{
	for (; words->name; words++)
		if (strcmp(words->name, text) == 0)
			return words->value;
	return -EINVAL;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Where the text of the name is not all of it, object_hex is. */
static int take_object(struct record *record, const char **ret_why)
{
	const char *text = tree_string(record->tree, "object"),
		   *hex = tree_string(record->tree, "object_hex");
	size_t length = strlen(hex) / 2;
	bool is_hex = strlen(hex) % 2 == 0;

	if (*hex == '\0') {
		record->object = strdup(text);
		record->object_length = strlen(text);
		return record->object ? 0 : -ENOMEM;
	}
	record->object = calloc(1, length + 1);
	if (!record->object)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		is_hex &= high >= 0 && low >= 0;
		record->object[i] = (char)((unsigned int)high << 4 | (unsigned int)low);
	}
	record->object_length = length;
	if (!is_hex)
		*ret_why = "its object_hex is not in hexadecimal";
	return is_hex ? 0 : -EINVAL;
}

/* "1" of a missing number, where that is said. */
static __u64 take_number(yajl_val tree, const char *key, __u64 missing)
{
	yajl_val value = tree_find(tree, key);

	return YAJL_IS_NUMBER(value) ? strtoull(YAJL_GET_NUMBER(value), NULL, 10) : missing;
}

static int take_kind(struct record *record, const char **ret_why)
{
	const char *time = tree_string(record->tree, "time"), *hook = tree_string(record->tree, "hook");
	const char *verdict = tree_string(record->tree, "verdict");
	int hook_number = find_word(section_words, hook), verdict_number = find_word(verdict_words, verdict);

	if (moment_parse(time, &record->time) < 0)
		*ret_why = *time ? "its time is not one" : "it has no time";
	else if (hook_number < 0)
		*ret_why = *hook ? "its hook is unknown" : "it has no hook";
	else if (verdict_number < 0)
		*ret_why = *verdict ? "its verdict is unknown" : "it has no verdict";
	else if (!YAJL_IS_STRING(tree_find(record->tree, "object")))
		*ret_why = "it has no object";
	else {
		record->hook = (enum pc_section_id)hook_number;
		record->verdict = (enum pc_verdict)verdict_number;
		return 0;
	}
	return -EINVAL;
}

static int fill(struct record *record, const char **ret_why)
{
	yajl_val tree = record->tree;
	int r = take_kind(record, ret_why);

	if (r < 0)
		return r;
	record->seq = take_number(tree, "seq", 0);
	record->repeats = take_number(tree, "repeats", 1);
	if (record->repeats == 0)
		record->repeats = 1;
	record->when = tree_string(tree, "time");
	record->access = tree_string(tree, "access");
	record->operation = tree_string(tree, "operation");
	record->rule = tree_string(tree, "rule");
	record->verb = tree_string(tree, "verb");
	record->profile = tree_string(tree, "profile");
	record->generation = tree_string(tree, "generation");
	record->comm = tree_string(tree, "comm");
	record->exe = tree_string(tree, "exe");
	record->pid = tree_number(tree, "pid");
	record->uid = tree_number(tree, "uid");
	record->gid = tree_number(tree, "gid");
	record->cgroup = tree_string(tree, "cgroup");
	record->is_cut = tree_is_true(tree, "object_cut");
	return take_object(record, ret_why);
}

int record_parse(const char *line, size_t length, struct record *ret_record, const char **ret_why)
{
	struct record record = {};
	char error[1]; /* yajl's own words quote the text */
	int r = -EINVAL;

	*ret_why = "it holds a NUL byte";
	if (memchr(line, '\0', length))
		return -EINVAL;
	record.tree = yajl_tree_parse(line, error, sizeof(error));
	*ret_why = "it is no JSON object";
	if (YAJL_IS_OBJECT(record.tree))
		r = *tree_string(record.tree, "error") ? -ENOMSG : fill(&record, ret_why);
	if (r < 0) {
		record_done(&record);
		return r;
	}
	*ret_record = record;
	return 0;
}

char *record_trouble(const char *line)
{
	char error[1], *text = NULL;
	yajl_val tree = yajl_tree_parse(line, error, sizeof(error));

	if (asprintf(&text, "%s portcullisd: %s", tree_string(tree, "time"), tree_string(tree, "error")) < 0)
		text = NULL;
	if (tree)
		yajl_tree_free(tree);
	return text;
}

void record_done(struct record *record)
{
	free(record->object);
	free(record->copied);
	if (record->tree)
		yajl_tree_free(record->tree);
	*record = (struct record){};
}

/* Where a record's texts are pointed to. */
static void list_texts(struct record *record, const char **ret_texts[RECORD_TEXTS])
{
	const char **const texts[RECORD_TEXTS] = {
		&record->when,	     &record->access, &record->operation, &record->rule, &record->verb, &record->profile,
		&record->generation, &record->comm,   &record->exe,	  &record->pid,	 &record->uid,	&record->gid,
		&record->cgroup,
	};

	memcpy(ret_texts, texts, sizeof(texts));
}

static char *copy_bytes(const char *bytes, size_t length, char *out)
{
	memcpy(out, bytes, length);
	out[length] = '\0';
	return out + length + 1;
}

int record_copy(const struct record *record, size_t most, struct record *ret_copy)
{
	struct record copy = *record;
	const char **texts[RECORD_TEXTS];
	size_t size = 0;
	char *room;

	list_texts(&copy, texts);
	for (size_t i = 0; i < RECORD_TEXTS; i++)
		size += strnlen(*texts[i], most) + 1;
	if (copy.object_length > most) {
		copy.object_length = most;
		copy.is_cut = true;
	}
	copy.tree = NULL;
	copy.copied = room = malloc(size);
	copy.object = malloc(copy.object_length + 1);
	if (!copy.copied || !copy.object) {
		free(copy.copied);
		free(copy.object);
		return -ENOMEM;
	}
	for (size_t i = 0; i < RECORD_TEXTS; i++) {
		const char *text = *texts[i];

		*texts[i] = room;
		room = copy_bytes(text, strnlen(text, most), room);
	}
	(void)copy_bytes(record->object, copy.object_length, copy.object);
	*ret_copy = copy;
	return 0;
}
