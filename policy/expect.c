/* SPDX-License-Identifier: GPL-2.0-only */
/* expect.c - lines of [expect]: VERDICT = HOOK OBJECT [read|write] [as NAME]. */
#include <string.h>

#include <portcullis/limits.h>

#include "object.h"
#include "ownership.h"
#include "parser.h"
#include "pattern.h"
#include "words.h"

/* Every second byte of a line is a blank. */
#define WORDS_MAX (PC_LINE_MAX / 2 + 1)

/* A line cut into words; they point into `buf`. */
struct words {
	char buf[PC_LINE_MAX + 1];
	char *list[WORDS_MAX];
	size_t count;
	const char *profile; /* behind `as`; NULL: none */
};

static void words_cut(struct words *words, const char *text)
{
	char *rest = NULL;

	(void)snprintf(words->buf, sizeof(words->buf), "%s", text);
	words->count = 0;
	words->profile = NULL;
	for (char *word = strtok_r(words->buf, " \t", &rest); word && words->count < WORDS_MAX;
	     word = strtok_r(NULL, " \t", &rest))
		words->list[words->count++] = word;
}

/* Takes "as NAME", "read" and "write" off the end; false: reported. */
static bool take_tail(struct parser *parser, struct words *words, struct expectation *expectation)
{
	const struct loc *loc = &expectation->loc;
	const char *last;

	if (words->count > 3 && !strcmp(words->list[words->count - 2], "as")) {
		if (!name_check("profile", words->list[words->count - 1], parser->d, loc))
			return false;
		words->profile = words->list[words->count - 1];
		words->count -= 2;
	}
	last = words->list[words->count - 1];
	expectation->access = PC_ACCESS_READ;
	if (expectation->section == PC_OPEN)
		expectation->access |= PC_ACCESS_WRITE;
	if (words->count < 3 || (strcmp(last, "read") && strcmp(last, "write")))
		return true;
	if (expectation->section != PC_OPEN) {
		diag_add(parser->d, loc, DIAG_ERROR, "'%s' is for open only, not for %s", last,
			 words->list[0]);
		return false;
	}
	expectation->access = strcmp(last, "read") ? PC_ACCESS_WRITE : PC_ACCESS_READ;
	words->count--;
	return true;
}

/* The object's text: the words behind the hook. False: reported. */
static bool join_object(struct parser *parser, const struct words *words,
			const struct expectation *expectation, char *buf, size_t size)
{
	size_t used = 0;

	if (expectation->section != PC_CONNECT && words->count > 2) {
		diag_add(parser->d, &expectation->loc, DIAG_ERROR,
			 "'%s' is too much; write VERDICT = %s OBJECT%s, a blank in a name as \\x20",
			 words->list[2], words->list[0],
			 expectation->section == PC_OPEN ? " [read|write]" : "");
		return false;
	}
	for (size_t i = 1; i < words->count; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i > 1 ? " " : "", words->list[i]);
	return true;
}

/* What makes the object stand for several; NULL: nothing. */
static const char *find_plurality(const struct objects *objects)
{
	const struct object *object = &objects->list[0];
	enum pattern_flavour flavour =
		object->kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
	_cleanup_free_ char *literal = NULL;
	size_t length;

	if (objects->count > 1)
		return "any";
	if (object->kind == PC_KIND_IP4 || object->kind == PC_KIND_IP6) {
		if (object->prefix < (object->kind == PC_KIND_IP4 ? 32U : 128U))
			return "prefixes";
		if (object->port_count > 1 ||
		    (object->port_count && object->ports[0].first != object->ports[0].last))
			return "several ports";
		return NULL;
	}
	if (!object->glob)
		return NULL;
	/* unix:** is kept as "/". */
	if (object->kind == PC_KIND_UNIX_PATH && !strcmp(object->glob, "/"))
		return "wildcards";
	return pattern_literal(object->glob, flavour, &literal, &length) ? NULL
									 : "wildcards or a closing '/'";
}

/* Takes the object over in any case. */
static int keep_expectation(struct parser *parser, struct expectation *expectation, struct object *object,
			    const char *profile, const struct reader_line *line)
{
	struct policy *policy = parser->policy;
	struct expectation *grown =
		array_grow(policy->expectations, policy->expectation_count, sizeof(*grown));

	if (grown)
		policy->expectations = grown;
	expectation->profile_name = profile ? strdup(profile) : NULL;
	if (!grown || (profile && !expectation->profile_name) ||
	    asprintf(&expectation->text, "%s = %s", line->key, line->value) < 0) {
		free(expectation->profile_name);
		object_done(object);
		return -ENOMEM;
	}
	expectation->object = *object;
	grown[policy->expectation_count++] = *expectation;
	return 0;
}

static int take_object(struct parser *parser, struct expectation *expectation, const char *text,
		       const char *profile, const struct reader_line *line)
{
	struct objects objects;
	const char *plurality;
	int r;

	r = object_parse(text, expectation->section, parser->d, &line->loc, &objects);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	plurality = find_plurality(&objects);
	if (plurality) {
		diag_add(parser->d, &line->loc, DIAG_ERROR,
			 "an expectation names one object, without %s: '%s'", plurality, text);
		objects_done(&objects);
		return 0;
	}
	return keep_expectation(parser, expectation, &objects.list[0], profile, line);
}

int parser_take_expectation(struct parser *parser, const struct reader_line *line)
{
	struct expectation expectation = { .loc = line->loc };
	char text[PC_LINE_MAX + 1];
	struct words words;
	int verdict, hook;

	words_cut(&words, line->value);
	verdict = word_parse(verdict_words, "verdict", line->key, parser->d, &line->loc);
	hook = word_parse(section_words, "hook", words.list[0], parser->d, &line->loc);
	if (verdict < 0 || hook < 0)
		return 0;
	expectation.verdict = (enum pc_verdict)verdict;
	expectation.section = (enum pc_section_id)hook;
	if (words.count < 2) {
		diag_add(parser->d, &line->loc, DIAG_ERROR, "an object is missing; write VERDICT = %s OBJECT",
			 words.list[0]);
		return 0;
	}
	if (!take_tail(parser, &words, &expectation) ||
	    !join_object(parser, &words, &expectation, text, sizeof(text)))
		return 0;
	return take_object(parser, &expectation, text, words.profile, line);
}
