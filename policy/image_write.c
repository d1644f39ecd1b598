/* SPDX-License-Identifier: GPL-2.0-only */
/* image_write.c - lays out what was compiled as one image. */
#include <string.h>

#include <portcullis/limits.h>

#include "compiler.h"
#include "image.h"
#include "ownership.h"

/* Text in the making. */
struct text {
	char *bytes;
	size_t count;
	size_t room;
	const char *file; /* the last file that was added, and where */
	__u32 file_offset;
};

static int add_text(struct text *text, const char *string, size_t length, __u32 *ret_offset)
{
	int r = array_reserve(&text->bytes, &text->room, text->count + length + 1, 1);

	if (r < 0)
		return r;
	if (text->count + length + 1 > PC_IMAGE_CLASS_MAX)
		return -E2BIG;
	memcpy(text->bytes + text->count, string, length);
	text->bytes[text->count + length] = '\0';
	*ret_offset = text->count;
	text->count += length + 1;
	return 0;
}

/* Rules of one file follow each other, so only the last name is looked at. */
static int add_file(struct text *text, const char *file, __u32 *ret_offset)
{
	int r;

	if (!text->file || strcmp(text->file, file)) {
		r = add_text(text, file, strlen(file), &text->file_offset);
		if (r < 0)
			return r;
		text->file = file;
	}
	*ret_offset = text->file_offset;
	return 0;
}

static int add_rule(const struct rule *rule, struct text *text, struct pc_rule *ret_rule)
{
	const char *string = rule->text ?: "";
	size_t length = strnlen(string, UINT16_MAX);
	int r;

	*ret_rule = (struct pc_rule){
		.line = rule->loc.line,
		.length = length,
		.section = section_id(rule->section),
		.verb = rule->verb,
	};
	r = add_file(text, rule->loc.file ?: "", &ret_rule->file);
	if (r < 0)
		return r;
	return add_text(text, string, length, &ret_rule->text);
}

/* The rule table, in the order of the rules' numbers, and its text. */
static int make_rules(const struct compiler *c, struct text *text, struct pc_rule *rules, __u32 *ret_name)
{
	static const char standard[] = "default";
	int r;

	rules[PC_RULE_DEFAULT] = (struct pc_rule){ .length = sizeof(standard) - 1 };
	r = add_text(text, "", 0, &rules[PC_RULE_DEFAULT].file);
	if (r == 0)
		r = add_text(text, standard, sizeof(standard) - 1, &rules[PC_RULE_DEFAULT].text);
	if (r == 0)
		r = add_text(text, c->policy->name ?: "", strlen(c->policy->name ?: ""), ret_name);
	for (size_t i = 0; r == 0 && i < c->policy->rule_count; i++)
		r = add_rule(&c->policy->rules[i], text, &rules[rule_number(i)]);
	return r;
}

static void fill_section(const struct compiler *c, unsigned int number, struct pc_section *ret_section)
{
	const struct section *section = &c->policy->sections[number];

	*ret_section = (struct pc_section){
		.default_read = default_ref(section),
		.default_write = default_ref(section),
		.mode = section->mode,
		.first_rule = rule_number(section->first_rule),
	};
	for (unsigned int kind = 0; kind < PC_KINDS; kind++)
		ret_section->start[kind] = c->table.bases[c->starts[number][kind]];
}

/* Whether some rule may answer more loosely than a host-wide denial. */
static bool loosens(const struct policy *policy, size_t group, enum pc_section_id id)
{
	const struct section *own = &policy->sections[section_number(group, id)], *host = &policy->sections[id];
	bool may_loosen = false, is_denied = host->default_verdict == PC_DENY;

	for (size_t i = 0; i < own->rule_count; i++) {
		enum pc_rule_verb verb = policy->rules[own->first_rule + i].verb;

		may_loosen |= verb == PC_VERB_ALLOW || verb == PC_VERB_AUDIT;
	}
	for (size_t i = 0; i < host->rule_count; i++)
		is_denied |= policy->rules[host->first_rule + i].verb == PC_VERB_DENY;
	return may_loosen && is_denied;
}

static int fill_profile(const struct compiler *c, size_t index, struct text *text, struct pc_profile *ret_profile)
{
	const struct profile *profile = &c->policy->profiles[index];

	ret_profile->id = profile->id;
	ret_profile->flags = profile->is_process ? PC_PROFILE_PROCESS : 0;
	for (unsigned int id = 0; id < PC_SECTIONS; id++) {
		fill_section(c, section_number(1 + index, id), &ret_profile->sections[id]);
		if (loosens(c->policy, 1 + index, id))
			ret_profile->flags |= PC_PROFILE_LOOSENS;
	}
	return add_text(text, profile->name, strlen(profile->name), &ret_profile->name);
}

/* The states that its automata start in; `section` is the first of its group. */
static void fill_choice(const struct compiler *c, struct pc_choice *choice, unsigned int section)
{
	struct pc_condition *condition = &c->choices.conditions[choice->first_condition];

	choice->start = c->table.bases[c->starts[section + CHOICE_PROGRAMS][PC_KIND_PATH]];
	for (size_t i = 0; i < choice->condition_count; i++, condition++) {
		if (condition->kind == PC_CONDITION_UNIT)
			condition->value = c->table.bases[c->starts[section + CHOICE_UNITS][PC_KIND_FOREIGN]];
		else if (condition->kind == PC_CONDITION_CGROUP)
			condition->value = c->table.bases[c->starts[section + CHOICE_CGROUPS][PC_KIND_FOREIGN]];
	}
}

static int make_profiles(const struct compiler *c, struct text *text, struct pc_profile *profiles)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->policy->profile_count; i++)
		r = fill_profile(c, i, text, &profiles[i]);
	for (size_t i = 0; i < c->choices.count; i++)
		fill_choice(c, &c->choices.list[i], section_number(1 + c->policy->profile_count + i, 0));
	return r;
}

/* Gives an area its place behind what is there. */
static struct pc_area place(size_t *word, size_t count, size_t item_size)
{
	struct pc_area area = { *word, count };

	*word += (count * item_size + sizeof(__u64) - 1) / sizeof(__u64);
	return area;
}

static void fill_header(const struct compiler *c, const struct text *text, struct pc_image_header *header)
{
	size_t word = sizeof(*header) / sizeof(__u64);

	header->magic = PC_IMAGE_MAGIC;
	header->version = PC_IMAGE_VERSION;
	header->mode = c->policy->mode;
	header->table = place(&word, c->table.count, sizeof(struct pc_entry));
	header->cells = place(&word, c->cells.count, sizeof(struct pc_cell));
	header->sets = place(&word, c->intervals.set_count, sizeof(struct pc_interval_set));
	header->intervals = place(&word, c->intervals.count, sizeof(struct pc_interval));
	header->rules = place(&word, c->policy->rule_count + 1, sizeof(struct pc_rule));
	header->profiles = place(&word, c->policy->profile_count, sizeof(struct pc_profile));
	header->choices = place(&word, c->choices.count, sizeof(struct pc_choice));
	header->exes = place(&word, c->choices.exe_count, sizeof(struct pc_exe));
	header->conditions = place(&word, c->choices.condition_count, sizeof(struct pc_condition));
	header->text = place(&word, text->count, 1);
	header->first_exe = rule_number(c->choices.first_rule);
	header->size = word * sizeof(__u64);
	for (unsigned int id = 0; id < PC_SECTIONS; id++)
		fill_section(c, id, &header->host[id]);
}

static void copy_area(struct image *image, const struct pc_area *area, const void *items, size_t item_size)
{
	memcpy(&image->words[area->word], items, area->count * item_size);
}

static void text_done(struct text *text)
{
	free(text->bytes);
}

int image_write(struct compiler *c, struct image **ret_image)
{
	_cleanup_free_ struct pc_rule *rules = calloc(c->policy->rule_count + 1, sizeof(*rules));
	_cleanup_free_ struct pc_profile *profiles = calloc(c->policy->profile_count + 1, sizeof(*profiles));
	_cleanup_(text_done) struct text text = {};
	struct pc_image_header header = {};
	struct image *image;
	int r;

	if (!rules || !profiles)
		return -ENOMEM;
	r = make_rules(c, &text, rules, &header.name);
	if (r == 0)
		r = make_profiles(c, &text, profiles);
	if (r < 0)
		return r;
	fill_header(c, &text, &header);
	r = image_allocate(header.size, &image);
	if (r < 0)
		return r;
	memcpy(image->words, &header, sizeof(header));
	copy_area(image, &header.table, c->table.entries, sizeof(*c->table.entries));
	copy_area(image, &header.cells, c->cells.list, sizeof(*c->cells.list));
	copy_area(image, &header.sets, c->intervals.sets, sizeof(*c->intervals.sets));
	copy_area(image, &header.intervals, c->intervals.intervals, sizeof(*c->intervals.intervals));
	copy_area(image, &header.rules, rules, sizeof(*rules));
	copy_area(image, &header.profiles, profiles, sizeof(*profiles));
	copy_area(image, &header.choices, c->choices.list, sizeof(*c->choices.list));
	copy_area(image, &header.exes, c->choices.exes, sizeof(*c->choices.exes));
	copy_area(image, &header.conditions, c->choices.conditions, sizeof(*c->choices.conditions));
	copy_area(image, &header.text, text.bytes, 1);
	*ret_image = image;
	return 0;
}
