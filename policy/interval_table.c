/* SPDX-License-Identifier: GPL-2.0-only */
/* interval_table.c - the interval sets of an image, each kept once. */
#include <string.h>

#include <portcullis/limits.h>

#include "hash.h"
#include "interval.h"
#include "ownership.h"

#define INTERVALS_MAX (PC_IMAGE_CLASS_MAX / sizeof(struct pc_interval))

int interval_table_start(struct interval_table *table)
{
	*table = (struct interval_table){ .table_size = 1024 };
	table->table = calloc(table->table_size, sizeof(*table->table));
	table->sets = calloc(16, sizeof(*table->sets));
	table->intervals = calloc(16, sizeof(*table->intervals));
	if (!table->table || !table->sets || !table->intervals)
		return -ENOMEM;
	table->set_room = 16;
	table->room = 16;
	/* Set 0: one interval from key 0 on, with cell 0. */
	table->sets[0].count = 1;
	table->set_count = 1;
	table->count = 1;
	return 0;
}

void interval_table_done(struct interval_table *table)
{
	free(table->intervals);
	free(table->sets);
	free(table->table);
	*table = (struct interval_table){};
}

static size_t set_hash(const struct pc_interval *list, size_t count)
{
	__u64 hash = count;

	for (size_t i = 0; i < count; i++)
		hash = hash_mix(hash ^ ((__u64)list[i].key << 32 | list[i].cell));
	return hash;
}

/* The place of a run of intervals in the hash table: where it is, or where it would be. */
static __u32 *find_place(const struct interval_table *table, const struct pc_interval *list, size_t count)
{
	for (size_t place = set_hash(list, count);; place++) {
		__u32 *entry = &table->table[place & (table->table_size - 1)];
		const struct pc_interval_set *set;

		if (!*entry)
			return entry;
		set = &table->sets[*entry - 1];
		if (set->count == count &&
		    !memcmp(&table->intervals[set->first], list, count * sizeof(*list)))
			return entry;
	}
}

/* Keeps the hash table at most half full. */
static int make_room(struct interval_table *table)
{
	__u32 *grown;

	if (2 * table->set_count < table->table_size)
		return 0;
	grown = calloc(2 * table->table_size, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	free(table->table);
	table->table = grown;
	table->table_size *= 2;
	for (size_t i = 1; i < table->set_count; i++) {
		const struct pc_interval_set *set = &table->sets[i];

		*find_place(table, &table->intervals[set->first], set->count) = i + 1;
	}
	return 0;
}

/* Writes the stretches behind the last interval that counts; neighbours whose cells are the same become one.
 */
static int append(struct interval_table *table, struct cells *cells, const struct stretches *stretches,
		  size_t *ret_count)
{
	struct pc_interval *list;
	size_t count = 0;
	int r;

	if (table->count + stretches->count > INTERVALS_MAX)
		return -E2BIG;
	r = array_reserve(&table->intervals, &table->room, table->count + stretches->count,
			  sizeof(*table->intervals));
	if (r < 0)
		return r;
	list = &table->intervals[table->count];
	for (size_t i = 0; i < stretches->count; i++) {
		const struct stretch *s = &stretches->list[i];
		struct pc_cell cell = CELL_EMPTY;
		__u32 index;

		if (s->rule != NO_RULE)
			cell.read = cells_rule_ref(cells, s->rule);
		if (s->never != NO_RULE)
			cell.never_read = cells_rule_ref(cells, s->never);
		r = cells_add(cells, &cell, &index);
		if (r < 0)
			return r;
		if (count == 0 || list[count - 1].cell != index)
			list[count++] = (struct pc_interval){ .key = s->key, .cell = index };
	}
	*ret_count = count;
	return 0;
}

int interval_table_add(struct interval_table *table, struct cells *cells, const struct stretches *stretches,
		       __u32 *ret_set)
{
	__u32 *place;
	size_t count;
	int r;

	r = make_room(table);
	if (r == 0)
		r = array_reserve(&table->sets, &table->set_room, table->set_count + 1, sizeof(*table->sets));
	if (r == 0)
		r = append(table, cells, stretches, &count);
	if (r < 0)
		return r;
	place = find_place(table, &table->intervals[table->count], count);
	if (!*place) {
		table->sets[table->set_count++] = (struct pc_interval_set){ table->count, count };
		table->count += count;
		*place = table->set_count;
	}
	*ret_set = *place - 1;
	return 0;
}
