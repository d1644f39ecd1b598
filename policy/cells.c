/* SPDX-License-Identifier: GPL-2.0-only */
/* cells.c - the decision cells of an image, each kept once; which rules are named in one. */
#include <string.h>

#include "cells.h"
#include "hash.h"
#include "ownership.h"

static const struct pc_cell cell_empty = CELL_EMPTY;

int cells_start(struct cells *cells, const struct policy *policy)
{
	__u32 none;

	*cells = (struct cells){ .policy = policy, .table_size = 1024 };
	cells->is_used = calloc(policy->rule_count + 1, sizeof(*cells->is_used));
	cells->table = calloc(cells->table_size, sizeof(*cells->table));
	if (!cells->is_used || !cells->table)
		return -ENOMEM;
	return cells_add(cells, &cell_empty, &none);
}

void cells_done(struct cells *cells)
{
	free(cells->is_used);
	free(cells->list);
	free(cells->table);
	*cells = (struct cells){};
}

static size_t cell_hash(const struct pc_cell *cell)
{
	return hash_mix(hash_mix((__u64)cell->read << 32 | cell->never_read) + ((__u64)cell->write << 32) +
			cell->never_write);
}

/* The place of a cell in the hash table: where it is, or where it would be. */
static __u32 *find_place(const struct cells *cells, const struct pc_cell *cell)
{
	size_t place = cell_hash(cell);

	for (;; place++) {
		__u32 *entry = &cells->table[place & (cells->table_size - 1)];

		if (!*entry || !memcmp(&cells->list[*entry - 1], cell, sizeof(*cell)))
			return entry;
	}
}

/* Keeps the hash table at most half full. */
static int make_room(struct cells *cells)
{
	__u32 *table;

	if (2 * cells->count < cells->table_size)
		return 0;
	table = calloc(2 * cells->table_size, sizeof(*table));
	if (!table)
		return -ENOMEM;
	free(cells->table);
	cells->table = table;
	cells->table_size *= 2;
	for (size_t i = 0; i < cells->count; i++)
		*find_place(cells, &cells->list[i]) = i + 1;
	return 0;
}

int cells_add(struct cells *cells, const struct pc_cell *cell, __u32 *ret_index)
{
	struct pc_cell copy = *cell;
	__u32 *place;
	int r;

	r = make_room(cells);
	if (r == 0)
		r = array_reserve(&cells->list, &cells->room, cells->count + 1, sizeof(*cells->list));
	if (r < 0)
		return r;
	place = find_place(cells, cell);
	if (!*place) {
		cells->list[cells->count++] = *cell;
		*place = cells->count;
		for (unsigned int slot = 0; slot < SLOTS; slot++) {
			__u32 ref = *cell_slot(&copy, slot);

			if (ref != PC_REF_NONE)
				cells->is_used[ref & PC_REF_RULE_MASK] = true;
		}
	}
	*ret_index = *place - 1;
	return 0;
}

unsigned int rule_slots(const struct rule *rule)
{
	bool is_never = rule->verb == PC_VERB_NEVER;
	unsigned int slots = 0;

	if (rule->access & PC_ACCESS_READ)
		slots |= 1U << (is_never ? SLOT_NEVER_READ : SLOT_READ);
	if (rule->access & PC_ACCESS_WRITE)
		slots |= 1U << (is_never ? SLOT_NEVER_WRITE : SLOT_WRITE);
	return slots;
}

/* Whether the section has decisions of this verdict recorded. */
static bool is_recorded(const struct section *section, enum pc_verdict verdict)
{
	switch (section->log) {
	case LOG_ALL:
		return true;
	case LOG_NONE:
		return false;
	case LOG_DENY:
		break;
	}
	return verdict != PC_ALLOW;
}

static __u32 make_ref(enum pc_verdict verdict, bool is_logged, __u32 number)
{
	return (__u32)verdict << PC_REF_VERDICT_SHIFT | (is_logged ? PC_REF_RECORD : 0) | number;
}

__u32 cells_rule_ref(const struct cells *cells, size_t index)
{
	static const enum pc_verdict verdicts[] = {
		[PC_VERB_ALLOW] = PC_ALLOW,
		[PC_VERB_AUDIT] = PC_AUDIT,
		[PC_VERB_DENY] = PC_DENY,
		[PC_VERB_NEVER] = PC_DENY,
	};
	const struct rule *rule = &cells->policy->rules[index];
	enum pc_verdict verdict = verdicts[rule->verb];
	bool is_logged = is_recorded(&cells->policy->sections[rule->section], verdict);

	if (rule->log != LOG_SECTION)
		is_logged = rule->log == LOG_ALWAYS;
	return make_ref(verdict, is_logged, rule_number(index));
}

__u32 default_ref(const struct section *section)
{
	if (section->default_verdict == PC_NO_VERDICT)
		return PC_REF_NONE;
	return make_ref(section->default_verdict, is_recorded(section, section->default_verdict),
			PC_RULE_DEFAULT);
}
