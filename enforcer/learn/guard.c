/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.c - whether one rule may stand for several sightings. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "learn/guard.h"
#include "network.h"
#include "overlap.h"
#include "ownership.h"

/* A rule that says something else than allow. */
struct objection {
	size_t rule;               /* index of policy->rules */
	struct patterns *patterns; /* NULL: its object has none */
};

struct guard {
	const struct sightings *sightings;
	struct objection *objections; /* owned */
	size_t count;
};

/* No globs that others than component.c wrote: one that is no pattern (−EINVAL) may not be. */
static int parse(const char *glob, enum pc_kind kind, struct patterns **ret_patterns)
{
	struct diags d = {};
	int r = pattern_parse(glob, kind_flavour(kind), &d, NULL, ret_patterns);

	diags_done(&d);
	return r;
}

static void guard_freep(struct guard **guard)
{
	(void)guard_free(*guard);
}

/* Rules by which profiles are chosen say nothing of objects. */
static bool is_objection(const struct policy *policy, const struct rule *rule)
{
	return rule->verb != PC_VERB_ALLOW && rule->section < section_number(1 + policy->profile_count, 0);
}

int guard_new(const struct sightings *sightings, struct guard **ret_guard)
{
	_cleanup_(guard_freep) struct guard *guard = calloc(1, sizeof(*guard));
	const struct policy *policy = sightings->policy;
	int r = 0;

	if (!guard)
		return -ENOMEM;
	guard->sightings = sightings;
	guard->objections = calloc(policy->rule_count + 1, sizeof(*guard->objections));
	if (!guard->objections)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < policy->rule_count; i++) {
		struct objection *next = &guard->objections[guard->count];

		if (!is_objection(policy, &policy->rules[i]))
			continue;
		next->rule = i;
		if (kind_has_patterns(policy->rules[i].object.kind))
			r = rule_patterns(&policy->rules[i], &next->patterns);
		guard->count++;
	}
	if (r < 0)
		return r;
	*ret_guard = take_ptr(guard);
	return 0;
}

struct guard *guard_free(struct guard *guard)
{
	if (!guard)
		return NULL;
	for (size_t i = 0; i < guard->count; i++)
		patterns_free(guard->objections[i].patterns);
	free(guard->objections);
	free(guard);
	return NULL;
}

/* Whether the rule is asked where the sighting was, and is not the one that speaks against it anyway. */
static bool is_asked(const struct guard *guard, const struct objection *objection,
		     const struct sighting *like)
{
	const struct rule *rule = &guard->sightings->policy->rules[objection->rule];
	const struct question *question = &like->question;

	if (rule->object.kind != question->kind || !(rule->access & question->access) ||
	    objection->rule + 1 == like->rule)
		return false;
	return rule->section == question->section ||
	       (question->profile && rule->section == section_number(question->profile, question->section));
}

/* What was seen below, in the same place of the policy, and will not be allowed. */
static bool was_left_below(const struct guard *guard, const struct sighting *like,
			   const struct pattern *below)
{
	for (size_t i = 0; i < guard->sightings->count; i++) {
		const struct sighting *other = guard->sightings->list[i];
		const struct question *a = &other->question, *b = &like->question;

		if (other->class == SIGHTING_PROPOSED || a->profile != b->profile ||
		    a->section != b->section || a->kind != b->kind || a->access != b->access)
			continue;
		if (pattern_matches(below, a->bytes, a->length))
			return true;
	}
	return false;
}

/* Whether a rule matches something that these patterns match too. 1, 0 or −ENOMEM. */
static int is_objected(const struct guard *guard, const struct sighting *like,
		       const struct patterns *patterns)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < guard->count; i++)
		if (is_asked(guard, &guard->objections[i], like))
			r = patterns_overlap(guard->objections[i].patterns, patterns);
	return r;
}

/* Whether the one is about code, and the other about writing files. */
static bool is_code_and_writing(const struct question *a, const struct question *b)
{
	return a->section == PC_EXEC && b->section == PC_OPEN && b->access == PC_ACCESS_WRITE;
}

/* What is written, and what was seen to run, stay apart: or who writes it decides what runs. */
static bool mixes_code_and_writing(const struct guard *guard, const struct sighting *like,
				   const struct pattern *pattern)
{
	for (size_t i = 0; i < guard->sightings->count; i++) {
		const struct question *a = &guard->sightings->list[i]->question, *b = &like->question;

		if (a->kind == b->kind && (is_code_and_writing(a, b) || is_code_and_writing(b, a)) &&
		    pattern_matches(pattern, a->bytes, a->length))
			return true;
	}
	return false;
}

/* All below the directory, which is a glob with a slash at its end. */
static int parse_below(const struct sighting *like, const char *directory, struct patterns **ret_patterns)
{
	_cleanup_free_ char *glob = NULL;

	if (asprintf(&glob, "%s**", directory) < 0)
		return -ENOMEM;
	return parse(glob, like->question.kind, ret_patterns);
}

static int may_below(const struct guard *guard, const struct sighting *like, const struct pattern *below)
{
	for (size_t i = 0; i < guard->count; i++) {
		int r;

		if (!is_asked(guard, &guard->objections[i], like))
			continue;
		r = patterns_name_below(guard->objections[i].patterns, below);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return like->class != SIGHTING_PROPOSED || !was_left_below(guard, like, below);
}

int guard_may(const struct guard *guard, const struct sighting *like, const char *glob, const char *directory)
{
	_cleanup_(patterns_freep) struct patterns *patterns = NULL, *below = NULL;
	int r = parse(glob, like->question.kind, &patterns);

	if (r == 0 && directory)
		r = parse_below(like, directory, &below);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	r = is_objected(guard, like, patterns);
	if (r == 0 && like->class == SIGHTING_PROPOSED)
		r = sensitive_overlap(guard->sightings->sensitive, &like->question, patterns);
	if (r != 0)
		return r < 0 ? r : 0;
	if (like->class == SIGHTING_PROPOSED && mixes_code_and_writing(guard, like, &patterns->list[0]))
		return 0;
	return below ? may_below(guard, like, &below->list[0]) : 1;
}

int guard_may_tree(const struct guard *guard, const struct sighting *like, const char *directory)
{
	_cleanup_(patterns_freep) struct patterns *below = NULL;
	int r = parse_below(like, directory, &below);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	r = is_objected(guard, like, below);
	if (r == 0)
		r = sensitive_below(guard->sightings->sensitive, &like->question, &below->list[0]);
	if (r != 0)
		return r < 0 ? r : 0;
	if (mixes_code_and_writing(guard, like, &below->list[0]))
		return 0;
	return may_below(guard, like, &below->list[0]);
}

/* ---- Networks ---- */

int guard_may_network(const struct guard *guard, const struct sighting *like, unsigned int prefix)
{
	const struct question *question = &like->question;

	for (size_t i = 0; i < guard->count; i++) {
		const struct objection *objection = &guard->objections[i];
		const struct rule *rule = &guard->sightings->policy->rules[objection->rule];
		struct object object = rule->object;

		if (!is_asked(guard, objection, like))
			continue;
		/* Of two networks that have something in common one holds the other. */
		if (object.prefix > prefix)
			object.prefix = prefix;
		if (network_matches(&object, question->bytes, question->class, question->port))
			return 0;
	}
	return like->class != SIGHTING_PROPOSED ||
	       !sensitive_in_network(guard->sightings->sensitive, question, prefix);
}
