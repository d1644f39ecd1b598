/* SPDX-License-Identifier: GPL-2.0-only */
/* coverage.c - warns of rules that win for no object, and says which ones do instead. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "image.h"
#include "ownership.h"

#define COVERS_MAX 3
#define SAMPLES_MAX 16

/* Who wins where a rule doesn't: numbers in the rule table. */
struct covers {
	const struct image *image;
	unsigned int slots; /* where the rule competes */
	__u32 start;	    /* state before its kind's names in its section */
	__u32 numbers[COVERS_MAX];
	size_t count;
};

static void take_ref(struct covers *covers, __u32 ref)
{
	__u32 number = ref & PC_REF_RULE_MASK;

	if (ref == PC_REF_NONE || covers->count == COVERS_MAX)
		return;
	for (size_t i = 0; i < covers->count; i++) {
		if (covers->numbers[i] == number)
			return;
	}
	covers->numbers[covers->count++] = number;
}

static void take_answer(struct covers *covers, const struct question *question)
{
	struct pc_cell cell;

	image_walk(covers->image, covers->start, question, &cell);
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		if (covers->slots & 1U << slot)
			take_ref(covers, *cell_slot(&cell, slot));
	}
}

/* A letter of the set, if there is one. */
static __u8 pick_member(const __u32 *set)
{
	for (unsigned int i = 0; i < 256; i++) {
		__u8 byte = 'a' + i;

		if (pattern_set_has(set, byte))
			return byte;
	}
	return 0;
}

/* The shortest name that the pattern matches: one byte an item at most. */
static size_t make_sample(const struct pattern *pattern, __u8 *name)
{
	size_t length = 0;

	for (size_t i = 0; i < pattern->count; i++) {
		const struct item *item = &pattern->items[i];

		if (item->type == ITEM_BYTE)
			name[length++] = item->byte;
		else if (item->type == ITEM_SET)
			name[length++] = pick_member(item->set);
		else if (item->type == ITEM_TAIL)
			name[length++] = 'a';
	}
	return length;
}

static int sample_patterns(struct covers *covers, const struct rule *rule, struct question *question)
{
	struct patterns *patterns;
	int r;

	r = rule_patterns(rule, &patterns);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < patterns->count && i < SAMPLES_MAX; i++) {
		_cleanup_free_ __u8 *name = malloc(patterns->list[i].count + 1);

		if (!name) {
			r = -ENOMEM;
			break;
		}
		question->bytes = name;
		question->length = make_sample(&patterns->list[i], name);
		take_answer(covers, question);
	}
	patterns_free(patterns);
	return r;
}

static int sample_keys(struct covers *covers, const struct rule *rule, struct question *question)
{
	struct key_ranges ranges = {};
	int r = object_keys(&rule->object, &ranges);

	question->bytes = rule->object.address;
	question->length = rule->object.kind == PC_KIND_IP4 ? 4 : 16;
	for (size_t i = 0; r == 0 && i < ranges.count && i < SAMPLES_MAX; i++) {
		question->class = ranges.list[i].first >> 16;
		question->port = ranges.list[i].first & 0xffff;
		take_answer(covers, question);
	}
	free(ranges.list);
	return r;
}

/* The state that names of the rule's kind are walked from in its section. */
static __u32 start_of(const struct policy *policy, const struct image *image, const struct rule *rule)
{
	size_t group = rule->section / PC_SECTIONS;
	__u32 section = pc_host_section(section_id(rule->section));

	if (group > policy->profile_count)
		return pc_load32(image, pc_choice_at(image, group - 1 - policy->profile_count) +
						offsetof(struct pc_choice, start));
	if (group > 0)
		section = pc_profile_section(image, group - 1, section_id(rule->section));
	return pc_start(image, section, rule->object.kind);
}

static int sample_rule(struct covers *covers, const struct rule *rule)
{
	struct question question = { .kind = rule->object.kind };

	if (kind_has_patterns(rule->object.kind))
		return sample_patterns(covers, rule, &question);
	if (rule->object.kind == PC_KIND_IP4 || rule->object.kind == PC_KIND_IP6)
		return sample_keys(covers, rule, &question);
	question.bytes = &rule->object.byte;
	question.length = kind_is_byte(rule->object.kind);
	take_answer(covers, &question);
	return 0;
}

static void warn(const struct covers *covers, const struct rule *rule, struct diags *d)
{
	char text[1024] = "";
	size_t length = 0;

	for (size_t i = 0; i < covers->count && length < sizeof(text); i++) {
		const struct pc_rule *other = image_rule(covers->image, covers->numbers[i]);

		length += snprintf(text + length, sizeof(text) - length, "%s'%.200s' (%s:%u)",
				   i ? " and " : "", image_text(covers->image, other->text),
				   image_text(covers->image, other->file), other->line);
	}
	diag_add(d, rule_loc(rule), DIAG_WARNING, "'%s' wins for no object: %s %s", rule->text ?: "", text,
		 covers->count > 1 ? "cover it" : "covers it");
}

/* Whether two rules are one line's: `any` is an object for each kind of address. */
static bool is_one_line(const struct rule *a, const struct rule *b)
{
	return a->loc.file == b->loc.file && a->loc.line == b->loc.line && a->item.file == b->item.file &&
	       a->item.line == b->item.line && a->text && b->text && !strcmp(a->text, b->text);
}

/* Whether the rule wins somewhere, or another one of its line does. */
static bool has_won(const struct policy *policy, const bool *is_used, size_t index)
{
	const struct rule *rule = &policy->rules[index];

	if (is_used[rule_number(index)])
		return true;
	if (index > 0 && is_one_line(rule, rule - 1) && is_used[rule_number(index - 1)])
		return true;
	return index + 1 < policy->rule_count && is_one_line(rule, rule + 1) &&
	       is_used[rule_number(index + 1)];
}

static bool is_of_condition(const struct policy *policy, const struct rule *rule)
{
	return rule->section > section_number(policy->profile_count, PC_SECTIONS - 1) &&
	       section_id(rule->section) != (enum pc_section_id)CHOICE_PROGRAMS;
}

int coverage_check(const struct policy *policy, const bool *is_used, const struct image *image, struct diags *d)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];
		struct covers covers = {
			.image = image,
			.slots = rule_slots(rule),
			.start = start_of(policy, image, rule),
		};
		int r;

		/* An alias that changes nothing is no mistake of the one who wrote the rule. Of patterns of a condition any will do. */
		if (rule->is_alias || is_of_condition(policy, rule) || has_won(policy, is_used, i))
			continue;
		/* One warning for a line. */
		if (i > 0 && is_one_line(rule, rule - 1))
			continue;
		r = sample_rule(&covers, rule);
		if (r < 0)
			return r;
		warn(&covers, rule, d);
	}
	return 0;
}
