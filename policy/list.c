/* SPDX-License-Identifier: GPL-2.0-only */
/* list.c - [list NAME]: objects that are written once and used by several rules. */
#include <search.h>
#include <string.h>

#include <portcullis/limits.h>

#include "list.h"
#include "ownership.h"
#include "suggest.h"

/* Lists that are compared with a misspelt one. */
#define SUGGESTED_MAX 256
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

bool name_check(const char *what, const char *name, struct diags *d, const struct loc *loc)
{
	size_t len = strlen(name);

	if (len > 0 && len <= PC_NAME_MAX && strspn(name, NAME_BYTES) == len)
		return true;
	diag_add(d, loc, DIAG_ERROR, "%s name '%s' is not 1 to %d letters, digits, '_', '.' or '-'", what,
		 name, PC_NAME_MAX);
	return false;
}

/* Names are looked up here: a policy may have as many lists as lines. */
struct list_name {
	size_t number;
	char name[PC_NAME_MAX + 1];
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct list_name *)a)->name, ((const struct list_name *)b)->name);
}

/* NULL: there is none of that name, which is a valid one. */
static const struct list *lists_get(const struct lists *lists, const char *name)
{
	struct list_name key, **found;

	(void)snprintf(key.name, sizeof(key.name), "%s", name);
	found = tfind(&key, &lists->by_name, compare_names);
	return found ? &lists->all[(*found)->number] : NULL;
}

int lists_open(struct lists *lists, const char *name, const struct loc *loc)
{
	const struct list *known = lists_get(lists, name);
	_cleanup_free_ struct list_name *added = NULL;
	_cleanup_free_ char *copy = NULL;
	struct list *grown;

	if (known)
		return (int)(known - lists->all);
	copy = strdup(name);
	added = calloc(1, sizeof(*added));
	grown = array_grow(lists->all, lists->count, sizeof(*grown));
	if (grown)
		lists->all = grown;
	if (!copy || !grown || !added)
		return -ENOMEM;
	(void)snprintf(added->name, sizeof(added->name), "%s", name);
	added->number = lists->count;
	if (!tsearch(added, &lists->by_name, compare_names))
		return -ENOMEM;
	(void)take_ptr(added);
	grown[lists->count] = (struct list){ .name = take_ptr(copy), .loc = *loc };
	return (int)lists->count++;
}

int list_add(struct list *list, const struct loc *loc, const char *text, struct diags *d)
{
	_cleanup_free_ char *copy = NULL;
	struct list_item *grown;

	if (text[0] == '$') {
		diag_add(d, loc, DIAG_ERROR, "lists hold objects, not lists: '%s' can't stand in [list %s]",
			 text, list->name);
		list->is_broken = true;
		return 0;
	}
	copy = strdup(text);
	grown = array_grow(list->items, list->count, sizeof(*grown));
	if (grown)
		list->items = grown;
	if (!copy || !grown)
		return -ENOMEM;
	grown[list->count++] = (struct list_item){ .loc = *loc, .text = take_ptr(copy) };
	return 0;
}

int list_extend(struct list *list, const struct loc *loc, const char *text, struct diags *d)
{
	struct list_item *last = list->count > 0 ? &list->items[list->count - 1] : NULL;
	char *longer;

	/* The last line of a list file is no beginning of what stands in the policy. */
	if (!last || last->loc.file != loc->file) {
		diag_add(d, loc, DIAG_ERROR, "'more' goes on with the item before it, and there is none");
		return 0;
	}
	if (strlen(last->text) + strlen(text) > PC_LIST_LINE_MAX) {
		diag_add(d, loc, DIAG_ERROR, "object of more than %d bytes", PC_LIST_LINE_MAX);
		return 0;
	}
	if (asprintf(&longer, "%s%s", last->text, text) < 0)
		return -ENOMEM;
	free(last->text);
	last->text = longer;
	return 0;
}

static int report_unknown(const struct lists *lists, const char *name, struct diags *d, const struct loc *loc)
{
	const char *names[SUGGESTED_MAX + 1] = {};

	for (size_t i = 0; i < lists->count && i < SUGGESTED_MAX; i++)
		names[i] = lists->all[i].name;
	if (lists->count == 0)
		diag_add(d, loc, DIAG_ERROR, "unknown list '%s'; define it: [list %s]", name, name);
	else
		diag_add(d, loc, DIAG_ERROR, "unknown list '%s'%s", name, suggest(name, names).text);
	return -EINVAL;
}

int lists_find(const struct lists *lists, const char *value, struct diags *d, const struct loc *loc,
	       const struct list **ret_list, const char **ret_rest)
{
	size_t len = strspn(value + 1, NAME_BYTES);
	_cleanup_free_ char *name = strndup(value + 1, len);
	const struct list *list;

	if (!name)
		return -ENOMEM;
	if (!name_check("list", name, d, loc))
		return -EINVAL;
	list = lists_get(lists, name);
	if (!list)
		return report_unknown(lists, name, d, loc);
	*ret_list = list;
	*ret_rest = value + 1 + len;
	return 0;
}

void lists_done(struct lists *lists)
{
	for (size_t i = 0; i < lists->count; i++) {
		struct list *list = &lists->all[i];

		for (size_t k = 0; k < list->count; k++)
			free(list->items[k].text);
		free(list->items);
		free(list->name);
	}
	tdestroy(lists->by_name, free);
	free(lists->all);
	*lists = (struct lists){};
}
