/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.c - packs the states of a graph into one transition table by row displacement.
 *
 * Next fit: rows with many transitions first, then the others in the order in which a name walks through them. It is
 * the first entry of a row that is placed next to the one before, for a walk looks at entries rather than at bases: so
 * what is walked for one name lies close together. 64 places are tried at once, as bits of the map of what is taken.
 */
#include <stdbool.h>
#include <string.h>

#include <portcullis/limits.h>

#include "ownership.h"
#include "table.h"

/* A row of more transitions is placed first. */
#define MANY 8
#define ENTRIES_MAX (PC_IMAGE_CLASS_MAX / sizeof(struct pc_entry))
/* Entries that a row may reach past its base. */
#define REACH 257

struct packer {
	const struct graph *graph;
	__u64 *taken; /* bits, by place from the table's beginning */
	size_t words;
	__u32 *places; /* by state; UNPLACED */
	size_t end;    /* behind the last place that is taken */
	size_t from;   /* the word of the map to search from: the last place found, never before it */
};

#define UNPLACED 0xffffffffU

static void packer_done(struct packer *p)
{
	free(p->taken);
	free(p->places);
}

static int make_room(struct packer *p, size_t places)
{
	size_t room = p->words, wanted = places / 64 + 1;
	int r;

	if (places > ENTRIES_MAX)
		return -E2BIG;
	if (wanted <= p->words)
		return 0;
	r = array_reserve(&p->taken, &room, wanted, sizeof(*p->taken));
	if (r < 0)
		return r;
	memset(&p->taken[p->words], 0, (room - p->words) * sizeof(*p->taken));
	p->words = room;
	return 0;
}

/* Bits of the map from a place on: 1 where something is. */
static __u64 taken_from(const struct packer *p, size_t place)
{
	size_t word = place / 64, shift = place % 64;

	if (shift == 0)
		return p->taken[word];
	return p->taken[word] >> shift | p->taken[word + 1] << (64 - shift);
}

/* How far behind its base a row's first entry lies; of a row without entries the base itself. */
static __u32 first_entry(const struct packer *p, const struct graph_state *state)
{
	return state->count ? 1 + GRAPH_BYTE(p->graph->transitions[state->first]) : 0;
}

/* Of the 64 places from `word` on, those where the row does not fit with its first entry. */
static __u64 misfits(const struct packer *p, size_t word, const struct graph_state *state)
{
	size_t base = word * 64 - first_entry(p, state);
	__u64 bits = taken_from(p, base);

	for (__u32 i = 0; i < state->count && ~bits; i++)
		bits |= taken_from(p, base + 1 + GRAPH_BYTE(p->graph->transitions[state->first + i]));
	return bits;
}

static void take(struct packer *p, size_t place)
{
	p->taken[place / 64] |= 1ULL << place % 64;
	if (place >= p->end)
		p->end = place + 1;
}

static int place_row(struct packer *p, __u32 state)
{
	const struct graph_state *s = &p->graph->states[state];
	size_t word, place;
	__u64 bits;
	int r;

	for (word = p->from;; word++) {
		r = make_room(p, word * 64 + 64 + 2 * REACH);
		if (r < 0)
			return r;
		bits = misfits(p, word, s);
		if (~bits)
			break;
	}
	p->from = word;
	place = word * 64 + __builtin_ctzll(~bits) - first_entry(p, s);
	p->places[state] = place;
	take(p, place);
	for (__u32 i = 0; i < s->count; i++)
		take(p, place + 1 + GRAPH_BYTE(p->graph->transitions[s->first + i]));
	return 0;
}

static int compare_rows(const void *x, const void *y, void *userdata)
{
	const struct graph *graph = userdata;
	const __u32 *a = x, *b = y;
	__u32 first = graph->states[*a].count, second = graph->states[*b].count;

	if (first != second)
		return first > second ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

/* Rows of many transitions, those of most first. */
static int place_large(struct packer *p)
{
	_cleanup_free_ __u32 *list = NULL;
	size_t count = 0, room = 0;
	int r = 0;

	for (size_t i = 0; i < p->graph->state_count; i++) {
		if (p->graph->states[i].count <= MANY)
			continue;
		r = array_reserve(&list, &room, count + 1, sizeof(*list));
		if (r < 0)
			return r;
		list[count++] = i;
	}
	if (count > 1)
		qsort_r(list, count, sizeof(*list), compare_rows, (void *)p->graph);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = place_row(p, list[i]);
	return r;
}

/* Everything reached from a state that has no place yet, a chain at a time. */
static int place_from(struct packer *p, __u32 start, __u32 **stack, size_t *room, bool *is_seen)
{
	size_t depth = 0;
	int r;

	if (is_seen[start])
		return 0;
	(*stack)[depth++] = start;
	is_seen[start] = true;
	while (depth > 0) {
		__u32 state = (*stack)[--depth];
		const struct graph_state *s = &p->graph->states[state];

		if (p->places[state] == UNPLACED) {
			r = place_row(p, state);
			if (r < 0)
				return r;
		}
		r = array_reserve(stack, room, depth + s->count + 1, sizeof(**stack));
		if (r < 0)
			return r;
		for (__u32 i = 0; i <= s->count; i++) {
			/* The default first: it is walked last. */
			__u32 next =
				i ? GRAPH_TARGET(p->graph->transitions[s->first + s->count - i]) : s->next;

			if (!is_seen[next]) {
				is_seen[next] = true;
				(*stack)[depth++] = next;
			}
		}
	}
	return 0;
}

static int place_all(struct packer *p)
{
	_cleanup_free_ bool *is_seen = calloc(p->graph->state_count, 1);
	_cleanup_free_ __u32 *stack = NULL;
	size_t room = 0;
	int r;

	if (!is_seen)
		return -ENOMEM;
	r = array_reserve(&stack, &room, 1, sizeof(*stack));
	if (r == 0)
		r = place_large(p);
	for (size_t i = 0; r == 0 && i < p->graph->state_count; i++)
		r = place_from(p, i, &stack, &room, is_seen);
	return r;
}

/* Writes what was placed. */
static void fill(const struct packer *p, struct table *table, __u32 first_word)
{
	const struct graph *graph = p->graph;

	for (size_t i = 0; i < graph->state_count; i++) {
		bool stays = graph->states[i].next == i && !graph->states[i].is_row;

		table->bases[i] = (first_word + p->places[i] + 1) * sizeof(struct pc_entry) | (stays ? PC_STAYS : 0);
	}
	for (size_t i = 0; i < graph->state_count; i++) {
		const struct graph_state *s = &graph->states[i];
		struct pc_entry *row = &table->entries[p->places[i]];

		row[0] = (struct pc_entry){
			.owner = PC_HEAD | s->reach | s->end,
			.next = table->bases[s->next] | (s->is_row ? PC_NEXT_ROW : 0),
		};
		for (__u32 k = 0; k < s->count; k++) {
			__u32 transition = graph->transitions[s->first + k];

			row[1 + GRAPH_BYTE(transition)] = (struct pc_entry){
				.owner = table->bases[i],
				.next = table->bases[GRAPH_TARGET(transition)],
			};
		}
	}
}

int table_pack(const struct graph *graph, __u32 first_word, struct table *ret_table)
{
	_cleanup_(packer_done) struct packer p = { .graph = graph };
	_cleanup_(table_done) struct table table = {};
	int r;

	p.places = malloc(graph->state_count * sizeof(*p.places));
	table.bases = calloc(graph->state_count, sizeof(*table.bases));
	if (!p.places || !table.bases)
		return -ENOMEM;
	p.from = REACH / 64 + 1;
	memset(p.places, 0xff, graph->state_count * sizeof(*p.places));
	r = place_all(&p);
	if (r < 0)
		return r;
	table.count = p.end + 256;
	table.entries = calloc(table.count, sizeof(*table.entries));
	if (!table.entries)
		return -ENOMEM;
	fill(&p, &table, first_word);
	*ret_table = table;
	table = (struct table){};
	return 0;
}

void table_done(struct table *table)
{
	free(table->entries);
	free(table->bases);
	*table = (struct table){};
}
