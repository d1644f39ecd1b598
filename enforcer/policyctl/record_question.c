/* SPDX-License-Identifier: GPL-2.0-only */
/* record_question.c - what a record's object is to a policy. */
#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "ownership.h"
#include "record.h"

/* Names stand in a record as they are, not quoted as in a policy: the rest of these is the name. */
static const struct {
	const char *prefix;
	enum pc_kind kind;
} names[] = {
	{ "/", PC_KIND_PATH },
	{ "foreign:", PC_KIND_FOREIGN },
	{ "unix:@", PC_KIND_UNIX_ABSTRACT },
	{ "unix:", PC_KIND_UNIX_PATH },
};

static bool take_name(const char *bytes, size_t length, struct question *question)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t skipped = strlen(names[i].prefix);

		if (length < skipped || memcmp(bytes, names[i].prefix, skipped) != 0)
			continue;
		/* A path's slash is of the name. */
		if (names[i].kind == PC_KIND_PATH)
			skipped = 0;
		question->kind = names[i].kind;
		question->bytes = bytes + skipped;
		question->length = length - skipped;
		return true;
	}
	return false;
}

/* Addresses and words are written as in a policy. */
static void take_object(const struct object *object, __u8 room[16], struct question *question)
{
	question->kind = object->kind;
	question->bytes = room;
	if (kind_is_byte(object->kind)) {
		room[0] = object->byte;
		question->length = 1;
	}
	if (object->kind == PC_KIND_IP4 || object->kind == PC_KIND_IP6) {
		memcpy(room, object->address, sizeof(object->address));
		question->length = object->kind == PC_KIND_IP4 ? 4 : 16;
		question->class = object->protocol >= 0 ? (unsigned int)object->protocol : 0;
		question->port = object->port_count ? object->ports[0].first : 0;
	}
}

bool record_question(enum pc_section_id hook, const char *bytes, size_t length, __u8 room[16],
		     struct question *ret_question)
{
	struct question question = { .section = hook };
	_cleanup_free_ char *text = NULL;
	struct objects objects = {};
	struct diags none = {};
	bool is_known = take_name(bytes, length, &question);

	if (!is_known) {
		text = strndup(bytes, length);
		is_known = text && object_parse(text, hook, &none, NULL, &objects) == 0;
		if (is_known)
			take_object(&objects.list[0], room, &question);
		objects_done(&objects);
		diags_done(&none);
	}
	if (is_known)
		*ret_question = question;
	return is_known;
}
