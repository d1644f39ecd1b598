/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * special.c - what `unresolved:` and `userns:` hold where no rule names them: the strictest that the section can say.
 */
#include "compiler.h"

/* Whether some rule names that kind for that half. */
static bool is_named(const struct compiler *c, unsigned int section, enum pc_kind kind,
		     unsigned int access)
{
	const struct section *all = &c->policy->sections[section];

	for (size_t i = all->first_rule; i < all->first_rule + all->rule_count; i++) {
		const struct rule *rule = &c->policy->rules[i];

		if (rule->object.kind == kind && rule->access & access)
			return true;
	}
	return false;
}

/* Of two references the stricter; of equally strict ones that which is recorded, else the first. */
static __u32 stricter(__u32 first, __u32 second)
{
	__u32 a = first >> PC_REF_VERDICT_SHIFT, b = second >> PC_REF_VERDICT_SHIFT;

	if (a != b)
		return a < b ? first : second;
	return !(first & PC_REF_RECORD) && second & PC_REF_RECORD ? second : first;
}

/* The strictest of all the section's rules for that half, and of its default. Rules are named before the
 * default. */
static __u32 strictest(const struct compiler *c, unsigned int section, unsigned int access)
{
	const struct section *all = &c->policy->sections[section];
	__u32 ref = PC_REF_NONE;

	for (size_t i = all->first_rule; i < all->first_rule + all->rule_count; i++) {
		if (c->policy->rules[i].access & access)
			ref = stricter(ref, cells_rule_ref(&c->cells, i));
	}
	return stricter(ref, default_ref(all));
}

/* Fills the halves of a kind's only state that no rule names. */
static int fill(struct compiler *c, unsigned int section, enum pc_kind kind,
		const struct pc_cell *filling)
{
	__u32 *start = &c->starts[section][kind], index;
	struct pc_cell cell = c->cells.list[c->graph.states[*start].end];
	int r;

	if (!is_named(c, section, kind, PC_ACCESS_READ)) {
		cell.read = filling->read;
		cell.never_read = filling->never_read;
	}
	if (!is_named(c, section, kind, PC_ACCESS_WRITE)) {
		cell.write = filling->write;
		cell.never_write = filling->never_write;
	}
	r = cells_add(&c->cells, &cell, &index);
	if (r < 0)
		return r;
	return graph_add_state(&c->graph, index, start);
}

int special_add(struct compiler *c, unsigned int section)
{
	struct pc_cell cell = CELL_EMPTY;
	int r;

	cell.read = strictest(c, section, PC_ACCESS_READ);
	if (section_id(section) == PC_OPEN)
		cell.write = strictest(c, section, PC_ACCESS_WRITE);
	r = fill(c, section, PC_KIND_UNRESOLVED, &cell);
	if (r < 0 || section_id(section) != PC_EXEC)
		return r;
	/* As `unresolved:` is, by name or not. */
	cell = c->cells.list[c->graph.states[c->starts[section][PC_KIND_UNRESOLVED]].end];
	/*
	 * The host-wide section is asked about `unresolved:` whatever a profile says. Here a profile's denial is asked
	 * besides, as a `never` is, and so doesn't answer for the host-wide section either: the modes may differ.
	 */
	if (section >= PC_SECTIONS) {
		if (cell.never_read == PC_REF_NONE && cell.read >> PC_REF_VERDICT_SHIFT == PC_DENY)
			cell.never_read = cell.read;
		cell.read = PC_REF_NONE;
	}
	return fill(c, section, PC_KIND_USERNS, &cell);
}
