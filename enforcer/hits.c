/* SPDX-License-Identifier: GPL-2.0-only */
/* hits.c - how often each rule of the live policy decided, over all reloads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hits.h"
#include "mark.h"
#include "ownership.h"

#define NS_PER_S 1000000000ULL

struct carried {
	__u32 rule;
	struct pc_hit hit;
};

struct hits {
	__u32 *since;            /* seconds since 1970, by rule */
	struct carried *carried; /* by rule: those that were hit, which are few */
	size_t carried_count;
};

/* A rule of one policy, to be known again in the next. */
struct identity {
	__u64 mark; /* of section and text; 64 bits, so that two that are alike by chance are never met */
	__u32 rule;
};

static void hits_freep(struct hits **hits)
{
	(void)hits_free(*hits);
}

struct hits *hits_free(struct hits *hits)
{
	if (!hits)
		return NULL;
	free(hits->since);
	free(hits->carried);
	free(hits);
	return NULL;
}

static __u64 mark_rule(const struct generation *g, __u32 number)
{
	const char *profile = generation_rule_profile(g, number) ?: "";
	const struct pc_rule *rule = &g->rules[number];
	__u64 mark = rule->section;

	mark_add(&mark, profile, strlen(profile));
	mark_add(&mark, generation_text(g, rule->text), rule->length);
	return mark;
}

static int compare_identities(const void *x, const void *y)
{
	const struct identity *a = x, *b = y;

	if (a->mark != b->mark)
		return a->mark < b->mark ? -1 : 1;
	return (a->rule > b->rule) - (a->rule < b->rule);
}

/* Those of all rules that decide, by mark; NULL: out of memory. */
static struct identity *identify(const struct generation *g, size_t *ret_count)
{
	struct identity *list = calloc(g->rule_end, sizeof(*list));

	*ret_count = 0;
	for (__u32 rule = PC_RULE_DEFAULT + 1; list && rule < g->rule_end; rule++)
		list[(*ret_count)++] = (struct identity){ mark_rule(g, rule), rule };
	if (list)
		qsort(list, *ret_count, sizeof(*list), compare_identities);
	return list;
}

/* Keeps the counts that are not 0, in the rules' order. */
static int keep_counts(struct hits *hits, const struct pc_hit *counts, __u32 rule_end)
{
	size_t count = 0;

	for (__u32 rule = 0; rule < rule_end; rule++)
		count += counts[rule].count > 0;
	hits->carried = calloc(count + 1, sizeof(*hits->carried));
	if (!hits->carried)
		return -ENOMEM;
	for (__u32 rule = 0; rule < rule_end; rule++)
		if (counts[rule].count > 0)
			hits->carried[hits->carried_count++] = (struct carried){ rule, counts[rule] };
	return 0;
}

/* Walks both policies' rules by their marks: those with the same one are paired in their order. */
static int carry(const struct hits *hits, const struct generation *before, const struct pc_hit *final,
		 const struct generation *next, struct hits *made)
{
	size_t old_count, new_count, i = 0, k = 0;
	_cleanup_free_ struct identity *old = identify(before, &old_count);
	_cleanup_free_ struct identity *new = identify(next, &new_count);
	_cleanup_free_ struct pc_hit *counts = calloc(next->rule_end, sizeof(*counts));

	if (!old || !new || !counts)
		return -ENOMEM;
	while (i < old_count && k < new_count) {
		if (old[i].mark != new[k].mark) {
			old[i].mark < new[k].mark ? i++ : k++;
			continue;
		}
		made->since[new[k].rule] = hits_since(hits, before, old[i].rule);
		counts[new[k++].rule] = final[old[i++].rule];
	}
	return keep_counts(made, counts, next->rule_end);
}

int hits_follow(const struct hits *hits, const struct generation *before, struct pc_hit *final,
		const struct generation *next, struct hits **ret_hits)
{
	_cleanup_(hits_freep) struct hits *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return -ENOMEM;
	made->since = calloc(next->rule_end, sizeof(*made->since));
	if (!made->since)
		return -ENOMEM;
	for (__u32 rule = 0; rule < next->rule_end; rule++)
		made->since[rule] = hits_since(NULL, next, rule);
	hits_add(hits, final);
	r = carry(hits, before, final, next, made);
	if (r < 0)
		return r;
	*ret_hits = take_ptr(made);
	return 0;
}

void hits_add(const struct hits *hits, struct pc_hit *counts)
{
	for (size_t i = 0; hits && i < hits->carried_count; i++) {
		const struct carried *carried = &hits->carried[i];
		struct pc_hit *hit = &counts[carried->rule];

		hit->count += carried->hit.count;
		if (hit->last < carried->hit.last)
			hit->last = carried->hit.last;
	}
}

__u32 hits_since(const struct hits *hits, const struct generation *live, __u32 rule)
{
	return hits ? hits->since[rule] : (__u32)(live->loaded / NS_PER_S);
}

/* ---- The busiest ---- */

static int compare_lines(const void *x, const void *y)
{
	const struct hits_line *a = x, *b = y;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return (a->rule > b->rule) - (a->rule < b->rule);
}

static bool is_same_line(const struct pc_rule *a, const struct pc_rule *b)
{
	return a->line == b->line && a->file == b->file;
}

int hits_busiest(const struct generation *live, const struct pc_hit *counts, struct hits_line *list,
		 size_t most)
{
	_cleanup_free_ struct hits_line *lines = calloc(live->rule_end, sizeof(*lines));
	size_t count = 0;

	if (!lines)
		return -ENOMEM;
	for (__u32 rule = PC_RULE_DEFAULT + 1, next; rule < live->rule_end; rule = next) {
		lines[count] = (struct hits_line){ .rule = rule };
		for (next = rule;
		     next < live->rule_end && is_same_line(&live->rules[rule], &live->rules[next]); next++)
			lines[count].count += counts[next].count;
		count += lines[count].count > 0;
	}
	qsort(lines, count, sizeof(*lines), compare_lines);
	count = count < most ? count : most;
	memcpy(list, lines, count * sizeof(*lines));
	return (int)count;
}
