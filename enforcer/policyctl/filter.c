/* SPDX-License-Identifier: GPL-2.0-only */
/* filter.c - which records are meant. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "moment.h"
#include "ownership.h"
#include "words.h"

/* ---- Values ---- */

static int add_word(struct filter_words *words, const char *value)
{
	char **grown = array_grow(words->list, words->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	words->list = grown;
	grown[words->count] = strdup(value);
	if (!grown[words->count])
		return -ENOMEM;
	words->count++;
	return 0;
}

static int add_bit(const struct word *words, const char *what, const char *value, struct diags *d,
		   unsigned int *bits)
{
	int r = word_parse(words, what, value, d, NULL);

	if (r < 0)
		return r;
	*bits |= 1U << r;
	return 0;
}

/* Takes the object's contents. */
static int append_object(struct filter_objects *objects, enum pc_section_id hook, struct object *object)
{
	struct filter_object *grown = array_grow(objects->list, objects->count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	objects->list = grown;
	grown[objects->count++] = (struct filter_object){ hook, *object };
	*object = (struct object){};
	return 0;
}

static int add_object_of(struct filter_objects *objects, enum pc_section_id hook, const char *value,
			 struct diags *d)
{
	struct objects parsed = {};
	int r = object_parse(value, hook, d, NULL, &parsed);

	for (size_t i = 0; r == 0 && i < parsed.count; i++)
		r = append_object(objects, hook, &parsed.list[i]);
	objects_done(&parsed);
	return r;
}

/* The hook whose complaint about a wrong object is the helpful one. */
static enum pc_section_id hook_of(const char *value)
{
	if (value[0] == '/' || strncmp(value, "foreign:", strlen("foreign:")) == 0)
		return PC_OPEN;
	if (strpbrk(value, ".:"))
		return PC_CONNECT;
	return PC_SYSTEM;
}

/* An object means the same to each hook whose rules may be written with it. */
static int add_object(struct filter_objects *objects, const char *value, struct diags *d)
{
	size_t before = objects->count;
	int r = 0;

	for (unsigned int hook = 0; hook < PC_SECTIONS && r != -ENOMEM; hook++) {
		struct diags none = {};

		r = add_object_of(objects, hook, value, &none);
		diags_done(&none);
	}
	if (r == -ENOMEM || objects->count > before)
		return r == -ENOMEM ? r : 0;
	return add_object_of(objects, hook_of(value), value, d);
}

static int add_moment(const char *value, struct diags *d, __u64 *moment)
{
	int r = moment_parse_option(value, moment_now(), moment);

	if (r < 0)
		diag_add(
			d, NULL, DIAG_ERROR,
			"'%s' is no time: write how long ago, as 90s, 10m, 2h, 3d or 1w, or a date, as 2026-01-31 or 2026-01-31T08:00:00Z",
			value);
	return r;
}

int filter_add(struct filter *filter, enum args_option kind, const char *value, struct diags *d)
{
	static const struct word verdicts[] = {
		{ "deny", PC_DENY },
		{ "audit", PC_AUDIT },
		{ "allow", PC_ALLOW },
		{ "would-deny", PC_AUDIT },
		{},
	};

	switch (kind) {
	case ARGS_HOOK:
		return add_bit(section_words, "hook", value, d, &filter->hooks);
	case ARGS_VERDICT:
		return add_bit(verdicts, "verdict", value, d, &filter->verdicts);
	case ARGS_PROFILE:
		return add_word(&filter->profiles, value);
	case ARGS_RULE:
		return add_word(&filter->rules, value);
	case ARGS_EXE:
		return add_object_of(&filter->exes, PC_EXEC, value, d);
	case ARGS_OBJECT:
		return add_object(&filter->objects, value, d);
	case ARGS_SINCE:
		return add_moment(value, d, &filter->since);
	case ARGS_UNTIL:
		return add_moment(value, d, &filter->until);
	default:
		return -EINVAL;
	}
}

int filter_from_args(const struct args *args, struct filter *ret_filter)
{
	struct diags d = {};
	int r = 0;

	for (int i = 0; i < args->value_count && r == 0; i++)
		r = filter_add(ret_filter, args->values[i].option, args->values[i].text, &d);
	if (d.count > 0)
		fprintf(stderr, "policyctl: %s\n", d.entries[0].text);
	else if (r < 0)
		fprintf(stderr, "policyctl: %s\n", strerror(-r));
	diags_done(&d);
	return r;
}

/* ---- A line of words ---- */

/* The next word; quotes of both kinds keep blanks in it. NULL: there is none. The text is changed. */
static char *next_word(char **rest)
{
	char *from = *rest + strspn(*rest, " \t"), *to = from, *word = from, quote = '\0';

	if (*from == '\0')
		return NULL;
	for (; *from && (quote || (*from != ' ' && *from != '\t')); from++) {
		if (*from == quote)
			quote = '\0';
		else if (!quote && (*from == '\'' || *from == '"'))
			quote = *from;
		else
			*to++ = *from;
	}
	*rest = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

static int find_kind(const char *word, struct diags *d)
{
	static const struct word kinds[] = {
		{ "hook", ARGS_HOOK },   { "verdict", ARGS_VERDICT }, { "profile", ARGS_PROFILE },
		{ "exe", ARGS_EXE },     { "object", ARGS_OBJECT },   { "rule", ARGS_RULE },
		{ "since", ARGS_SINCE }, { "until", ARGS_UNTIL },     {},
	};

	return word_parse(kinds, "filter", word + (strncmp(word, "--", 2) == 0 ? 2 : 0), d, NULL);
}

int filter_from_line(const char *line, struct diags *d, struct filter *ret_filter)
{
	_cleanup_(filter_done) struct filter filter = {};
	_cleanup_free_ char *copy = strdup(line);
	char *rest = copy, *word, *value;
	int r;

	if (!copy)
		return -ENOMEM;
	while ((word = next_word(&rest))) {
		r = find_kind(word, d);
		if (r < 0)
			return r;
		value = next_word(&rest);
		if (!value) {
			diag_add(d, NULL, DIAG_ERROR, "%s needs a value", word);
			return -EINVAL;
		}
		r = filter_add(&filter, (enum args_option)r, value, d);
		if (r < 0)
			return r;
	}
	*ret_filter = filter;
	filter = (struct filter){};
	return 0;
}

/* ---- Records ---- */

static bool has_word(const struct filter_words *words, const char *text)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->list[i], text) == 0)
			return true;
	return words->count == 0;
}

static bool has_object(const struct filter_objects *objects, enum pc_section_id hook, const char *bytes,
		       size_t length)
{
	struct question question;
	__u8 room[16];

	if (objects->count == 0)
		return true;
	if (!record_question(hook, bytes, length, room, &question))
		return false;
	for (size_t i = 0; i < objects->count; i++)
		if (objects->list[i].hook == hook && object_matches(&objects->list[i].object, &question))
			return true;
	return false;
}

/* "policy.ini:12", of which the folder may be given as well. */
static bool is_place(const char *word)
{
	const char *colon = strrchr(word, ':');

	return colon && colon[1] && colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

static bool is_rule(const char *word, const struct record *record, const char *text)
{
	size_t length = strlen(record->rule), tail = strlen(word);

	if (strcmp(record->rule, word) == 0)
		return true;
	if (is_place(word))
		return tail < length && record->rule[length - tail - 1] == '/' &&
		       strcmp(record->rule + length - tail, word) == 0;
	return strstr(record->rule, word) || (text && strstr(text, word));
}

static bool has_rule(const struct filter *filter, const struct record *record, const struct rulebook *book)
{
	const char *text = filter->rules.count > 0 ? rulebook_text(book, record) : NULL;

	for (size_t i = 0; i < filter->rules.count; i++)
		if (is_rule(filter->rules.list[i], record, text))
			return true;
	return filter->rules.count == 0;
}

bool filter_spans(const struct filter *filter, const struct record *record)
{
	return record->time >= filter->since && (filter->until == 0 || record->time < filter->until);
}

bool filter_matches(const struct filter *filter, const struct record *record, const struct rulebook *book)
{
	return (filter->hooks == 0 || filter->hooks >> record->hook & 1) &&
	       (filter->verdicts == 0 || filter->verdicts >> record->verdict & 1) &&
	       filter_spans(filter, record) && has_word(&filter->profiles, record->profile) &&
	       has_object(&filter->exes, PC_EXEC, record->exe, strlen(record->exe)) &&
	       has_object(&filter->objects, record->hook, record->object, record->object_length) &&
	       has_rule(filter, record, book);
}

static void words_done(struct filter_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
}

static void filter_objects_done(struct filter_objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		object_done(&objects->list[i].object);
	free(objects->list);
}

void filter_done(struct filter *filter)
{
	words_done(&filter->profiles);
	words_done(&filter->rules);
	filter_objects_done(&filter->exes);
	filter_objects_done(&filter->objects);
	*filter = (struct filter){};
}
