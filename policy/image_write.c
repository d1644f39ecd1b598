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

static void fill_section(const struct compiler *c, enum pc_section_id id, struct pc_section *ret_section)
{
	const struct section *section = &c->policy->sections[id];

	*ret_section = (struct pc_section){
		.default_read = default_ref(section),
		.default_write = default_ref(section),
		.mode = section->mode,
	};
	for (unsigned int kind = 0; kind < PC_KINDS; kind++)
		ret_section->start[kind] = c->table.bases[c->starts[id][kind]];
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
	header->text = place(&word, text->count, 1);
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
	_cleanup_(text_done) struct text text = {};
	struct pc_image_header header = {};
	struct image *image;
	int r;

	if (!rules)
		return -ENOMEM;
	r = make_rules(c, &text, rules, &header.name);
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
	copy_area(image, &header.text, text.bytes, 1);
	*ret_image = image;
	return 0;
}
