/* SPDX-License-Identifier: GPL-2.0-only */
/* object_match.c - whether an object speaks of what a question names, slowly. */
#include "compiler.h"
#include "network.h"
#include "object.h"

static bool glob_matches(const struct object *object, const struct question *question)
{
	struct patterns *patterns = NULL;
	struct diags none = {};
	bool is_match = false;

	if (pattern_parse(object->glob, kind_flavour(object->kind), &none, NULL, &patterns) == 0)
		for (size_t i = 0; i < patterns->count && !is_match; i++)
			is_match = pattern_matches(&patterns->list[i], question->bytes, question->length);
	patterns_free(patterns);
	diags_done(&none);
	return is_match;
}

bool object_matches(const struct object *object, const struct question *question)
{
	if (object->kind != question->kind)
		return false;
	if (kind_has_patterns(object->kind))
		return glob_matches(object, question);
	if (object->kind == PC_KIND_IP4 || object->kind == PC_KIND_IP6)
		return network_matches(object, question->bytes, question->class, question->port);
	return !kind_is_byte(object->kind) || object->byte == *(const __u8 *)question->bytes;
}
