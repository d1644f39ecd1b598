/* SPDX-License-Identifier: GPL-2.0-only */
/* inquiry.c - from words on a command line to the questions that a hook would ask. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "image.h"
#include "inquiry.h"
#include "ownership.h"
#include "pattern.h"
#include "places.h"
#include "words.h"

static const struct loc here = { .file = "policyctl" };

static void places_freep(struct places **places)
{
	(void)places_free(*places);
}

static int parse_access(const char *word, enum pc_section_id section, struct diags *d, unsigned int *ret_access)
{
	static const struct word accesses[] = { { "read", PC_ACCESS_READ }, { "write", PC_ACCESS_WRITE }, {} };
	int r;

	if (!word) {
		*ret_access = section == PC_OPEN ? PC_ACCESS_READ | PC_ACCESS_WRITE : PC_ACCESS_READ;
		return 0;
	}
	r = word_parse(accesses, "access", word, d, &here);
	if (r < 0)
		return r;
	if (section != PC_OPEN) {
		diag_add(d, &here, DIAG_ERROR, "'%s' is for open only", word);
		return -EINVAL;
	}
	*ret_access = (unsigned int)r;
	return 0;
}

/* The name that the kernel would find behind what was typed. */
static int resolve(struct inquiry *inquiry, const char *literal, const struct policy_options *options)
{
	_cleanup_(places_freep) struct places *places = NULL;
	_cleanup_(place_done) struct place place = {};
	int r;

	r = places_open(options, &places);
	if (r < 0)
		return r;
	r = places_find(places, literal, &place);
	if (r < 0)
		return r;
	inquiry->name = places_canonical(places, &place);
	if (!inquiry->name)
		return -ENOMEM;
	if (place.stop)
		inquiry->note = "a link on the way can be another one for others; judged as far as it could be followed";
	else if (place.is_unknown)
		inquiry->note = "links on the way could not all be looked at";
	else if (strcmp(inquiry->name, literal) != 0)
		inquiry->note = "that is where it leads";
	else if (place.is_missing)
		inquiry->note = "it is not there now";
	return 0;
}

static int ask_name(struct inquiry *inquiry, const struct policy_options *options, struct diags *d)
{
	const struct object *object = &inquiry->objects.list[0];
	struct question *question = &inquiry->questions[0];
	enum pattern_flavour flavour = object->kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
	_cleanup_free_ char *literal = NULL;
	size_t length = 0;
	int r;

	r = pattern_literal(object->glob, flavour, &literal, &length);
	if (r < 0)
		return r;
	if (r == 0) {
		diag_add(d, &here, DIAG_ERROR, "'%s' has wildcards; name one object, '\\' before a character that is meant as it is",
			 object->glob);
		return -EINVAL;
	}
	if (object->kind == PC_KIND_PATH || object->kind == PC_KIND_UNIX_PATH) {
		r = resolve(inquiry, literal, options);
		if (r < 0)
			return r;
		length = strlen(inquiry->name);
	} else {
		inquiry->name = take_ptr(literal);
	}
	question->bytes = inquiry->name;
	question->length = length;
	return 0;
}

static void set_address(struct inquiry *inquiry, size_t index, enum pc_kind kind, const __u8 *address)
{
	struct question *question = &inquiry->questions[index];

	*question = inquiry->questions[0];
	question->kind = kind;
	question->length = kind == PC_KIND_IP4 ? 4 : 16;
	memcpy(inquiry->addresses[index], address, question->length);
	question->bytes = inquiry->addresses[index];
}

/* Where a connection to the unspecified address goes, as the kernel side judges it. */
static void ask_address(struct inquiry *inquiry)
{
	static const __u8 zero[16], loopback4[4] = { 127, 0, 0, 1 }, loopback6[16] = { [15] = 1 };
	const struct object *object = &inquiry->objects.list[0];

	set_address(inquiry, 0, object->kind, object->address);
	if (object->kind == PC_KIND_IP4 && memcmp(object->address, zero, 4) == 0) {
		inquiry->note = "a socket that is bound to no address connects to 127.0.0.1";
		set_address(inquiry, 0, PC_KIND_IP4, loopback4);
	}
	if (object->kind == PC_KIND_IP6 && memcmp(object->address, zero, 16) == 0) {
		inquiry->note = "judged as ::1 and as 127.0.0.1, the stricter counts";
		set_address(inquiry, 0, PC_KIND_IP6, loopback6);
		set_address(inquiry, 1, PC_KIND_IP4, loopback4);
		inquiry->count = 2;
	}
}

/* One address, one port where there are ports; tcp is meant where no protocol is given. */
static int ask_network(struct inquiry *inquiry, struct diags *d)
{
	const struct object *object = &inquiry->objects.list[0];
	struct question *question = &inquiry->questions[0];
	unsigned int whole = object->kind == PC_KIND_IP4 ? 32 : 128;
	bool is_one_port = object->port_count == 1 && object->ports[0].first == object->ports[0].last;

	question->class = object->protocol >= 0 ? (unsigned int)object->protocol : IPPROTO_TCP;
	if (inquiry->objects.count != 1 || object->prefix != whole) {
		diag_add(d, &here, DIAG_ERROR, "name one address, not a network");
		return -EINVAL;
	}
	if (protocol_has_ports((int)question->class) && !is_one_port) {
		diag_add(d, &here, DIAG_ERROR, "name one port: 'ADDRESS port 443 tcp'");
		return -EINVAL;
	}
	if (is_one_port)
		question->port = object->ports[0].first;
	if (object->protocol < 0)
		inquiry->note = "judged as tcp";
	ask_address(inquiry);
	return 0;
}

static int ask_object(struct inquiry *inquiry, const struct policy_options *options, struct diags *d)
{
	const struct object *object = &inquiry->objects.list[0];
	struct question *question = &inquiry->questions[0];

	question->kind = object->kind;
	if (object->kind == PC_KIND_JIT)
		question->ask = PC_ASK_RULES_ONLY;
	if (object->kind == PC_KIND_IP4 || object->kind == PC_KIND_IP6)
		return ask_network(inquiry, d);
	if (kind_is_byte(object->kind)) {
		question->bytes = &object->byte;
		question->length = 1;
		return 0;
	}
	if (object->glob)
		return ask_name(inquiry, options, d);
	question->bytes = "";
	return 0;
}

static int fill(struct inquiry *inquiry, char *const *words, int count, const struct policy_options *options,
		struct diags *d)
{
	struct question *question = &inquiry->questions[0];
	const char *prefix = "";
	int r;

	r = word_parse(section_words, "hook", words[0], d, &here);
	if (r < 0)
		return r;
	inquiry->section = question->section = (enum pc_section_id)r;
	r = parse_access(count > 2 ? words[2] : NULL, inquiry->section, d, &question->access);
	if (r < 0)
		return r;
	r = object_parse(words[1], inquiry->section, d, &here, &inquiry->objects);
	if (r < 0)
		return r;
	inquiry->count = 1;
	r = ask_object(inquiry, options, d);
	if (r < 0)
		return r;
	if (question->kind == PC_KIND_UNIX_PATH)
		prefix = "unix:";
	if (question->kind != PC_KIND_PATH && question->kind != PC_KIND_UNIX_PATH)
		inquiry->shown = strdup(words[1]);
	else if (asprintf(&inquiry->shown, "%s%s", prefix, inquiry->name) < 0)
		inquiry->shown = NULL;
	return inquiry->shown ? 0 : -ENOMEM;
}

/* Filled in place: questions point into it. */
int inquiry_parse(char *const *words, int count, const struct policy_options *options, struct diags *d,
		  struct inquiry *ret_inquiry)
{
	int r;

	*ret_inquiry = (struct inquiry){};
	r = fill(ret_inquiry, words, count, options, d);
	if (r < 0)
		inquiry_done(ret_inquiry);
	return r;
}

void inquiry_done(struct inquiry *inquiry)
{
	objects_done(&inquiry->objects);
	free(inquiry->name);
	free(inquiry->shown);
	*inquiry = (struct inquiry){};
}
