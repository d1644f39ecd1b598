/* SPDX-License-Identifier: GPL-2.0-only */
/* overlap.c - whether two patterns match some name in common: told by walking through both at once. */
#include "overlap.h"
#include "ownership.h"

/* A place in a pattern: its item, and whether a name of `**` has begun. */
struct place {
	size_t item;
	bool is_inside;
};

struct walk {
	const struct pattern *patterns[2];
	__u8 *seen;    /* bits */
	__u32 *stack; /* pairs of places, by number */
	size_t depth;
	size_t width; /* places of the second pattern */
};

static void walk_done(struct walk *walk)
{
	free(walk->seen);
	free(walk->stack);
}

static void visit(struct walk *walk, struct place a, struct place b)
{
	size_t number = (2 * a.item + a.is_inside) * walk->width + 2 * b.item + b.is_inside;

	if (walk->seen[number / 8] >> (number % 8) & 1)
		return;
	walk->seen[number / 8] |= 1 << (number % 8);
	walk->stack[walk->depth++] = number;
}

/* Whether the pattern can go on there without a byte. */
static bool can_skip(const struct pattern *pattern, struct place place)
{
	if (place.item == pattern->count || place.is_inside)
		return false;
	return pattern->items[place.item].type == ITEM_STAR || pattern->items[place.item].type == ITEM_DIRS;
}

static bool is_end(const struct pattern *pattern, struct place place)
{
	return place.item == pattern->count || (place.is_inside && pattern->items[place.item].type == ITEM_TAIL);
}

/* Where the byte leads from there; false: nowhere. */
static bool step(const struct pattern *pattern, struct place place, __u8 byte, struct place *ret_next)
{
	const struct item *item = &pattern->items[place.item];

	*ret_next = place;
	if (place.item == pattern->count)
		return false;
	switch (item->type) {
	case ITEM_BYTE:
		ret_next->item++;
		return byte == item->byte;
	case ITEM_SET:
		ret_next->item++;
		return pattern_set_has(item->set, byte);
	case ITEM_STAR:
		return byte != '/';
	case ITEM_DIRS:
		ret_next->is_inside = byte != '/';
		return byte != '/' || place.is_inside;
	default:
		ret_next->is_inside = true;
		return true;
	}
}

/* Most items take one byte alone. */
static void find_bytes(const struct pattern *pattern, struct place place, unsigned int *first, unsigned int *last)
{
	if (place.item < pattern->count && pattern->items[place.item].type == ITEM_BYTE)
		*first = *last = pattern->items[place.item].byte;
}

static void visit_next(struct walk *walk, struct place a, struct place b)
{
	unsigned int first = 1, last = 255;
	struct place next[2] = { a, b };

	if (can_skip(walk->patterns[0], a)) {
		next[0].item++;
		visit(walk, next[0], b);
	}
	if (can_skip(walk->patterns[1], b)) {
		next[1].item++;
		visit(walk, a, next[1]);
	}
	find_bytes(walk->patterns[0], a, &first, &last);
	find_bytes(walk->patterns[1], b, &first, &last);
	for (unsigned int byte = first; byte <= last; byte++)
		if (step(walk->patterns[0], a, byte, &next[0]) && step(walk->patterns[1], b, byte, &next[1]))
			visit(walk, next[0], next[1]);
}

/* By far the most don't even begin alike. */
static bool begins_alike(const struct pattern *a, const struct pattern *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		if (a->items[i].type != ITEM_BYTE || b->items[i].type != ITEM_BYTE)
			return true;
		if (a->items[i].byte != b->items[i].byte)
			return false;
	}
	return true;
}

int pattern_overlap(const struct pattern *a, const struct pattern *b)
{
	_cleanup_(walk_done) struct walk walk = { .patterns = { a, b }, .width = 2 * (b->count + 1) };
	size_t places = 2 * (a->count + 1) * walk.width;

	if (!begins_alike(a, b))
		return 0;
	walk.seen = calloc(places / 8 + 1, 1);
	walk.stack = calloc(places, sizeof(*walk.stack));
	if (!walk.seen || !walk.stack)
		return -ENOMEM;
	visit(&walk, (struct place){}, (struct place){});
	while (walk.depth > 0) {
		__u32 number = walk.stack[--walk.depth];
		struct place at[2] = {
			{ number / walk.width / 2, number / walk.width % 2 },
			{ number % walk.width / 2, number % walk.width % 2 },
		};

		if (is_end(a, at[0]) && is_end(b, at[1]))
			return 1;
		visit_next(&walk, at[0], at[1]);
	}
	return 0;
}

int patterns_overlap(const struct patterns *a, const struct patterns *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->count; i++)
		for (size_t k = 0; r == 0 && k < b->count; k++)
			r = pattern_overlap(&a->list[i], &b->list[k]);
	return r;
}

/* The folder, or the object, that the pattern names before its first wildcard. */
static size_t fixed_part(const struct pattern *pattern, char *out)
{
	size_t length = 0, slash = 0;

	while (length < pattern->count && pattern->items[length].type == ITEM_BYTE) {
		out[length] = (char)pattern->items[length].byte;
		if (out[length] == '/')
			slash = length;
		length++;
	}
	return length == pattern->count ? length : slash;
}

int patterns_name_below(const struct patterns *patterns, const struct pattern *below)
{
	for (size_t i = 0; i < patterns->count; i++) {
		_cleanup_free_ char *fixed = malloc(patterns->list[i].count + 1);

		if (!fixed)
			return -ENOMEM;
		if (pattern_matches(below, fixed, fixed_part(&patterns->list[i], fixed)))
			return 1;
	}
	return 0;
}
