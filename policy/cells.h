/* SPDX-License-Identifier: GPL-2.0-only */
/* cells.h - the decision cells of an image, each kept once; which rules are named in one. */
#pragma once

#include "model.h"

/* The four members of a cell, in its order. A rule competes in those that its verb and access say. */
enum cell_slot {
	SLOT_READ,
	SLOT_NEVER_READ,
	SLOT_WRITE,
	SLOT_NEVER_WRITE,
	SLOTS,
};

struct cells {
	const struct policy *policy;
	bool *is_used;  /* by the rule's number: wins somewhere */
	struct pc_cell *list;
	size_t count;
	size_t room;
	__u32 *table; /* hash table of cell index + 1 */
	size_t table_size;
};

/* Cell 0 is the one where nothing matched. `policy` must outlive it. */
int cells_start(struct cells *cells, const struct policy *policy);
void cells_done(struct cells *cells);
int cells_add(struct cells *cells, const struct pc_cell *cell, __u32 *ret_index);

/* In the image's rule table, where PC_RULE_DEFAULT comes first. */
static inline __u32 rule_number(size_t index)
{
	return index + 1;
}

/* Bits 1 << enum cell_slot. */
unsigned int rule_slots(const struct rule *rule);
/* What a cell says of the rule with that index, and of a section's default. */
__u32 cells_rule_ref(const struct cells *cells, size_t rule);
__u32 default_ref(const struct section *section);

static inline __u32 *cell_slot(struct pc_cell *cell, enum cell_slot slot)
{
	__u32 *slots[SLOTS] = { &cell->read, &cell->never_read, &cell->write, &cell->never_write };

	return slots[slot];
}

#define CELL_EMPTY                                                 \
	{                                                          \
		PC_REF_NONE, PC_REF_NONE, PC_REF_NONE, PC_REF_NONE \
	}
