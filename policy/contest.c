/* SPDX-License-Identifier: GPL-2.0-only */
/* contest.c - the patterns that compete for the names of one kind in one section, in the order in which they
 * win. */
#include <string.h>

#include <portcullis/limits.h>

#include "cells.h"
#include "contest.h"
#include "hash.h"
#include "ownership.h"

/* At most half of it is taken. */
#define SET_TABLE_SIZE (2 * 0x10000)

void contest_done(struct contest *contest)
{
	free(contest->list);
	free(contest->by_codes);
	free(contest->codes);
	free(contest->sets);
	free(contest->set_table);
	*contest = (struct contest){};
}

/* The place of a class in the hash table: where it is, or where it would be. */
static __u16 *find_set(const struct contest *contest, const __u32 *set)
{
	__u64 place = 0;

	for (size_t i = 0; i < 8; i++)
		place = hash_mix(place + set[i]);
	for (;; place++) {
		__u16 *entry = &contest->set_table[place % SET_TABLE_SIZE];

		if (!*entry || !memcmp(contest->sets[*entry - 1], set, sizeof(*contest->sets)))
			return entry;
	}
}

static int set_code(struct contest *contest, const __u32 *set, unsigned int *ret_code)
{
	__u16 *entry;
	int r;

	if (set == pattern_any[PATTERN_PATH] || set == pattern_any[PATTERN_ABSTRACT]) {
		*ret_code = CODE_ANY;
		return 0;
	}
	if (!contest->set_table)
		contest->set_table = calloc(SET_TABLE_SIZE, sizeof(*contest->set_table));
	if (!contest->set_table)
		return -ENOMEM;
	entry = find_set(contest, set);
	if (!*entry) {
		if (contest->set_count == CODE_SETS_MAX)
			return -E2BIG;
		r = array_reserve(&contest->sets, &contest->set_room, contest->set_count + 1,
				  sizeof(*contest->sets));
		if (r < 0)
			return r;
		memcpy(contest->sets[contest->set_count++], set, sizeof(*contest->sets));
		*entry = contest->set_count;
	}
	*ret_code = CODE_SET + *entry - 1;
	return 0;
}

static int item_code(struct contest *contest, const struct item *item, unsigned int *ret_code)
{
	switch (item->type) {
	case ITEM_BYTE:
		*ret_code = CODE_BYTE + item->byte;
		return 0;
	case ITEM_SET:
		return set_code(contest, item->set, ret_code);
	case ITEM_STAR:
		*ret_code = CODE_STAR;
		return 0;
	case ITEM_DIRS:
		*ret_code = CODE_DIRS;
		return 0;
	case ITEM_TAIL:
		break;
	}
	*ret_code = CODE_TAIL;
	return 0;
}

/* Makes room for a candidate with so many codes and its CODE_END. */
static int start_candidate(struct contest *contest, size_t count)
{
	int r = array_reserve(&contest->list, &contest->room, contest->count + 1, sizeof(*contest->list));

	if (r < 0)
		return r;
	if (contest->code_count + count + 1 > PC_CODES_MAX)
		return -E2BIG;
	return array_reserve(&contest->codes, &contest->code_room, contest->code_count + count + 1,
			     sizeof(*contest->codes));
}

static void finish_candidate(struct contest *contest, size_t rule, const struct rank *rank, size_t count)
{
	contest->codes[contest->code_count + count] = CODE_END;
	contest->list[contest->count++] = (struct candidate){
		.rule = rule,
		.rank = *rank,
		.slots = rule_slots(&contest->policy->rules[rule]),
		.first = contest->code_count,
		.count = count + 1,
	};
	contest->code_count += count + 1;
}

int contest_add(struct contest *contest, size_t rule, const struct pattern *pattern)
{
	unsigned int code = 0;
	int r;

	r = start_candidate(contest, pattern->count);
	for (size_t i = 0; r == 0 && i < pattern->count; i++) {
		r = item_code(contest, &pattern->items[i], &code);
		contest->codes[contest->code_count + i] = code;
	}
	if (r < 0)
		return r;
	finish_candidate(contest, rule, &pattern->rank, pattern->count);
	return 0;
}

int contest_add_bytes(struct contest *contest, size_t rule, const __u8 *bytes, size_t length)
{
	const struct rank rank = {};
	int r;

	r = start_candidate(contest, length);
	if (r < 0)
		return r;
	for (size_t i = 0; i < length; i++)
		contest->codes[contest->code_count + i] = CODE_BYTE + bytes[i];
	finish_candidate(contest, rule, &rank, length);
	return 0;
}

int rule_compare(const struct policy *policy, size_t a, size_t b)
{
	/* deny > audit > allow; `never` has slots of its own and meets only itself. */
	static const int strictness[] = {
		[PC_VERB_NEVER] = 0,
		[PC_VERB_DENY] = 1,
		[PC_VERB_AUDIT] = 2,
		[PC_VERB_ALLOW] = 3,
	};
	const struct rule *x = &policy->rules[a], *y = &policy->rules[b];

	if (x->access_given != y->access_given)
		return x->access_given ? -1 : 1;
	if (x->verb != y->verb)
		return strictness[x->verb] - strictness[y->verb];
	/* `exe` lines. */
	if (x->profile != y->profile)
		return strcmp(policy->profiles[x->profile].name, policy->profiles[y->profile].name);
	return (a > b) - (a < b);
}

static int compare_candidates(const void *x, const void *y, void *userdata)
{
	const struct candidate *a = x, *b = y;
	int r = pattern_rank_compare(&a->rank, &b->rank);

	if (r == 0)
		r = rule_compare(userdata, a->rule, b->rule);
	/* Two patterns of one rule: any fixed order will do. */
	return r ? r : (a->first > b->first) - (a->first < b->first);
}

int contest_compare_codes(const struct contest *contest, const struct candidate *a, const struct candidate *b)
{
	const __u16 *x = &contest->codes[a->first], *y = &contest->codes[b->first];
	size_t count = a->count < b->count ? a->count : b->count;

	/* CODE_END at the end of both decides before the shorter one is left. */
	for (size_t i = 0; i < count; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

static int compare_pointers(const void *x, const void *y, void *userdata)
{
	const struct candidate *const *a = x, *const *b = y;
	int r = contest_compare_codes(userdata, *a, *b);

	return r ? r : (*a > *b) - (*a < *b);
}

int contest_sort(struct contest *contest)
{
	contest->by_codes = calloc(contest->count + 1, sizeof(*contest->by_codes));
	if (!contest->by_codes)
		return -ENOMEM;
	if (contest->count > 1)
		qsort_r(contest->list, contest->count, sizeof(*contest->list), compare_candidates,
			(void *)contest->policy);
	for (size_t i = 0; i < contest->count; i++)
		contest->by_codes[i] = &contest->list[i];
	if (contest->count > 1)
		qsort_r(contest->by_codes, contest->count, sizeof(*contest->by_codes), compare_pointers,
			contest);
	return 0;
}
