/* SPDX-License-Identifier: GPL-2.0-only */
/* hits.c - how often each rule of the live policy decided, over all reloads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hits.h"
#include "mark.h"
#include "ownership.h"

#define NS_PER_S 1000000000ULL

/* A rule of one policy, to be known again in the next. */
struct identity {
	__u64 mark; /* of section and text; 64 bits, so that two that are alike by chance are never met */
	__u32 rule;
};

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

/* The programs count on in `to` meanwhile. */
static void add(struct pc_hit *to, const struct pc_hit *from, const struct generation *before)
{
	(void)__atomic_fetch_add(&to->count, from->count, __ATOMIC_RELAXED);
	if (to->last < from->last)
		to->last = from->last;
	to->since = hits_since(from, before);
}

int hits_carry(const struct generation *before, const struct pc_hit *final, const struct generation *next, struct pc_hit *counts)
{
	size_t old_count, new_count, i = 0, k = 0;
	_cleanup_free_ struct identity *old = identify(before, &old_count);
	_cleanup_free_ struct identity *new = identify(next, &new_count);

	if (!old || !new)
		return -ENOMEM;
	while (i < old_count && k < new_count) {
		if (old[i].mark == new[k].mark)
			add(&counts[new[k++].rule], &final[old[i++].rule], before);
		else
			old[i].mark < new[k].mark ? i++ : k++;
	}
	return 0;
}

__u64 hits_since(const struct pc_hit *hit, const struct generation *live)
{
	return hit->since ?: live->loaded / NS_PER_S;
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
