/* SPDX-License-Identifier: GPL-2.0-only */
/* list.h - [list NAME]: objects that are written once and used by several rules. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

struct list_item {
	struct loc loc;
	char *text;
};

struct list {
	char *name;
	struct loc loc; /* where it first stands */
	struct list_item *items;
	size_t count;
	bool is_broken; /* part of it could not be read: reported */
};

struct lists {
	struct list *all;
	size_t count;
	void *by_name; /* tsearch(3) tree of struct list_name */
};

/* The number of the list of that name, which is added if it is new. −ENOMEM. */
int lists_open(struct lists *lists, const char *name, const struct loc *loc);
/* Adds an object; reports one that is itself a list. */
int list_add(struct list *list, const struct loc *loc, const char *text, struct diags *d);
/* Adds the text to the end of the object before it; reports if there is none, or if it grows too long. */
int list_extend(struct list *list, const struct loc *loc, const char *text, struct diags *d);
/*
 * The list that `value` ("$name…") begins with, and what follows its name. −EINVAL: reported to `d` at `loc`.
 * The result lives until a list is added.
 */
int lists_find(const struct lists *lists, const char *value, struct diags *d, const struct loc *loc,
	       const struct list **ret_list, const char **ret_rest);
void lists_done(struct lists *lists);

/* Whether it is a name of a list, profile or policy: [A-Za-z0-9_.-]{1,32}. If not, that is reported. */
bool name_check(const char *what, const char *name, struct diags *d, const struct loc *loc);
