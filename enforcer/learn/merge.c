/* SPDX-License-Identifier: GPL-2.0-only */
/* merge.c - from names that were seen to a short list of globs that match them all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/component.h"
#include "learn/merge.h"
#include "ownership.h"
#include "pattern.h"

/* What stands between two slashes. */
struct part {
	const char *bytes; /* as it was seen; of one of the members */
	size_t length;
	char *glob; /* owned */
	bool is_literal;
};

/* A glob in the making. */
struct trail {
	struct part *parts; /* owned */
	size_t count;
	struct merged merged; /* its glob is up to date between the steps */
};

struct merge {
	const struct merge_options *options;
	struct trail **trails; /* owned, each */
	size_t count;
};

/* What a trail would be if one of its parts were another. */
struct option {
	struct trail *trail;
	char *part; /* owned */
	char *glob; /* owned */
};

typedef int component_fn(const char *name, size_t length, char **ret_glob);

/* ---- Trails ---- */

static struct trail *trail_free(struct trail *trail)
{
	if (!trail)
		return NULL;
	for (size_t i = 0; i < trail->count; i++)
		free(trail->parts[i].glob);
	free(trail->parts);
	free(trail->merged.glob);
	free(trail->merged.members);
	free(trail);
	return NULL;
}

static void trail_freep(struct trail **trail)
{
	(void)trail_free(*trail);
}

/* The glob as a whole, up to `count` parts, with `part` in the place of number `column`. NULL: no memory. */
static char *join(const struct trail *trail, size_t count, size_t column, const char *part, bool is_abstract)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 || !is_abstract ? "/" : "",
			i == column ? part : trail->parts[i].glob);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int add_part(struct trail *trail, const char *bytes, size_t length)
{
	struct part *grown = array_grow(trail->parts, trail->count, sizeof(*grown));
	int r;

	if (!grown)
		return -ENOMEM;
	trail->parts = grown;
	grown[trail->count] = (struct part){ .bytes = bytes, .length = length, .is_literal = true };
	r = component_quote(bytes, length, &grown[trail->count].glob);
	if (r < 0)
		return r;
	trail->count++;
	return 0;
}

static int trail_new(const struct merge *merge, const struct merge_name *name, size_t index,
		     struct trail **ret_trail)
{
	_cleanup_(trail_freep) struct trail *trail = calloc(1, sizeof(*trail));
	size_t at = merge->options->is_abstract ? 0 : 1;

	if (!trail)
		return -ENOMEM;
	while (at <= name->length) {
		const char *slash = memchr(name->bytes + at, '/', name->length - at);
		size_t end = slash ? (size_t)(slash - name->bytes) : name->length;
		int r = add_part(trail, name->bytes + at, end - at);

		if (r < 0)
			return r;
		at = end + 1;
	}
	trail->merged.members = malloc(sizeof(*trail->merged.members));
	trail->merged.glob = join(trail, trail->count, trail->count, NULL, merge->options->is_abstract);
	if (!trail->merged.members || !trail->merged.glob)
		return -ENOMEM;
	trail->merged.members[trail->merged.count++] = index;
	*ret_trail = take_ptr(trail);
	return 0;
}

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

static int take_members(struct trail *to, const struct trail *from)
{
	size_t *members =
		reallocarray(to->merged.members, to->merged.count + from->merged.count, sizeof(*members));

	if (!members)
		return -ENOMEM;
	memcpy(members + to->merged.count, from->merged.members, from->merged.count * sizeof(*members));
	to->merged.members = members;
	to->merged.count += from->merged.count;
	return 0;
}

static int compare_trails(const void *a, const void *b)
{
	const struct trail *x = *(struct trail *const *)a, *y = *(struct trail *const *)b;

	return strcmp(x->merged.glob, y->merged.glob);
}

/* Of those that have become the same, one is left. */
static int unite(struct merge *merge)
{
	size_t kept = 0;

	if (merge->count == 0)
		return 0;
	qsort(merge->trails, merge->count, sizeof(struct trail *), compare_trails);
	for (size_t i = 1; i < merge->count; i++) {
		struct trail *last = merge->trails[kept], *next = merge->trails[i];

		merge->trails[i] = NULL;
		if (strcmp(last->merged.glob, next->merged.glob) != 0) {
			merge->trails[++kept] = next;
			continue;
		}
		if (take_members(last, next) < 0) {
			merge->trails[i] = next;
			return -ENOMEM;
		}
		trail_free(next);
	}
	merge->count = kept + 1;
	return 0;
}

/* ---- Shapes, of each name alone. ---- */

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
	glob = join(trail, trail->count, trail->count, NULL, merge->options->is_abstract);
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
	for (size_t i = 0; i < merge->count; i++) {
		struct trail *trail = merge->trails[i];
		_cleanup_free_ char **shapes = calloc(trail->count + 1, sizeof(*shapes));
		int r = shapes ? take_shapes(merge, trail, shapes) : -ENOMEM;

		for (size_t k = 0; shapes && k < trail->count; k++)
			free(shapes[k]);
		if (r < 0)
			return r;
	}
	return unite(merge);
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
static int make_option(const struct merge *merge, struct trail *trail, size_t column, component_fn *fn,
		       struct option *ret_option)
{
	struct option option = { .trail = trail };
	const struct part *part = &trail->parts[column];
	int r = fn(part->bytes, part->length, &option.part);

	if (r <= 0)
		return r;
	option.glob = join(trail, trail->count, column, option.part, merge->options->is_abstract);
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
		directory = join(group->trail, column + 1, column, "", merge->options->is_abstract);
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
	struct option *options = calloc(merge->count + 1, sizeof(*options));
	size_t count = 0;
	int r = options ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < merge->count; i++) {
		struct trail *trail = merge->trails[i];

		if (column >= trail->count || !may_change(merge, trail, column) ||
		    (step->is_for_literals && !trail->parts[column].is_literal))
			continue;
		r = make_option(merge, trail, column, step->fn, &options[count]);
		count += r > 0;
	}
	if (r >= 0)
		r = take_groups(merge, options, count, column, step);
	options_done(options, count);
	return r < 0 ? r : unite(merge);
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
	{ MERGE_NUMBERS, component_numbers, MERGE_NUMBERS_MIN, false, true },
	{ MERGE_LIBRARIES, component_library, MERGE_SIBLINGS_MIN, true, true },
	{ MERGE_ENDINGS, component_ending, MERGE_SIBLINGS_MIN, true, true },
	{ MERGE_SIBLINGS, any_name, MERGE_SIBLINGS_MIN, true, false },
	{ MERGE_SIBLINGS, any_visible_name, MERGE_SIBLINGS_MIN, true, true },
};

static int merge_all(struct merge *merge)
{
	size_t columns = 0;
	int r = 0;

	for (size_t i = 0; i < merge->count; i++)
		if (merge->trails[i]->count > columns)
			columns = merge->trails[i]->count;
	for (size_t column = columns; r == 0 && column-- > 0;)
		for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
			if (merge->options->methods & steps[i].method)
				r = merge_column(merge, column, &steps[i]);
	return r;
}

/* ---- What another glob covers anyway ---- */

/* Whether the parts are the same but where the glob is wide: most don't even come near. */
static bool may_cover(const struct trail *glob, const struct trail *other)
{
	if (glob == other || glob->count != other->count)
		return false;
	for (size_t i = 0; i < glob->count; i++)
		if (glob->parts[i].is_literal && strcmp(glob->parts[i].glob, other->parts[i].glob) != 0)
			return false;
	return true;
}

static bool covers(const struct pattern *pattern, const struct merge_name *names, const struct trail *other)
{
	for (size_t i = 0; i < other->merged.count; i++) {
		const struct merge_name *name = &names[other->merged.members[i]];

		if (!pattern_matches(pattern, name->bytes, name->length))
			return false;
	}
	return true;
}

static bool has_glob(const struct trail *trail)
{
	for (size_t i = 0; i < trail->count; i++)
		if (!trail->parts[i].is_literal)
			return true;
	return false;
}

/* The glob takes over what it covers: the others' places become free. */
static int absorb(struct merge *merge, struct trail *glob, const struct merge_name *names)
{
	enum pattern_flavour flavour = merge->options->is_abstract ? PATTERN_ABSTRACT : PATTERN_PATH;
	_cleanup_(patterns_freep) struct patterns *patterns = NULL;
	struct diags d = {};
	int r = pattern_parse(glob->merged.glob, flavour, &d, NULL, &patterns);

	diags_done(&d);
	for (size_t i = 0; r == 0 && i < merge->count; i++) {
		struct trail *other = merge->trails[i];

		if (!other || !may_cover(glob, other) || !covers(&patterns->list[0], names, other))
			continue;
		r = take_members(glob, other);
		merge->trails[i] = r == 0 ? trail_free(other) : other;
	}
	return r;
}

static int absorb_all(struct merge *merge, const struct merge_name *names)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < merge->count; i++)
		if (merge->trails[i] && has_glob(merge->trails[i]))
			r = absorb(merge, merge->trails[i], names);
	for (size_t i = 0; i < merge->count; i++)
		if (merge->trails[i])
			merge->trails[kept++] = merge->trails[i];
	merge->count = kept;
	return r;
}

static void merge_done(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++)
		trail_free(merge->trails[i]);
	free(merge->trails);
}

static int compare_numbers(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int take_result(struct merge *merge, struct merged **ret_list, size_t *ret_count)
{
	struct merged *list = calloc(merge->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < merge->count; i++) {
		struct trail *trail = merge->trails[i];

		list[i] = trail->merged;
		trail->merged = (struct merged){};
		qsort(list[i].members, list[i].count, sizeof(*list[i].members), compare_numbers);
	}
	*ret_list = list;
	*ret_count = merge->count;
	return 0;
}

int merge_names(const struct merge_name *names, size_t count, const struct merge_options *options,
		struct merged **ret_list, size_t *ret_count)
{
	_cleanup_(merge_done) struct merge merge = { .options = options };
	int r = 0;

	merge.trails = calloc(count + 1, sizeof(*merge.trails));
	if (!merge.trails)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < count; i++) {
		r = trail_new(&merge, &names[i], i, &merge.trails[i]);
		merge.count += r == 0;
	}
	if (r == 0)
		r = options->methods & MERGE_SHAPES ? shape_all(&merge) : unite(&merge);
	if (r == 0)
		r = merge_all(&merge);
	if (r == 0)
		r = absorb_all(&merge, names);
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
