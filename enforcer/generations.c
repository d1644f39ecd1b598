/* SPDX-License-Identifier: GPL-2.0-only */
/* generations.c - the rules of the last policies that were live. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "generations.h"
#include "image.h"
#include "ownership.h"

/* A record waits in a ring for milliseconds; this many reloads in that time are a test, not an administrator. */
#define GENERATIONS_MAX 16
/* The live and the previous one are kept whatever they weigh, older ones within this many bytes in all. */
#define GENERATIONS_BYTES_MAX (16U << 20)

struct generations {
	struct generation *list[GENERATIONS_MAX]; /* the live one first */
	size_t count;
};

struct generation *generation_free(struct generation *g)
{
	if (!g)
		return NULL;
	free(g->rules);
	free(g->first_rules);
	free(g->text);
	free(g->profiles);
	free(g->profile_flags);
	free(g);
	return NULL;
}

static void generation_freep(struct generation **g)
{
	(void)generation_free(*g);
}

static size_t generation_size(const struct generation *g)
{
	return g->rule_count * sizeof(*g->rules) + g->text_size;
}

const struct pc_rule *generation_rule(const struct generation *g, __u32 rule)
{
	return rule < g->rule_count ? &g->rules[rule] : NULL;
}

const char *generation_text(const struct generation *g, __u32 offset)
{
	return offset < g->text_size ? g->text + offset : "";
}

__u32 generation_rules(const struct generation *g)
{
	return g->rule_count > PC_RULE_DEFAULT ? g->rule_count - PC_RULE_DEFAULT - 1 : 0;
}

const char *generation_profile(const struct generation *g, __u32 profile)
{
	return profile > 0 && profile <= g->profile_count ? generation_text(g, g->profiles[profile - 1])
							  : NULL;
}

const char *generation_rule_profile(const struct generation *g, __u32 rule)
{
	__u32 low = 0, high = (g->profile_count + 1) * PC_SECTIONS;

	/* Of sections without rules the one behind them begins there as well. */
	while (high - low > 1) {
		__u32 middle = low + (high - low) / 2;

		if (g->first_rules[middle] <= rule)
			low = middle;
		else
			high = middle;
	}
	return generation_profile(g, low / PC_SECTIONS);
}

/* `group`: 0 of the host-wide ones, 1 of the first profile's. */
static void take_sections(struct generation *g, const struct pc_section *sections, size_t group)
{
	for (size_t i = 0; i < PC_SECTIONS; i++) {
		g->is_enforcing |= sections[i].mode == PC_MODE_ENFORCE;
		g->first_rules[group * PC_SECTIONS + i] = sections[i].first_rule;
	}
}

static void take_profiles(struct generation *g, const struct image *image)
{
	const struct pc_image_header *header = image_header(image);
	const struct pc_profile *profiles = (const struct pc_profile *)(image->words + header->profiles.word);

	g->profile_count = header->profiles.count;
	for (size_t i = 0; i < g->profile_count; i++) {
		g->profiles[i] = profiles[i].name;
		g->profile_flags[i] = profiles[i].flags;
		take_sections(g, profiles[i].sections, i + 1);
	}
}

struct generations *generations_new(void)
{
	return calloc(1, sizeof(struct generations));
}

struct generations *generations_free(struct generations *all)
{
	if (!all)
		return NULL;
	for (size_t i = 0; i < all->count; i++)
		(void)generation_free(all->list[i]);
	free(all);
	return NULL;
}

const struct generation *generations_live(const struct generations *all)
{
	return all->count ? all->list[0] : NULL;
}

const struct generation *generations_find(const struct generations *all, __u64 id)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i]->id == id)
			return all->list[i];
	return NULL;
}

void generations_add(struct generations *all, struct generation *g)
{
	size_t bytes = 0, keep = 0;

	if (all->count == GENERATIONS_MAX)
		(void)generation_free(all->list[--all->count]);
	memmove(all->list + 1, all->list, all->count * sizeof(all->list[0]));
	all->list[0] = g;
	all->count++;
	while (keep < all->count) {
		bytes += generation_size(all->list[keep]);
		if (keep >= 2 && bytes > GENERATIONS_BYTES_MAX)
			break;
		keep++;
	}
	while (all->count > keep)
		(void)generation_free(all->list[--all->count]);
}

int generation_from_image(const struct image *image, struct generation **ret_generation)
{
	_cleanup_(generation_freep) struct generation *g = calloc(1, sizeof(*g));
	const struct pc_image_header *header = image_header(image);
	struct timespec now;

	if (!g)
		return -ENOMEM;
	g->rules = calloc(header->rules.count + 1, sizeof(*g->rules));
	g->first_rules = calloc((header->profiles.count + 1) * PC_SECTIONS, sizeof(*g->first_rules));
	g->text = calloc(1, header->text.count + 1);
	g->profiles = calloc(header->profiles.count + 1, sizeof(*g->profiles));
	g->profile_flags = calloc(header->profiles.count + 1, sizeof(*g->profile_flags));
	if (!g->rules || !g->first_rules || !g->text || !g->profiles || !g->profile_flags)
		return -ENOMEM;
	memcpy(g->rules, image->words + header->rules.word, header->rules.count * sizeof(*g->rules));
	memcpy(g->text, image->words + header->text.word, header->text.count);
	g->id = header->id;
	g->rule_count = header->rules.count;
	g->rule_end = header->first_exe;
	g->text_size = header->text.count;
	g->name = header->name;
	g->image_size = header->size;
	for (size_t i = 0; i < PC_SECTIONS; i++)
		g->modes[i] = header->host[i].mode;
	take_sections(g, header->host, 0);
	take_profiles(g, image);
	for (size_t i = PC_RULE_DEFAULT + 1; i < g->rule_end; i++)
		if (g->rules[i].section < PC_SECTIONS)
			g->rules_of[g->rules[i].section]++;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	g->loaded = (__u64)now.tv_sec * 1000000000U + (__u64)now.tv_nsec;
	*ret_generation = take_ptr(g);
	return 0;
}
