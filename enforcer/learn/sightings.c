/* SPDX-License-Identifier: GPL-2.0-only */
/* sightings.c - what records say was asked and not plainly allowed: each object and access once. */
#include <errno.h>
#include <portcullis/limits.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "learn/component.h"
#include "learn/sightings.h"
#include "ownership.h"

static void sighting_free(void *pointer)
{
	struct sighting *sighting = pointer;

	evidence_done(&sighting->evidence);
	free(sighting->bytes);
	free(sighting->object);
	free(sighting);
}

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* By the place in a policy: what differs here is never one rule's. */
static int compare_places(const struct question *a, const struct question *b)
{
	int order = compare_numbers(a->profile, b->profile);

	order = order ? order : compare_numbers(a->section, b->section);
	order = order ? order : compare_numbers(a->kind, b->kind);
	order = order ? order : compare_numbers(a->access, b->access);
	return order ? order : compare_numbers(a->ask, b->ask);
}

static int compare_objects(const struct question *a, const struct question *b)
{
	int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);

	order = order ? order : compare_numbers(a->length, b->length);
	order = order ? order : compare_numbers(a->class, b->class);
	return order ? order : compare_numbers(a->port, b->port);
}

static int compare_keys(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;
	int order = compare_places(&x->question, &y->question);

	return order ? order : compare_objects(&x->question, &y->question);
}

static int compare_reasons(const struct sighting *a, const struct sighting *b)
{
	int order = compare_numbers(a->class, b->class);

	order = order ? order : strcmp(a->why ? a->why : "", b->why ? b->why : "");
	return order ? order : compare_numbers(a->rule, b->rule);
}

bool sighting_has_same_reason(const struct sighting *a, const struct sighting *b)
{
	return compare_reasons(a, b) == 0;
}

bool sighting_is_alike(const struct sighting *a, const struct sighting *b)
{
	return compare_places(&a->question, &b->question) == 0 && compare_reasons(a, b) == 0;
}

static int compare_sightings(const void *a, const void *b)
{
	const struct sighting *x = *(struct sighting *const *)a, *y = *(struct sighting *const *)b;
	int order = compare_places(&x->question, &y->question);

	order = order ? order : compare_reasons(x, y);
	return order ? order : compare_objects(&x->question, &y->question);
}

unsigned int sighting_verdict(const struct sighting *sighting, const struct image *image)
{
	struct question question = sighting->question;
	unsigned int strictest = PC_ALLOW;

	/* Of a raw socket all protocols are asked. */
	do {
		unsigned int verdict = pc_ref_verdict(image_ask(image, &question).ref);

		if (verdict < strictest)
			strictest = verdict;
	} while (sighting->is_raw && ++question.class < PC_CLASSES);
	return strictest;
}

static enum pattern_flavour flavour_of(enum pc_kind kind)
{
	return kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
}

/* Whether the quoted name is an object of the language, and this one alone. 1, 0 or −ENOMEM. */
static int is_exact(const char *glob, const struct question *question)
{
	_cleanup_(patterns_freep) struct patterns *patterns = NULL;
	_cleanup_free_ char *literal = NULL;
	struct diags d = {};
	size_t length;
	int r;

	if (strlen(glob) + strlen("foreign:") > PC_LIST_LINE_MAX)
		return 0;
	r = pattern_parse(glob, flavour_of(question->kind), &d, NULL, &patterns);
	diags_done(&d);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	r = pattern_literal(glob, flavour_of(question->kind), &literal, &length);
	if (r <= 0)
		return r;
	/* As a rule this is everything. */
	if (question->kind != PC_KIND_UNIX_ABSTRACT && strcmp(glob, "/") == 0)
		return 0;
	return length == question->length && memcmp(literal, question->bytes, length) == 0;
}

static bool has_name(enum pc_kind kind)
{
	return kind == PC_KIND_PATH || kind == PC_KIND_FOREIGN || kind == PC_KIND_UNIX_PATH ||
	       kind == PC_KIND_UNIX_ABSTRACT;
}

static int can_be_named(const struct question *question)
{
	_cleanup_free_ char *glob = NULL;
	int r;

	if (!has_name(question->kind))
		return 1;
	r = component_quote(question->bytes, question->length, &glob);
	return r < 0 ? r : is_exact(glob, question);
}

static void take_rule(const struct sightings *sightings, struct sighting *sighting, __u32 number)
{
	/* The default has the first place in the image's table. */
	sighting->rule = number;
	sighting->class = SIGHTING_REVIEW;
	if (sightings->policy->rules[number - 1].verb == PC_VERB_NEVER)
		sighting->class = SIGHTING_LEFT;
}

static int classify(const struct sightings *sightings, struct sighting *sighting)
{
	struct pc_answer answer = image_ask(sightings->image, &sighting->question);
	int r = can_be_named(&sighting->question);

	if (r < 0)
		return r;
	sighting->class = SIGHTING_PROPOSED;
	if (r == 0) {
		sighting->why = "no rule can name it and nothing else";
		sighting->class = SIGHTING_LEFT;
	} else if (answer.ref != PC_REF_NONE && (answer.ref & PC_REF_RULE_MASK) != PC_RULE_DEFAULT) {
		take_rule(sightings, sighting, answer.ref & PC_REF_RULE_MASK);
	} else {
		sighting->why = sensitive_why(sightings->sensitive, &sighting->question);
		if (sighting->why)
			sighting->class = SIGHTING_REVIEW;
	}
	return 0;
}

static int sighting_new(const struct sightings *sightings, const struct past *past,
			const struct record *record, struct sighting **ret_sighting)
{
	struct sighting *sighting = calloc(1, sizeof(*sighting));
	int r;

	if (!sighting)
		return -ENOMEM;
	sighting->question = past->question;
	sighting->is_raw = past->is_raw;
	sighting->bytes = malloc(past->question.length + 1);
	sighting->object = strdup(past->word ? past->word : record->object);
	if (!sighting->bytes || !sighting->object) {
		sighting_free(sighting);
		return -ENOMEM;
	}
	memcpy(sighting->bytes, past->question.bytes, past->question.length);
	sighting->bytes[past->question.length] = '\0';
	sighting->question.bytes = sighting->bytes;
	r = classify(sightings, sighting);
	if (r < 0) {
		sighting_free(sighting);
		return r;
	}
	*ret_sighting = sighting;
	return 0;
}

static int find_or_add(struct sightings *sightings, const struct past *past, const struct record *record,
		       struct sighting **ret_sighting)
{
	struct sighting key = { .question = past->question }, *sighting;
	struct sighting **found = tfind(&key, &sightings->tree, compare_keys);
	int r;

	if (!found) {
		r = sighting_new(sightings, past, record, &sighting);
		if (r < 0)
			return r;
		found = tsearch(sighting, &sightings->tree, compare_keys);
		if (!found) {
			sighting_free(sighting);
			return -ENOMEM;
		}
		sightings->count++;
	}
	*ret_sighting = *found;
	return 0;
}

/* One access of a record, if it is one and the policy does not allow it. */
static int add_access(struct sightings *sightings, const struct record *record, const struct past *past,
		      unsigned int access, struct sighting **ret_sighting)
{
	struct past half = *past; /* its question still points into `past` */
	struct sighting asked = { .is_raw = past->is_raw };
	int r;

	half.question.access = access;
	asked.question = half.question;
	if (!(past->question.access & access) || sighting_verdict(&asked, sightings->image) >= PC_ALLOW)
		return 0;
	r = find_or_add(sightings, &half, record, ret_sighting);
	return r < 0 ? r : evidence_add_record(&(*ret_sighting)->evidence, record);
}

/*
 * A file may not come to a name by which more is allowed than by its old one, so who is to read it by the new name needs
 * that by the old one: where there was no rule yet, nothing of that was recorded.
 */
static void add_move(const struct record *record, struct past *past)
{
	if (record->operation && (strcmp(record->operation, "rename") == 0 || strcmp(record->operation, "link") == 0))
		past->question.access |= PC_ACCESS_READ;
}

int sightings_add(struct sightings *sightings, const struct record *record, const char **ret_why)
{
	struct sighting *read = NULL, *write = NULL;
	struct past past;
	int r;

	r = past_question(record, sightings->policy, &past, ret_why);
	if (r == 0)
		add_move(record, &past);
	if (r == 0)
		r = add_access(sightings, record, &past, PC_ACCESS_READ, &read);
	if (r == 0)
		r = add_access(sightings, record, &past, PC_ACCESS_WRITE, &write);
	if (r < 0)
		return r;
	if (read && write)
		write->shared += record->repeats;
	if (!read && !write)
		sightings->allowed += record->repeats;
	return 0;
}

static void collect(const void *node, VISIT visit, void *userdata)
{
	struct sighting ***next = userdata;

	if (visit == postorder || visit == leaf)
		*(*next)++ = *(struct sighting *const *)node;
}

/* Whether the object was seen to be written to, in any profile. */
static bool was_written(struct sightings *sightings, const struct sighting *sighting)
{
	struct sighting key = { .question = sighting->question };

	key.question.section = PC_OPEN;
	key.question.access = PC_ACCESS_WRITE;
	for (size_t profile = 0; profile <= sightings->policy->profile_count; profile++) {
		key.question.profile = profile;
		if (tfind(&key, &sightings->tree, compare_keys))
			return true;
	}
	return false;
}

static void review_written_code(struct sightings *sightings)
{
	for (size_t i = 0; i < sightings->count; i++) {
		struct sighting *sighting = sightings->list[i];

		if (sighting->class != SIGHTING_PROPOSED || sighting->question.section != PC_EXEC ||
		    !was_written(sightings, sighting))
			continue;
		sighting->class = SIGHTING_REVIEW;
		sighting->why = "it was written to as well, and who writes it decides what runs";
	}
}

int sightings_sort(struct sightings *sightings)
{
	struct sighting **next;

	sightings->list = next = calloc(sightings->count + 1, sizeof(*sightings->list));
	if (!sightings->list)
		return -ENOMEM;
	twalk_r(sightings->tree, collect, &next);
	review_written_code(sightings);
	qsort(sightings->list, sightings->count, sizeof(*sightings->list), compare_sightings);
	return 0;
}

void sightings_done(struct sightings *sightings)
{
	tdestroy(sightings->tree, sighting_free);
	free(sightings->list);
	*sightings = (struct sightings){};
}
