/* SPDX-License-Identifier: GPL-2.0-only */
/* past.c - from a record to the question that its decision answered. */
#include <errno.h>
#include <string.h>

#include "address.h"
#include "image.h"
#include "learn/past.h"
#include "object.h"
#include "ownership.h"
#include "profile.h"

/* How the objects of a record begin; of two that fit the longer stands first. See object_name.c. */
static const struct {
	const char *prefix;
	enum pc_kind kind;
	size_t skip; /* bytes that are no part of the name */
} names[] = {
	{ "/", PC_KIND_PATH, 0 },
	{ "foreign:", PC_KIND_FOREIGN, 8 },
	{ "unix:@", PC_KIND_UNIX_ABSTRACT, 6 },
	{ "unix:", PC_KIND_UNIX_PATH, 5 },
	{ "anon:", PC_KIND_ANON, 5 },
	{ "userns:", PC_KIND_USERNS, 7 },
	{ "jit:", PC_KIND_JIT, 4 },
};

static int cannot(const char *why, const char **ret_why)
{
	*ret_why = why;
	return -EINVAL;
}

static int find_access(const struct record *record, struct question *question, const char **ret_why)
{
	question->access = PC_ACCESS_READ;
	if (question->section != PC_OPEN || strcmp(record->access, "read") == 0)
		return 0;
	question->access = PC_ACCESS_WRITE;
	if (strcmp(record->access, "write") == 0)
		return 0;
	question->access = PC_ACCESS_READ | PC_ACCESS_WRITE;
	return strcmp(record->access, "read+write") ? cannot("it does not say reading or writing", ret_why)
						    : 0;
}

static int find_profile(const struct record *record, const struct policy *policy, struct question *question,
			const char **ret_why)
{
	const struct profile *profile;

	if (!*record->profile)
		return 0;
	profile = policy_profile(policy, record->profile);
	if (!profile)
		return cannot("its profile is not in the policy", ret_why);
	question->profile = (size_t)(profile - policy->profiles) + 1;
	return 0;
}

/* A record is about one address and port. */
static bool is_one(const struct objects *objects)
{
	const struct object *object = &objects->list[0];

	if (objects->count != 1 || object->port_count > 1 ||
	    (!kind_is_byte(object->kind) && object->protocol < 0))
		return false;
	if (kind_is_byte(object->kind))
		return true;
	if (protocol_has_ports(object->protocol) && object->port_count == 0)
		return false;
	return object->prefix == (object->kind == PC_KIND_IP4 ? 32U : 128U) &&
	       (object->port_count == 0 || object->ports[0].first == object->ports[0].last);
}

/* An address, a family or a word of [system]. */
static int parse_object(const char *text, struct past *past, const char **ret_why)
{
	struct question *question = &past->question;
	struct objects objects = {};
	struct diags d = {};
	int r = object_parse(text, question->section, &d, NULL, &objects);
	const struct object *object = &objects.list[0];

	diags_done(&d);
	if (r < 0)
		return r == -EINVAL ? cannot("its object is unknown", ret_why) : r;
	question->kind = object->kind;
	memcpy(past->address, object->address, sizeof(past->address));
	past->byte = object->byte;
	past->is_raw = object->protocol == PC_CLASS_RAW;
	question->bytes = kind_is_byte(object->kind) ? &past->byte : past->address;
	question->length = kind_is_byte(object->kind) ? 1 : object->kind == PC_KIND_IP4 ? 4 : 16;
	if (object->protocol >= 0)
		question->class = (unsigned int)object->protocol;
	if (object->port_count > 0)
		question->port = object->ports[0].first;
	if (!is_one(&objects))
		r = cannot("its object is unknown", ret_why);
	objects_done(&objects);
	return r;
}

static int find_object(const struct record *record, struct past *past, const char **ret_why)
{
	struct question *question = &past->question;

	if (strncmp(record->object, "unresolved:", 11) == 0)
		return cannot("its name could not be told (unresolved:)", ret_why);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(record->object, names[i].prefix, strlen(names[i].prefix)) != 0)
			continue;
		question->kind = names[i].kind;
		question->bytes = record->object + names[i].skip;
		question->length = record->object_length - names[i].skip;
		/* Files of one kind, whatever a record says of them: see enum pc_kind. */
		if (question->kind == PC_KIND_ANON || question->kind == PC_KIND_USERNS ||
		    question->kind == PC_KIND_JIT) {
			question->length = 0;
			past->word = names[i].prefix;
		}
		return 0;
	}
	return parse_object(record->object, past, ret_why);
}

/* What the hooks ask without defaults: see portcullis-policy(5). */
static void set_ask(const struct record *record, struct question *question)
{
	bool is_message = question->kind == PC_KIND_FAMILY && strcmp(record->operation, "send") == 0;
	bool is_handed = question->kind == PC_KIND_ANON && question->section == PC_OPEN && *record->operation;

	if (is_message || is_handed)
		question->ask = PC_ASK_RULES_ONLY;
}

int past_question(const struct record *record, const struct policy *policy, struct past *ret_past,
		  const char **ret_why)
{
	struct question *question = &ret_past->question;
	int r;

	*ret_past = (struct past){};
	if (record->is_cut)
		return cannot("its object is cut in the record (object_cut)", ret_why);
	if (strcmp(record->rule, "tree") == 0)
		return cannot("it is about all that lies below a folder that was moved (tree)", ret_why);
	if (strcmp(record->rule, "family") == 0)
		return cannot("a family was kept from what is outside it, by no rule (family)", ret_why);
	question->section = record->hook;
	r = find_access(record, question, ret_why);
	if (r == 0)
		r = find_profile(record, policy, question, ret_why);
	if (r == 0)
		r = find_object(record, ret_past, ret_why);
	if (r == 0)
		set_ask(record, question);
	return r;
}

int past_ask(const struct past *past, const struct image *image, struct pc_answer *ret_answer,
	     const char **ret_why)
{
	struct question question = past->question;
	struct pc_answer answer = image_ask(image, &question);

	while (past->is_raw && ++question.class < PC_CLASSES) {
		struct pc_answer other = image_ask(image, &question);

		if (other.ref != answer.ref || other.verdict != answer.verdict)
			return cannot("it does not say a raw socket's protocol, and the policy asks for it",
				      ret_why);
	}
	*ret_answer = answer;
	return 0;
}
