/* SPDX-License-Identifier: GPL-2.0-only */
/* explain.c - why a question is answered as it is: the deciding rule, and the rules that it beat. */
#include <string.h>

#include "compiler.h"
#include "explain.h"
#include "network.h"
#include "object.h"
#include "ownership.h"

/* How a rule ranks for the object asked about. */
struct standing {
	bool is_match;
	struct rank rank; /* of its best pattern that matches */
	struct network_rank network;
};

/* The sections that are asked. */
enum layer {
	LAYER_HOST,
	LAYER_PROFILE,
	LAYERS,
};

/* LAYERS: the rule is in neither. */
static enum layer layer_of(const struct rule *rule, const struct question *question)
{
	if (rule->section == question->section)
		return LAYER_HOST;
	return question->profile && rule->section == section_number(question->profile, question->section) ? LAYER_PROFILE
													   : LAYERS;
}

static int match_patterns(const struct rule *rule, const struct question *question, struct standing *standing)
{
	struct patterns *patterns;
	int r;

	r = rule_patterns(rule, &patterns);
	if (r < 0)
		return r;
	for (size_t i = 0; i < patterns->count; i++) {
		const struct pattern *pattern = &patterns->list[i];

		if (!pattern_matches(pattern, question->bytes, question->length))
			continue;
		if (!standing->is_match || pattern_rank_compare(&pattern->rank, &standing->rank) < 0)
			standing->rank = pattern->rank;
		standing->is_match = true;
	}
	patterns_free(patterns);
	return 0;
}

static int find_standing(const struct rule *rule, const struct question *question,
			 struct standing *ret_standing)
{
	*ret_standing = (struct standing){};
	if (layer_of(rule, question) == LAYERS || !(rule->access & question->access))
		return 0;
	if (rule->object.kind != question->kind) {
		/* Whose name can't be told is judged by all rules, each as if it spoke of it. */
		ret_standing->is_match = question->kind == PC_KIND_UNRESOLVED;
		return 0;
	}
	if (kind_has_patterns(rule->object.kind))
		return match_patterns(rule, question, ret_standing);
	if (rule->object.kind == PC_KIND_IP4 || rule->object.kind == PC_KIND_IP6)
		ret_standing->network = network_rank(&rule->object);
	ret_standing->is_match = object_matches(&rule->object, question);
	return 0;
}

static const char *verb_difference(enum pc_rule_verb verb, enum pc_rule_verb winner)
{
	if (verb == PC_VERB_ALLOW)
		return winner == PC_VERB_DENY ? "allow ranks below deny" : "allow ranks below audit";
	return "audit ranks below deny";
}

static const char *rank_difference(const struct standing *own, const struct standing *winner)
{
	const struct rank *a = &own->rank, *b = &winner->rank;

	if (own->network.prefix != winner->network.prefix)
		return "shorter prefix";
	if (own->network.ports != winner->network.ports)
		return "more ports";
	if (own->network.is_protocol_given != winner->network.is_protocol_given)
		return "no protocol given";
	if (a->beginning != b->beginning)
		return "shorter fixed beginning";
	if (a->shortest != b->shortest)
		return "shorter shortest match";
	if (a->fixed != b->fixed)
		return "fewer fixed bytes";
	if (a->choices != b->choices)
		return "more choices";
	if (a->wildcards != b->wildcards)
		return "more wildcards";
	return NULL;
}

/* Why one rule lost to another one in the same half. */
static const char *difference(const struct policy *policy, size_t rule, const struct standing *own,
			      size_t winner, const struct standing *other)
{
	const struct rule *a = &policy->rules[rule], *b = &policy->rules[winner];
	const char *why;

	why = rank_difference(own, other);
	if (why)
		return why;
	if (a->access_given != b->access_given)
		return "without .read or .write";
	if (a->verb != b->verb)
		return verb_difference(a->verb, b->verb);
	return "an earlier line says the same";
}

/* The rule behind a reference; false: none, or the default. */
static bool find_rule(__u32 ref, size_t *ret_rule)
{
	__u32 number = ref & PC_REF_RULE_MASK;

	if (ref == PC_REF_NONE || number == PC_RULE_DEFAULT)
		return false;
	*ret_rule = number - rule_number(0);
	return true;
}

/* What all the losers are measured by. */
struct judge {
	const struct policy *policy;
	const struct question *question;
	struct pc_cell cells[LAYERS];
	size_t rule; /* that decided, if `has_rule` */
	bool has_rule;
};

/* Why a rule that matches did not decide. */
static int judge_loser(struct judge *judge, size_t rule, const struct standing *own, const char **ret_why)
{
	const struct rule *loser = &judge->policy->rules[rule];
	enum layer layer = layer_of(loser, judge->question);
	unsigned int slots = rule_slots(loser);
	struct standing other;
	size_t winner;
	int r;

	*ret_why = "the default is stricter";
	if (judge->question->kind == PC_KIND_UNRESOLVED) {
		if (judge->has_rule)
			*ret_why = "not the strictest, or a rule names unresolved:";
		return 0;
	}
	if (judge->has_rule && judge->policy->rules[judge->rule].verb == PC_VERB_NEVER &&
	    loser->verb != PC_VERB_NEVER) {
		*ret_why = "never outranks everything";
		return 0;
	}
	if (judge->has_rule && layer == LAYER_HOST && layer_of(&judge->policy->rules[judge->rule], judge->question) == LAYER_PROFILE) {
		*ret_why = "the profile's rules go first";
		return 0;
	}
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		unsigned int half = slot < SLOT_WRITE ? PC_ACCESS_READ : PC_ACCESS_WRITE;

		if (!(slots & 1U << slot) || !(judge->question->access & half) ||
		    !find_rule(*cell_slot(&judge->cells[layer], slot), &winner))
			continue;
		if (winner == rule && layer == LAYER_PROFILE && judge->has_rule &&
		    layer_of(&judge->policy->rules[judge->rule], judge->question) == LAYER_HOST) {
			*ret_why = "a host-wide answer is stricter";
			continue;
		}
		if (winner == rule) {
			*ret_why = half == PC_ACCESS_READ
					   ? "for reading; writing is answered more strictly"
					   : "for writing; reading is answered no less strictly";
			continue;
		}
		r = find_standing(&judge->policy->rules[winner], judge->question, &other);
		if (r < 0)
			return r;
		*ret_why = difference(judge->policy, rule, own, winner, &other);
		if (judge->has_rule && winner == judge->rule)
			return 0;
	}
	return 0;
}

static int add_losers(struct judge *judge, struct explanation *explanation)
{
	size_t room = 0;
	int r;

	for (size_t i = 0; i < judge->policy->rule_count; i++) {
		struct explain_loser loser = { .rule = i };
		struct standing own;

		if (judge->has_rule && i == judge->rule)
			continue;
		r = find_standing(&judge->policy->rules[i], judge->question, &own);
		if (r < 0)
			return r;
		if (!own.is_match)
			continue;
		r = judge_loser(judge, i, &own, &loser.why);
		if (r == 0)
			r = array_reserve(&explanation->losers, &room, explanation->loser_count + 1,
					  sizeof(*explanation->losers));
		if (r < 0)
			return r;
		explanation->losers[explanation->loser_count++] = loser;
	}
	return 0;
}

/* Of equally strict defaults the profile's is named. */
static unsigned int section_of(const struct policy *policy, const struct question *question,
			       const struct explanation *explanation)
{
	unsigned int section = question->profile ? section_number(question->profile, question->section) : 0;

	if (explanation->source == EXPLAIN_RULE)
		return policy->rules[explanation->rule].section;
	if (question->profile && policy->sections[section].default_verdict == explanation->verdict &&
	    policy->sections[section].mode == explanation->answer.mode)
		return section;
	return question->section;
}

int policy_explain(const struct policy *policy, const struct image *image, const struct question *question,
		   struct explanation *ret_explanation)
{
	_cleanup_(explanation_done) struct explanation explanation = {};
	struct judge judge = { .policy = policy, .question = question };
	int r;

	explanation.answer = image_ask(image, question);
	explanation.source = EXPLAIN_NOTHING;
	explanation.verdict = PC_ALLOW;
	if (explanation.answer.ref != PC_REF_NONE) {
		explanation.source = EXPLAIN_DEFAULT;
		explanation.verdict = explanation.answer.ref >> PC_REF_VERDICT_SHIFT;
	}
	judge.has_rule = find_rule(explanation.answer.ref, &judge.rule);
	if (judge.has_rule) {
		explanation.source = EXPLAIN_RULE;
		explanation.rule = judge.rule;
	}
	explanation.section = section_of(policy, question, &explanation);
	image_find_cell(image, question, &judge.cells[LAYER_HOST]);
	if (question->profile)
		image_find_profile_cell(image, question, &judge.cells[LAYER_PROFILE]);
	r = add_losers(&judge, &explanation);
	if (r < 0)
		return r;
	*ret_explanation = explanation;
	explanation.losers = NULL;
	return 0;
}

void explanation_done(struct explanation *explanation)
{
	free(explanation->losers);
	*explanation = (struct explanation){};
}
