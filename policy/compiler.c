/* SPDX-License-Identifier: GPL-2.0-only */
/* compiler.c - from a policy to its image, step by step. */
#include <stdio.h>
#include <string.h>

#include <portcullis/limits.h>

#include "compiler.h"
#include "dfa.h"
#include "network.h"
#include "ownership.h"
#include "pairs.h"
#include "words.h"

bool kind_has_patterns(enum pc_kind kind)
{
	return kind == PC_KIND_PATH || kind == PC_KIND_FOREIGN || kind == PC_KIND_UNIX_PATH ||
	       kind == PC_KIND_UNIX_ABSTRACT;
}

enum pattern_flavour kind_flavour(enum pc_kind kind)
{
	return kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
}

static void compiler_done(struct compiler *c)
{
	graph_done(&c->graph);
	cells_done(&c->cells);
	interval_table_done(&c->intervals);
	table_done(&c->table);
	free(c->starts);
	free(c->section_end);
	choices_done(&c->choices);
}

int rule_patterns(const struct rule *rule, struct patterns **ret_patterns)
{
	struct diags none = {};
	int r;

	r = pattern_parse(rule->object.glob, kind_flavour(rule->object.kind), &none, &rule->loc,
			  ret_patterns);
	diags_done(&none);
	return r;
}

struct section_title section_title(const struct policy *policy, unsigned int section)
{
	size_t group = section / PC_SECTIONS;
	struct section_title title;

	if (group == 0)
		(void)snprintf(title.text, sizeof(title.text), "[%s]", section_name(section_id(section)));
	else if (group <= policy->profile_count)
		(void)snprintf(title.text, sizeof(title.text), "[%s %s]", section_name(section_id(section)),
			       policy->profiles[group - 1].name);
	else
		(void)snprintf(title.text, sizeof(title.text), "profiles that are chosen");
	return title;
}

static int add_patterns(struct compiler *c, struct contest *contest, size_t index)
{
	const struct rule *rule = &c->policy->rules[index];
	struct patterns *patterns;
	int r;

	r = pattern_parse(rule->object.glob, kind_flavour(rule->object.kind), c->d, rule_loc(rule),
			  &patterns);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < patterns->count; i++)
		r = contest_add(contest, index, &patterns->list[i]);
	patterns_free(patterns);
	return r;
}

static int add_rule(struct compiler *c, struct contest *contest, size_t index)
{
	const struct object *object = &c->policy->rules[index].object;

	if (kind_has_patterns(object->kind))
		return add_patterns(c, contest, index);
	return contest_add_bytes(contest, index, &object->byte, kind_is_byte(object->kind));
}

/* "'deny = /a' (policy.ini:3), …" */
static void describe_culprits(const struct compiler *c, const struct culprits *culprits, char *buf,
			      size_t size)
{
	size_t length = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < culprits->count && length < size; i++) {
		const struct rule *rule = &c->policy->rules[culprits->rules[i]];

		length += snprintf(buf + length, size - length, "%s'%.200s' (%s:%u)", i ? ", " : "",
				   rule->text ?: "rule", rule->loc.file ?: "?", rule->loc.line);
	}
}

static void report_growth(struct compiler *c, unsigned int section, const struct culprits *culprits)
{
	char rules[1024];

	describe_culprits(c, culprits, rules, sizeof(rules));
	if (culprits->count == 0)
		diag_add(c->d, &c->policy->sections[section].loc, DIAG_ERROR,
			 "the rules of %s are more than an image of %u MiB holds", section_title(c->policy, section).text,
			 PC_IMAGE_CLASS_MAX >> 20);
	else
		diag_add(
			c->d, &c->policy->rules[culprits->rules[0]].loc, DIAG_ERROR,
			"the rules of %s grow past what an image of %u MiB holds, because some multiply: %s; use fewer wildcards in them",
			section_title(c->policy, section).text, PC_IMAGE_CLASS_MAX >> 20, rules);
}

static void report_size(struct compiler *c)
{
	const struct culprits *culprits = &c->most_culprits;
	char rules[1024];

	describe_culprits(c, culprits, rules, sizeof(rules));
	diag_add(c->d,
		 culprits->count ? &c->policy->rules[culprits->rules[0]].loc
				 : &c->policy->sections[c->most_section].loc,
		 DIAG_ERROR,
		 "the policy needs more than %u MiB; most of it are %zu states of %s, the largest rules: %s",
		 PC_IMAGE_CLASS_MAX >> 20, c->most_states, section_title(c->policy, c->most_section).text, rules);
}

/* Remembers the automaton that has most states. */
static void take_size(struct compiler *c, unsigned int section, size_t states,
		      const struct culprits *culprits)
{
	if (states <= c->most_states)
		return;
	c->most_states = states;
	c->most_section = section;
	c->most_culprits = *culprits;
}

static void contest_donep(struct contest *contest)
{
	contest_done(contest);
}

static int compile_contest(struct compiler *c, unsigned int section, enum pc_kind kind,
			   struct culprits *culprits)
{
	_cleanup_(contest_donep) struct contest contest = { .policy = c->policy };
	const struct section *rules = &c->policy->sections[section];
	bool is_bad = false;
	int r;

	for (size_t i = rules->first_rule; i < rules->first_rule + rules->rule_count; i++) {
		if (c->policy->rules[i].object.kind != kind)
			continue;
		r = add_rule(c, &contest, i);
		if (r == -E2BIG)
			*culprits = (struct culprits){ .rules[0] = i, .count = 1 };
		if (r < 0 && r != -EINVAL)
			return r;
		is_bad = is_bad || r < 0;
	}
	if (is_bad)
		return -EINVAL;
	r = contest_sort(&contest);
	if (r == 0)
		r = conflict_check_contest(c, &contest);
	if (r < 0)
		return r;
	return dfa_build(&contest, &c->graph, &c->cells, &c->starts[section][kind], culprits);
}

static int compile_kind(struct compiler *c, unsigned int section, enum pc_kind kind)
{
	size_t states = c->graph.state_count;
	struct culprits culprits = {};
	int r;

	if (kind == PC_KIND_IP4 || kind == PC_KIND_IP6) {
		r = conflict_check_networks(c, section, kind);
		if (r == 0)
			r = network_build(c->policy, section, kind, &c->graph, &c->intervals, &c->cells,
					  &c->starts[section][kind], &culprits);
	} else {
		r = compile_contest(c, section, kind, &culprits);
	}
	if (r == -E2BIG) {
		report_growth(c, section, &culprits);
		return -EINVAL;
	}
	if (r == 0)
		take_size(c, section, c->graph.state_count - states, &culprits);
	return r;
}

/* Goes on after an error in the policy, so that all are seen, but not after one that took long to find. */
static int compile_sections(struct compiler *c)
{
	bool is_bad = false;
	int r;

	for (unsigned int section = 0; section < c->policy->section_count; section++) {
		for (unsigned int kind = 0; kind < PC_KINDS; kind++) {
			r = compile_kind(c, section, kind);
			if (r < 0 && r != -EINVAL)
				return r;
			is_bad = is_bad || r < 0;
		}
		c->section_end[section] = c->graph.state_count;
	}
	return is_bad ? -EINVAL : 0;
}

/* Packs and writes what is compiled. */
static int finish_image(struct compiler *c, struct image **ret_image)
{
	int r;

	for (unsigned int section = 0; section < section_number(1 + c->policy->profile_count, 0); section++) {
		r = special_add(c, section);
		if (r < 0)
			return r;
	}
	reach_compute(c);
	r = choices_build(c->policy, &c->choices);
	if (r < 0)
		return r;
	r = table_pack(&c->graph, sizeof(struct pc_image_header) / sizeof(__u64), &c->table);
	if (r == 0)
		r = image_write(c, ret_image);
	if (r != -E2BIG)
		return r;
	report_size(c);
	return -EINVAL;
}

int image_compile(const struct policy *policy, struct diags *d, struct image **ret_image)
{
	_cleanup_(compiler_done) struct compiler c = { .policy = policy, .d = d };
	_cleanup_free_ bool *is_used = NULL;
	size_t errors = d->errors;
	struct image *image;
	int r;

	if (policy->rule_count > PC_RULES_MAX) {
		diag_add(d, &policy->rules[PC_RULES_MAX].loc, DIAG_ERROR, "more than %u rules", PC_RULES_MAX);
		return -EINVAL;
	}
	c.starts = calloc(policy->section_count, sizeof(*c.starts));
	c.section_end = calloc(policy->section_count, sizeof(*c.section_end));
	if (!c.starts || !c.section_end)
		return -ENOMEM;
	r = graph_start(&c.graph);
	if (r == 0)
		r = cells_start(&c.cells, policy);
	if (r == 0)
		r = interval_table_start(&c.intervals);
	if (r == 0)
		r = compile_sections(&c);
	if (r < 0)
		return r;
	if (d->errors > errors)
		return -EINVAL;
	is_used = malloc((policy->rule_count + 1) * sizeof(*is_used));
	if (!is_used)
		return -ENOMEM;
	memcpy(is_used, c.cells.is_used, (policy->rule_count + 1) * sizeof(*is_used));
	r = finish_image(&c, &image);
	if (r < 0)
		return r;
	r = coverage_check(policy, is_used, image, d);
	if (r == 0)
		r = pairs_note(policy, d);
	if (r < 0) {
		image_free(image);
		return r;
	}
	*ret_image = image;
	return 0;
}
