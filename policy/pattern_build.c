/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pattern_build.c - from the names of a glob to a pattern in normal form, and its rank.
 *
 * The rank looks at how a pattern is written; so that one which covers less never ranks below one that covers
 * more, two ways to write the same thing must become one. Sketch of why it holds then: the shortest words of
 * a pattern are a product of sets, one for each byte; those of a smaller language are members of the larger's
 * or longer. If the sets are the same, the wildcards that add bytes stand in the same places, because a run
 * of `?` stands before its `*` and a `**` behind the `*` names beside it.
 */
#include <string.h>

#include "ownership.h"
#include "pattern_build.h"

void name_list_done(struct name_list *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i].items);
	free(names->list);
	*names = (struct name_list){};
}

size_t name_shortest(const struct name *name)
{
	size_t length = name->hidden;

	for (size_t i = 0; i < name->count; i++)
		length += name->items[i].type == ITEM_BYTE || name->items[i].type == ITEM_SET;
	return length;
}

static unsigned int set_size(const __u32 set[8])
{
	unsigned int size = 0;

	for (size_t i = 0; i < 8; i++)
		size += __builtin_popcount(set[i]);
	return size;
}

int item_from_set(struct patterns *patterns, enum pattern_flavour flavour, const __u32 set[8],
		  struct item *ret_item)
{
	unsigned int size = set_size(set);
	struct pattern_set *node;

	if (size == 0)
		return -EINVAL;
	if (size == 1) {
		for (unsigned int c = 0; c < 256; c++) {
			if (pattern_set_has(set, c))
				*ret_item = (struct item){ .type = ITEM_BYTE, .byte = c };
		}
		return 0;
	}
	if (!memcmp(set, pattern_any[flavour], sizeof(pattern_any[flavour]))) {
		*ret_item = (struct item){ .type = ITEM_SET, .set = pattern_any[flavour] };
		return 0;
	}
	node = malloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	memcpy(node->bits, set, sizeof(node->bits));
	node->next = patterns->sets;
	patterns->sets = node;
	*ret_item = (struct item){ .type = ITEM_SET, .set = node->bits };
	return 0;
}

static bool is_dot(const struct item *item)
{
	return item->type == ITEM_BYTE && item->byte == '.';
}

/* Takes '.' out of a set that would only match "." or ".." by it. */
static int drop_dot(struct patterns *patterns, struct item *item)
{
	__u32 set[8];

	if (item->type != ITEM_SET)
		return 0;
	memcpy(set, item->set, sizeof(set));
	set['.' >> 5] &= ~(1U << ('.' & 31));
	return item_from_set(patterns, PATTERN_PATH, set, item);
}

/* No canonical name is "." or "..": what only they would match does not count. */
static int normalise_dots(struct patterns *patterns, struct name *name)
{
	struct item *items = name->items;
	int r = 0;

	if (name->count == 1)
		return drop_dot(patterns, &items[0]);
	if (name->count != 2)
		return 0;
	if (is_dot(&items[0]))
		r = drop_dot(patterns, &items[1]);
	if (r == 0 && is_dot(&items[1]))
		r = drop_dot(patterns, &items[0]);
	return r;
}

/* Moves the `?`s of each run of `?` and `*` before its `*`, of which one is left. */
static void normalise_runs(enum pattern_flavour flavour, struct name *name)
{
	struct item *items = name->items;
	size_t count = 0;
	bool is_star = false;

	for (size_t i = 0; i < name->count; i++) {
		bool is_any = items[i].type == ITEM_SET && items[i].set == pattern_any[flavour];

		if (items[i].type == ITEM_STAR) {
			is_star = true;
			continue;
		}
		if (is_star && !is_any) {
			/* The star and at most one item are held back, so this writes no further than what
			 * was read. */
			struct item kept = items[i];

			items[count++] = (struct item){ .type = ITEM_STAR };
			items[count++] = kept;
			is_star = false;
			continue;
		}
		items[count++] = items[i];
	}
	if (is_star)
		items[count++] = (struct item){ .type = ITEM_STAR };
	name->count = count;
}

/* Puts a `?` before the only star; the items have room for it or get it. */
static int insert_any(enum pattern_flavour flavour, struct name *name, size_t star)
{
	struct item *items = reallocarray(name->items, name->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	memmove(&items[star + 1], &items[star], (name->count - star) * sizeof(*items));
	items[star] = (struct item){ .type = ITEM_SET, .set = pattern_any[flavour] };
	name->items = items;
	name->count++;
	return 0;
}

/* `*` alone is never empty, `.*` never ".", `.*.` never "..": such a star stands for one byte more than it
 * says. */
static int normalise_star(enum pattern_flavour flavour, struct name *name)
{
	size_t dots = 0, stars = 0, star = 0;

	for (size_t i = 0; i < name->count; i++) {
		if (name->items[i].type == ITEM_STAR) {
			stars++;
			star = i;
		} else if (is_dot(&name->items[i])) {
			dots++;
		} else {
			return 0;
		}
	}
	if (stars == 0 || dots > 2 || (dots > 0 && flavour == PATTERN_ABSTRACT))
		return 0;
	if (dots == 0)
		name->kind = NAME_ANY;
	if (stars == 1)
		return insert_any(flavour, name, star);
	name->hidden = 1;
	return 0;
}

int name_normalise(struct patterns *patterns, enum pattern_flavour flavour, struct name *name)
{
	int r;

	if (name->kind == NAME_DEEP)
		return 0;
	if (flavour == PATTERN_PATH) {
		r = normalise_dots(patterns, name);
		if (r < 0)
			return r;
	}
	normalise_runs(flavour, name);
	return normalise_star(flavour, name);
}

static bool is_run_member(enum pattern_flavour flavour, enum name_kind kind)
{
	return kind == NAME_DEEP || (kind == NAME_ANY && flavour == PATTERN_PATH);
}

/*
 * Rewrites the kinds of a run of `*` and `**` names that holds a `**`: all `*` first, then one `**`; at the
 * end of the pattern the `**` stands for the last `*`. Returns how many names the run has then.
 */
static size_t normalise_run(enum name_kind *kinds, size_t count, bool is_last)
{
	size_t any = 0, deep = 0;
	bool ends_deep = kinds[count - 1] == NAME_DEEP;

	for (size_t i = 0; i < count; i++) {
		any += kinds[i] == NAME_ANY;
		deep += kinds[i] == NAME_DEEP;
	}
	if (deep == 0)
		return count;
	if (is_last && !ends_deep)
		any--;
	for (size_t i = 0; i < any; i++)
		kinds[i] = NAME_ANY;
	kinds[any] = NAME_DEEP;
	return any + 1;
}

/* A pattern that is being written. `names` are the normal form's; a NAME_PLAIN has its place in `plain`. */
struct draft {
	enum pattern_flavour flavour;
	enum name_kind *kinds;
	const struct name **plain;
	size_t count;
	struct item *items;
	size_t item_count;
	size_t room;
	size_t hidden;
};

static void draft_done(struct draft *draft)
{
	free(draft->kinds);
	free(draft->plain);
	free(draft->items);
}

/* The names in normal form. */
static int draft_names(struct draft *draft, const struct name_list *names, bool is_below)
{
	size_t count = names->count + is_below, run, end, kept;

	draft->kinds = calloc(count + 1, sizeof(*draft->kinds));
	draft->plain = calloc(count + 1, sizeof(*draft->plain));
	if (!draft->kinds || !draft->plain)
		return -ENOMEM;
	for (size_t i = 0; i < names->count; i++)
		draft->kinds[i] = names->list[i].kind;
	if (is_below)
		draft->kinds[names->count] = NAME_DEEP;
	for (size_t i = 0; i < count; i = end) {
		end = i + 1;
		if (!is_run_member(draft->flavour, draft->kinds[i])) {
			draft->plain[draft->count] = &names->list[i];
			draft->kinds[draft->count++] = draft->kinds[i];
			continue;
		}
		while (end < count && is_run_member(draft->flavour, draft->kinds[end]))
			end++;
		run = end - i;
		kept = normalise_run(&draft->kinds[i], run, end == count);
		memmove(&draft->kinds[draft->count], &draft->kinds[i], kept * sizeof(*draft->kinds));
		draft->count += kept;
	}
	return 0;
}

static int draft_item(struct draft *draft, struct item item)
{
	int r = array_reserve(&draft->items, &draft->room, draft->item_count + 1, sizeof(*draft->items));

	if (r < 0)
		return r;
	draft->items[draft->item_count++] = item;
	return 0;
}

/* The items of name number `i`, without the slash before it. */
static int draft_name(struct draft *draft, size_t i)
{
	const struct name *name = draft->plain[i];
	bool is_last = i + 1 == draft->count;
	int r = 0;

	if (draft->kinds[i] == NAME_DEEP)
		return draft_item(draft, (struct item){ .type = is_last ? ITEM_TAIL : ITEM_DIRS });
	if (!name) {
		r = draft_item(draft, (struct item){ .type = ITEM_SET, .set = pattern_any[draft->flavour] });
		if (r < 0)
			return r;
		return draft_item(draft, (struct item){ .type = ITEM_STAR });
	}
	for (size_t k = 0; r == 0 && k < name->count; k++)
		r = draft_item(draft, name->items[k]);
	draft->hidden += name->hidden;
	return r;
}

/* A slash stands before every name; but an abstract name has none before its first, and `**` ends in its own.
 */
static int draft_items(struct draft *draft)
{
	const struct item slash = { .type = ITEM_BYTE, .byte = '/' };
	int r;

	if (draft->count == 0)
		return draft->flavour == PATTERN_PATH ? draft_item(draft, slash) : 0;
	for (size_t i = 0; i < draft->count; i++) {
		bool has_slash = i == 0 ? draft->flavour == PATTERN_PATH : draft->kinds[i - 1] != NAME_DEEP;

		r = has_slash ? draft_item(draft, slash) : 0;
		if (r == 0)
			r = draft_name(draft, i);
		if (r < 0)
			return r;
	}
	return 0;
}

static struct rank rank_of(const struct draft *draft)
{
	unsigned int any = set_size(pattern_any[draft->flavour]);
	struct rank rank = { .shortest = draft->hidden, .choices = draft->hidden * any };
	bool is_beginning = true;

	for (size_t i = 0; i < draft->item_count; i++) {
		const struct item *item = &draft->items[i];

		is_beginning = is_beginning && item->type == ITEM_BYTE;
		rank.beginning += is_beginning;
		rank.fixed += item->type == ITEM_BYTE;
		rank.shortest += item->type == ITEM_BYTE || item->type == ITEM_SET || item->type == ITEM_TAIL;
		if (item->type == ITEM_SET)
			rank.choices += set_size(item->set);
		rank.choices += item->type == ITEM_TAIL ? any : 0;
		rank.wildcards += item->type == ITEM_STAR || item->type == ITEM_DIRS;
		rank.wildcards += item->type == ITEM_TAIL ? 2 : 0;
	}
	return rank;
}

int patterns_add(struct patterns *patterns, enum pattern_flavour flavour, const struct name_list *names,
		 bool is_below)
{
	_cleanup_(draft_done) struct draft draft = { .flavour = flavour };
	struct pattern *grown, made;
	int r;

	r = draft_names(&draft, names, is_below);
	if (r == 0)
		r = draft_items(&draft);
	if (r < 0)
		return r;
	made = (struct pattern){ .items = draft.items, .count = draft.item_count, .rank = rank_of(&draft) };
	for (size_t i = 0; i < patterns->count; i++) {
		if (pattern_is_same(&patterns->list[i], &made))
			return 0;
	}
	grown = reallocarray(patterns->list, patterns->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	patterns->list = grown;
	patterns->list[patterns->count++] = made;
	draft.items = NULL;
	return 0;
}
