/* SPDX-License-Identifier: GPL-2.0-only */
/* tally.c - which keys come most often, in bounded memory. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "ownership.h"
#include "tally.h"

struct tally {
	void *tree; /* of entries, by key */
	struct tally_entry **entries;
	size_t count;
	size_t size;
	double slack;
	double total;
};

struct tally *tally_new(size_t size)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (!tally)
		return NULL;
	tally->size = size;
	tally->entries = calloc(size, sizeof(struct tally_entry *));
	return tally->entries ? tally : tally_free(tally);
}

static void entry_free(void *item)
{
	struct tally_entry *entry = item;

	record_done(&entry->last);
	free(entry->key);
	free(entry);
}

void tally_clear(struct tally *tally)
{
	tdestroy(tally->tree, entry_free);
	tally->tree = NULL;
	tally->count = 0;
	tally->slack = 0;
	tally->total = 0;
}

struct tally *tally_free(struct tally *tally)
{
	if (!tally)
		return NULL;
	tally_clear(tally);
	free(tally->entries);
	free(tally);
	return NULL;
}

static int compare_keys(const void *x, const void *y)
{
	const struct tally_entry *a = x, *b = y;

	return strncmp(a->key, b->key, TALLY_TEXT_MAX);
}

/* Least weight first; of the same, what has not come for longest. */
static int compare_weights(const void *x, const void *y)
{
	const struct tally_entry *a = *(struct tally_entry *const *)x, *b = *(struct tally_entry *const *)y;

	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return (a->last_time > b->last_time) - (a->last_time < b->last_time);
}

static void drop_half(struct tally *tally)
{
	size_t half = tally->size / 2;
	double most;

	qsort(tally->entries, tally->count, sizeof(*tally->entries), compare_weights);
	most = tally->entries[half - 1]->weight;
	for (size_t i = 0; i < half; i++) {
		(void)tdelete(tally->entries[i], &tally->tree, compare_keys);
		entry_free(tally->entries[i]);
	}
	tally->count -= half;
	memmove(tally->entries, tally->entries + half, tally->count * sizeof(*tally->entries));
	for (size_t i = 0; i < tally->count; i++)
		tally->entries[i]->weight -= most;
	tally->slack += most;
}

static struct tally_entry *make_entry(struct tally *tally, const char *key, const struct record *record)
{
	struct tally_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->key = strndup(key, TALLY_TEXT_MAX);
	if (!entry->key || record_copy(record, TALLY_TEXT_MAX, &entry->last) < 0 ||
	    !tsearch(entry, &tally->tree, compare_keys)) {
		entry_free(entry);
		return NULL;
	}
	entry->first_time = record->time;
	tally->entries[tally->count++] = entry;
	return entry;
}

static struct tally_entry *find_entry(const struct tally *tally, const char *key)
{
	struct tally_entry wanted = { .key = (char *)key };
	struct tally_entry *const *found = tfind(&wanted, &tally->tree, compare_keys);

	return found ? *found : NULL;
}

int tally_add(struct tally *tally, const char *key, const struct record *record, double freshness)
{
	struct tally_entry *entry = find_entry(tally, key);
	struct record copy;

	if (!entry) {
		if (tally->count == tally->size)
			drop_half(tally);
		entry = make_entry(tally, key, record);
		if (!entry)
			return -ENOMEM;
	} else if (record->time >= entry->last_time && record_copy(record, TALLY_TEXT_MAX, &copy) == 0) {
		record_done(&entry->last);
		entry->last = copy;
	}
	if (record->time > entry->last_time)
		entry->last_time = record->time;
	if (record->time < entry->first_time)
		entry->first_time = record->time;
	entry->counts[record->verdict] += (double)record->repeats;
	entry->recent += (double)record->repeats * freshness;
	entry->weight += (double)record->repeats * freshness;
	tally->total += (double)record->repeats * freshness;
	return 0;
}

void tally_fade(struct tally *tally, double factor)
{
	for (size_t i = 0; i < tally->count; i++) {
		tally->entries[i]->weight *= factor;
		tally->entries[i]->recent *= factor;
	}
	tally->slack *= factor;
	tally->total *= factor;
}

size_t tally_count(const struct tally *tally)
{
	return tally->count;
}

double tally_slack(const struct tally *tally)
{
	return tally->slack;
}

double tally_total(const struct tally *tally)
{
	return tally->total;
}

double tally_entry_count(const struct tally_entry *entry)
{
	return entry->counts[PC_DENY] + entry->counts[PC_AUDIT] + entry->counts[PC_ALLOW];
}

static double place_of(const struct tally_entry *entry, enum tally_order order)
{
	if (order == TALLY_MOST)
		return tally_entry_count(entry);
	return order == TALLY_RECENT ? entry->recent : (double)entry->first_time;
}

/* Greater ones first; by key what is the same, so that rows stay where they are. */
static int compare_places(const void *x, const void *y, void *userdata)
{
	const struct tally_entry *a = *(struct tally_entry *const *)x, *b = *(struct tally_entry *const *)y;
	double place_a = place_of(a, *(enum tally_order *)userdata),
	       place_b = place_of(b, *(enum tally_order *)userdata);

	if (place_a != place_b)
		return place_a > place_b ? -1 : 1;
	return compare_keys(a, b);
}

size_t tally_list(struct tally *tally, enum tally_order order, const struct tally_entry **list, size_t most)
{
	size_t count = tally->count < most ? tally->count : most;

	qsort_r(tally->entries, tally->count, sizeof(*tally->entries), compare_places, &order);
	for (size_t i = 0; i < count; i++)
		list[i] = tally->entries[i];
	return count;
}
