/* SPDX-License-Identifier: GPL-2.0-only */
/* merge.c - from names that were seen to a short list of globs that match them all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/component.h"
#include "learn/trail.h"
#include "ownership.h"

struct merge {
	const struct merge_options *options;
	struct trails trails;
};

/* What a trail would be if one of its parts were another. */
struct option {
	struct trail *trail;
	char *part; /* owned */
	char *glob; /* owned */
};

typedef int component_fn(const char *name, size_t length, char **ret_glob);

/* ---- Shapes, of each name alone. ---- */

static bool is_part(const struct part *part, const char *text)
{
	return strlen(text) == part->length && memcmp(part->bytes, text, part->length) == 0;
}

/* Whether the name in that column may become a glob at all. */
static bool may_change(const struct merge *merge, const struct trail *trail, size_t column)
{
	if (merge->options->is_abstract)
		return true;
	/* Folders of users are named by numbers, too. */
	if (column == 2 && is_part(&trail->parts[0], "run") && is_part(&trail->parts[1], "user"))
		return false;
	if (column >= 2)
		return true;
	return column == 1 && (is_part(&trail->parts[0], "proc") || is_part(&trail->parts[0], "tmp"));
}

static bool is_below_temporary(const struct trail *trail, size_t column)
{
	for (size_t i = 0; i < column; i++)
		if (component_is_temporary(trail->parts[i].bytes, trail->parts[i].length))
			return true;
	return false;
}

/* The parts of the trail in their shapes; those of NULL stay. */
static int find_shapes(const struct merge *merge, const struct trail *trail, char **shapes)
{
	for (size_t i = 0; i < trail->count; i++) {
		const struct part *part = &trail->parts[i];
		int r;

		if (!may_change(merge, trail, i))
			continue;
		r = component_shape(part->bytes, part->length, is_below_temporary(trail, i), &shapes[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static void swap_parts(struct trail *trail, char **shapes)
{
	for (size_t i = 0; i < trail->count; i++) {
		char *glob = trail->parts[i].glob;

		if (!shapes[i])
			continue;
		trail->parts[i].glob = shapes[i];
		trail->parts[i].is_literal = !trail->parts[i].is_literal;
		shapes[i] = glob;
	}
}

/* Either all shapes of the name are taken, or none. */
static int take_shapes(const struct merge *merge, struct trail *trail, char **shapes)
{
	_cleanup_free_ char *glob = NULL;
	int r = find_shapes(merge, trail, shapes);

	if (r < 0)
		return r;
	swap_parts(trail, shapes);
	glob = trail_join(trail, trail->count, trail->count, NULL);
	r = glob ? 1 : -ENOMEM;
	if (r > 0 && strcmp(glob, trail->merged.glob) != 0)
		r = merge->options->may(glob, NULL, merge->options->userdata);
	if (r <= 0) {
		swap_parts(trail, shapes);
		return r;
	}
	free(trail->merged.glob);
	trail->merged.glob = take_ptr(glob);
	return 0;
}

static int shape_all(struct merge *merge)
{
	for (size_t i = 0; i < merge->trails.count; i++) {
		struct trail *trail = merge->trails.list[i];
		_cleanup_free_ char **shapes = calloc(trail->count + 1, sizeof(*shapes));
		int r = shapes ? take_shapes(merge, trail, shapes) : -ENOMEM;

		for (size_t k = 0; shapes && k < trail->count; k++)
			free(shapes[k]);
		if (r < 0)
			return r;
	}
	return trails_unite(&merge->trails);
}

/* ---- Names that differ in one component. ---- */

static void options_done(struct option *options, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(options[i].part);
		free(options[i].glob);
	}
	free(options);
}

static int compare_options(const void *a, const void *b)
{
	const struct option *x = a, *y = b;
	int order = strcmp(x->glob, y->glob);

	return order ? order : strcmp(x->trail->merged.glob, y->trail->merged.glob);
}

/* 1, 0: the method says nothing of it, or −ENOMEM. */
static int make_option(struct trail *trail, size_t column, component_fn *fn, struct option *ret_option)
{
	struct option option = { .trail = trail };
	const struct part *part = &trail->parts[column];
	int r = fn(part->bytes, part->length, &option.part);

	if (r <= 0)
		return r;
	option.glob = trail_join(trail, trail->count, column, option.part);
	if (!option.glob) {
		free(option.part);
		return -ENOMEM;
	}
	*ret_option = option;
	return 1;
}

/* Those that would be the same take the part. */
static int take_group(const struct merge *merge, struct option *group, size_t count, size_t column,
		      bool is_wide)
{
	_cleanup_free_ char *directory = NULL;
	int r;

	if (is_wide) {
		directory = trail_join(group->trail, column + 1, column, "");
		if (!directory)
			return -ENOMEM;
	}
	r = merge->options->may(group->glob, directory, merge->options->userdata);
	for (size_t i = 0; r > 0 && i < count; i++) {
		struct trail *trail = group[i].trail;
		struct part *part = &trail->parts[column];

		free(part->glob);
		part->glob = take_ptr(group[i].part);
		part->is_literal = false;
		free(trail->merged.glob);
		trail->merged.glob = take_ptr(group[i].glob);
	}
	return r < 0 ? r : 0;
}

/* A way in which names that differ in one component are taken together. */
struct step {
	enum merge_method method;
	component_fn *fn;
	size_t least;
	bool is_wide;         /* changes more than the shape */
	bool is_for_literals; /* only for names that are no globs yet */
	bool is_for_temporary; /* only where files are temporary */
};

static int take_groups(const struct merge *merge, struct option *options, size_t count, size_t column,
		       const struct step *step)
{
	size_t first = 0;

	qsort(options, count, sizeof(*options), compare_options);
	for (size_t i = 1; i <= count; i++) {
		int r = 0;

		if (i < count && strcmp(options[i].glob, options[first].glob) == 0)
			continue;
		if (i - first >= step->least)
			r = take_group(merge, options + first, i - first, column, step->is_wide);
		if (r < 0)
			return r;
		first = i;
	}
	return 0;
}

static int merge_column(struct merge *merge, size_t column, const struct step *step)
{
	struct option *options = calloc(merge->trails.count + 1, sizeof(*options));
	size_t count = 0;
	int r = options ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < merge->trails.count; i++) {
		struct trail *trail = merge->trails.list[i];

		if (column >= trail->count || !may_change(merge, trail, column) ||
		    (step->is_for_literals && !trail->parts[column].is_literal) ||
		    (step->is_for_temporary && !is_below_temporary(trail, column)))
			continue;
		r = make_option(trail, column, step->fn, &options[count]);
		count += r > 0;
	}
	if (r >= 0)
		r = take_groups(merge, options, count, column, step);
	options_done(options, count);
	return r < 0 ? r : trails_unite(&merge->trails);
}

static int any_name(const char *name, size_t length, char **ret_glob)
{
	(void)name;
	(void)length;
	*ret_glob = strdup("*");
	return *ret_glob ? 1 : -ENOMEM;
}

static int any_visible_name(const char *name, size_t length, char **ret_glob)
{
	if (length == 0 || name[0] == '.')
		return 0;
	*ret_glob = strdup("[!.]*");
	return *ret_glob ? 1 : -ENOMEM;
}

static const struct step steps[] = {
	{ MERGE_NUMBERS, component_mkstemp, MERGE_NUMBERS_MIN, false, true, true },
	{ MERGE_NUMBERS, component_numbers, MERGE_NUMBERS_MIN, false, true, false },
	{ MERGE_LIBRARIES, component_library, MERGE_SIBLINGS_MIN, true, true, false },
	{ MERGE_ENDINGS, component_ending, MERGE_SIBLINGS_MIN, true, true, false },
	{ MERGE_SIBLINGS, any_name, MERGE_SIBLINGS_MIN, true, false, false },
	{ MERGE_SIBLINGS, any_visible_name, MERGE_SIBLINGS_MIN, true, true, false },
};

static int merge_all(struct merge *merge)
{
	size_t columns = 0;
	int r = 0;

	for (size_t i = 0; i < merge->trails.count; i++)
		if (merge->trails.list[i]->count > columns)
			columns = merge->trails.list[i]->count;
	for (size_t column = columns; r == 0 && column-- > 0;)
		for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
			if (merge->options->methods & steps[i].method)
				r = merge_column(merge, column, &steps[i]);
	return r;
}

static void merge_done(struct merge *merge)
{
	trails_done(&merge->trails);
}

static int compare_numbers(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int take_result(struct merge *merge, struct merged **ret_list, size_t *ret_count)
{
	struct merged *list = calloc(merge->trails.count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < merge->trails.count; i++) {
		struct trail *trail = merge->trails.list[i];

		list[i] = trail->merged;
		trail->merged = (struct merged){};
		qsort(list[i].members, list[i].count, sizeof(*list[i].members), compare_numbers);
	}
	*ret_list = list;
	*ret_count = merge->trails.count;
	return 0;
}

int merge_names(const struct merge_name *names, size_t count, const struct merge_options *options,
		struct merged **ret_list, size_t *ret_count)
{
	_cleanup_(merge_done) struct merge merge = { .options = options,
						     .trails.is_abstract = options->is_abstract };
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = trails_add(&merge.trails, &names[i], i);
	if (r == 0)
		r = options->methods & MERGE_SHAPES ? shape_all(&merge) : trails_unite(&merge.trails);
	if (r == 0)
		r = merge_all(&merge);
	if (r == 0)
		r = trails_absorb(&merge.trails, names);
	return r < 0 ? r : take_result(&merge, ret_list, ret_count);
}

struct merged *merged_free(struct merged *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].glob);
		free(list[i].members);
	}
	free(list);
	return NULL;
}
