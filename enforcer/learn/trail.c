/* SPDX-License-Identifier: GPL-2.0-only */
/* trail.c - globs in the making, component by component. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/component.h"
#include "learn/trail.h"
#include "ownership.h"
#include "pattern.h"

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

char *trail_join(const struct trail *trail, size_t count, size_t column, const char *part)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 || !trail->is_abstract ? "/" : "",
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

static int trail_new(const struct merge_name *name, size_t index, bool is_abstract, struct trail **ret_trail)
{
	_cleanup_(trail_freep) struct trail *trail = calloc(1, sizeof(*trail));
	size_t at = is_abstract ? 0 : 1;

	if (!trail)
		return -ENOMEM;
	trail->is_abstract = is_abstract;
	while (at <= name->length) {
		const char *slash = memchr(name->bytes + at, '/', name->length - at);
		size_t end = slash ? (size_t)(slash - name->bytes) : name->length;
		int r = add_part(trail, name->bytes + at, end - at);

		if (r < 0)
			return r;
		at = end + 1;
	}
	trail->merged.members = malloc(sizeof(*trail->merged.members));
	trail->merged.glob = trail_join(trail, trail->count, trail->count, NULL);
	if (!trail->merged.members || !trail->merged.glob)
		return -ENOMEM;
	trail->merged.members[trail->merged.count++] = index;
	*ret_trail = take_ptr(trail);
	return 0;
}

int trails_add(struct trails *trails, const struct merge_name *name, size_t index)
{
	struct trail **grown = array_grow(trails->list, trails->count, sizeof(*grown));
	int r;

	if (!grown)
		return -ENOMEM;
	trails->list = grown;
	r = trail_new(name, index, trails->is_abstract, &grown[trails->count]);
	trails->count += r == 0;
	return r;
}

void trails_done(struct trails *trails)
{
	for (size_t i = 0; i < trails->count; i++)
		trail_free(trails->list[i]);
	free(trails->list);
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

int trails_unite(struct trails *trails)
{
	size_t kept = 0;

	if (trails->count == 0)
		return 0;
	qsort(trails->list, trails->count, sizeof(struct trail *), compare_trails);
	for (size_t i = 1; i < trails->count; i++) {
		struct trail *last = trails->list[kept], *next = trails->list[i];

		trails->list[i] = NULL;
		if (strcmp(last->merged.glob, next->merged.glob) != 0) {
			trails->list[++kept] = next;
			continue;
		}
		if (take_members(last, next) < 0) {
			trails->list[i] = next;
			return -ENOMEM;
		}
		trail_free(next);
	}
	trails->count = kept + 1;
	return 0;
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
static int absorb(struct trails *trails, struct trail *glob, const struct merge_name *names)
{
	enum pattern_flavour flavour = trails->is_abstract ? PATTERN_ABSTRACT : PATTERN_PATH;
	_cleanup_(patterns_freep) struct patterns *patterns = NULL;
	struct diags d = {};
	int r = pattern_parse(glob->merged.glob, flavour, &d, NULL, &patterns);

	diags_done(&d);
	for (size_t i = 0; r == 0 && i < trails->count; i++) {
		struct trail *other = trails->list[i];

		if (!other || !may_cover(glob, other) || !covers(&patterns->list[0], names, other))
			continue;
		r = take_members(glob, other);
		trails->list[i] = r == 0 ? trail_free(other) : other;
	}
	return r;
}

int trails_absorb(struct trails *trails, const struct merge_name *names)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < trails->count; i++)
		if (trails->list[i] && has_glob(trails->list[i]))
			r = absorb(trails, trails->list[i], names);
	for (size_t i = 0; i < trails->count; i++)
		if (trails->list[i])
			trails->list[kept++] = trails->list[i];
	trails->count = kept;
	return r;
}
