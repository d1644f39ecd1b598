/* SPDX-License-Identifier: GPL-2.0-only */
/* pattern_match.c - compares patterns and their ranks, and matches one pattern slowly. */
#include <string.h>

#include "ownership.h"
#include "pattern_build.h"

struct patterns *patterns_free(struct patterns *patterns)
{
	struct pattern_set *next;

	if (!patterns)
		return NULL;
	for (struct pattern_set *set = patterns->sets; set; set = next) {
		next = set->next;
		free(set);
	}
	for (size_t i = 0; i < patterns->count; i++)
		free(patterns->list[i].items);
	free(patterns->list);
	free(patterns);
	return NULL;
}

/* More wins. */
static int compare_more(unsigned int a, unsigned int b)
{
	return (a < b) - (a > b);
}

int pattern_rank_compare(const struct rank *a, const struct rank *b)
{
	if (a->beginning != b->beginning)
		return compare_more(a->beginning, b->beginning);
	if (a->shortest != b->shortest)
		return compare_more(a->shortest, b->shortest);
	if (a->fixed != b->fixed)
		return compare_more(a->fixed, b->fixed);
	if (a->choices != b->choices)
		return -compare_more(a->choices, b->choices);
	return -compare_more(a->wildcards, b->wildcards);
}

static bool item_is_same(const struct item *a, const struct item *b)
{
	if (a->type != b->type || a->byte != b->byte || !a->set != !b->set)
		return false;
	return !a->set || a->set == b->set ||
	       !memcmp(a->set, b->set, sizeof(((struct pattern_set *)0)->bits));
}

bool pattern_is_same(const struct pattern *a, const struct pattern *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!item_is_same(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

/*
 * Which items of the pattern may come next is kept as one flag for each, and one for the end. ITEM_DIRS has
 * two: at a name's start, where it may also be left, and (`within`) inside a name that it swallows.
 */
struct matcher {
	const struct pattern *pattern;
	bool *at;
	bool *within;
	bool *next_at;
	bool *next_within;
};

/* What may be left without a byte. */
static void spread(const struct matcher *m)
{
	for (size_t i = 0; i < m->pattern->count; i++) {
		enum item_type type = m->pattern->items[i].type;

		if (m->at[i] && (type == ITEM_STAR || type == ITEM_DIRS))
			m->at[i + 1] = true;
	}
}

static void advance_item(struct matcher *m, size_t i, __u8 byte)
{
	const struct item *item = &m->pattern->items[i];

	switch (item->type) {
	case ITEM_BYTE:
		m->next_at[i + 1] |= m->at[i] && item->byte == byte;
		break;
	case ITEM_SET:
		m->next_at[i + 1] |= m->at[i] && pattern_set_has(item->set, byte);
		break;
	case ITEM_STAR:
		m->next_at[i] |= m->at[i] && byte != '/';
		break;
	case ITEM_DIRS:
		m->next_at[i] |= (m->at[i] || m->within[i]) && byte == '/';
		m->next_within[i] |= (m->at[i] || m->within[i]) && byte != '/';
		break;
	case ITEM_TAIL:
		m->next_at[i] |= m->at[i];
		m->next_at[i + 1] |= m->at[i];
		break;
	}
}

/* By far the most don't even begin as the name does. */
static bool begins_alike(const struct pattern *pattern, const __u8 *bytes, size_t length)
{
	for (size_t i = 0; i < pattern->count && i < length && pattern->items[i].type == ITEM_BYTE; i++)
		if (pattern->items[i].byte != bytes[i])
			return false;
	return true;
}

bool pattern_matches(const struct pattern *pattern, const void *bytes, size_t length)
{
	size_t flags = pattern->count + 1;
	_cleanup_free_ bool *memory = NULL;
	struct matcher m;

	if (!begins_alike(pattern, bytes, length))
		return false;
	memory = calloc(4, flags);
	if (!memory)
		return false;
	m = (struct matcher){ pattern, memory, memory + flags, memory + 2 * flags, memory + 3 * flags };
	m.at[0] = true;
	spread(&m);
	for (size_t n = 0; n < length; n++) {
		bool *at = m.at, *within = m.within;

		memset(m.next_at, 0, flags);
		memset(m.next_within, 0, flags);
		for (size_t i = 0; i < pattern->count; i++)
			advance_item(&m, i, ((const __u8 *)bytes)[n]);
		m.at = m.next_at;
		m.within = m.next_within;
		m.next_at = at;
		m.next_within = within;
		spread(&m);
	}
	return m.at[pattern->count];
}
