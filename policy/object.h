/* SPDX-License-Identifier: GPL-2.0-only */
/* object.h - what a rule or an expectation speaks of: text → struct object. */
#pragma once

#include "model.h"

struct question;

/* `any` is both kinds of address. */
#define OBJECTS_MAX 2

struct objects {
	struct object list[OBJECTS_MAX];
	size_t count;
};

/*
 * Parses `text` (already without list name) as an object of that section. −EINVAL: reported to `d` at `loc`.
 * The caller owns what is in `ret_objects`.
 */
int object_parse(const char *text, enum pc_section_id section, struct diags *d, const struct loc *loc,
		 struct objects *ret_objects);
/* Whether it speaks of what the question names, by kind and bytes alone; slow, for explanations and filters. */
bool object_matches(const struct object *object, const struct question *question);
void object_done(struct object *object);
void objects_done(struct objects *objects);
