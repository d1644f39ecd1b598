/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_list.c - the live policy's rules and their hits as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "events.h"
#include "ownership.h"
#include "rule_list.h"
#include "text/line.h"

#define NS_PER_S 1000000000ULL
/* A line of 4 KiB of text may follow, and all is to fit into one frame. */
#define PIECE_SIZE 32768

struct rule_list {
	const struct generations *generations;
	__u64 generation;
	__u64 boot; /* CLOCK_REALTIME when CLOCK_BOOTTIME was 0 */
	struct pc_hit *counts;
	__u32 next;
	struct line line;
};

static void rule_list_freep(struct rule_list **list)
{
	(void)rule_list_free(*list);
}

int rule_list_new(const struct generations *generations, struct pc_hit *counts, struct rule_list **ret_list)
{
	_cleanup_(rule_list_freep) struct rule_list *list = calloc(1, sizeof(*list));
	const struct generation *live = generations_live(generations);

	if (!list)
		return -ENOMEM;
	list->generations = generations;
	list->generation = live->id;
	list->boot = clock_realtime() - clock_boottime();
	list->next = PC_RULE_DEFAULT + 1;
	list->counts = counts;
	*ret_list = take_ptr(list);
	return 0;
}

struct rule_list *rule_list_free(struct rule_list *list)
{
	if (!list)
		return NULL;
	line_done(&list->line);
	free(list->counts);
	free(list);
	return NULL;
}

static void add_time(struct line *line, const char *key, __u64 realtime)
{
	char time[EVENT_TIME_MAX];

	event_format_time(realtime, time);
	line_key_string(line, key, time);
}

static int write_rule(struct rule_list *list, const struct generation *g, __u32 number,
		      const struct pc_hit *hit, FILE *out)
{
	const char *profile = generation_rule_profile(g, number), *text;
	const struct pc_rule *rule = &g->rules[number];
	struct line *line = &list->line;
	size_t length;
	int r;

	line_begin(line);
	event_add_place(line, generation_text(g, rule->file), rule->line);
	line_key_string(line, "hook", event_hook_name(rule->section));
	if (profile)
		line_key_string(line, "profile", profile);
	line_key_clean(line, "text", generation_text(g, rule->text), rule->length);
	line_key_number(line, "hits", hit->count);
	if (hit->last > 0)
		add_time(line, "last", list->boot + hit->last);
	add_time(line, "since", hits_since(hit, g) * NS_PER_S);
	r = line_end(line, &text, &length);
	if (r < 0)
		return r;
	return fwrite(text, 1, length, out) == length && fputc('\n', out) != EOF ? 0 : -ENOMEM;
}

/* An object that is written as one may be two rules: `any` is one of IPv4 and one of IPv6. */
static bool is_same(const struct generation *g, __u32 a, __u32 b)
{
	const struct pc_rule *x = &g->rules[a], *y = &g->rules[b];

	return x->line == y->line && x->file == y->file &&
	       strcmp(generation_text(g, x->text), generation_text(g, y->text)) == 0;
}

int rule_list_write(struct rule_list *list, FILE *out)
{
	const struct generation *g = generations_find(list->generations, list->generation);
	__u32 rule;
	int r = 0;

	if (!g)
		return -ESTALE;
	if (list->next >= g->rule_end)
		return 0;
	while (r == 0 && list->next < g->rule_end && ftell(out) < PIECE_SIZE) {
		struct pc_hit hit = { .since = list->counts[list->next].since };

		for (rule = list->next; list->next < g->rule_end && is_same(g, rule, list->next);
		     list->next++) {
			hit.count += list->counts[list->next].count;
			if (hit.last < list->counts[list->next].last)
				hit.last = list->counts[list->next].last;
		}
		r = write_rule(list, g, rule, &hit, out);
	}
	return r < 0 ? r : 1;
}
