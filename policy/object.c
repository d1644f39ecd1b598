/* SPDX-License-Identifier: GPL-2.0-only */
/* object.c - what a rule or an expectation speaks of: text → struct object. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "family.h"
#include "object.h"
#include "pattern.h"
#include "suggest.h"
#include "system_object.h"
#include "words.h"

#define IN(section) (1U << (section))
/* Their objects are files, or sockets that may be: [system] has words instead. */
#define WITH_NAMES (IN(PC_EXEC) | IN(PC_OPEN) | IN(PC_CONNECT))

enum form_argument {
	ARGUMENT_NONE,
	ARGUMENT_GLOB,
	ARGUMENT_FAMILY,
};

/* Objects that begin with a word and a colon; of two that fit the longer stands first. */
static const struct form {
	const char *prefix;
	enum pc_kind kind;
	unsigned int sections;
	enum form_argument argument;
} forms[] = {
	{ "anon:", PC_KIND_ANON, WITH_NAMES, ARGUMENT_NONE },
	{ "foreign:", PC_KIND_FOREIGN, WITH_NAMES, ARGUMENT_GLOB },
	{ "userns:", PC_KIND_USERNS, WITH_NAMES, ARGUMENT_NONE },
	{ "unresolved:", PC_KIND_UNRESOLVED, WITH_NAMES, ARGUMENT_NONE },
	{ "jit:", PC_KIND_JIT, IN(PC_EXEC), ARGUMENT_NONE },
	{ "unix:@", PC_KIND_UNIX_ABSTRACT, IN(PC_CONNECT), ARGUMENT_GLOB },
	{ "unix:", PC_KIND_UNIX_PATH, IN(PC_CONNECT), ARGUMENT_GLOB },
	{ "family:", PC_KIND_FAMILY, IN(PC_CONNECT), ARGUMENT_FAMILY },
};
#define FORM_COUNT (sizeof(forms) / sizeof(forms[0]))

void object_done(struct object *object)
{
	free(object->glob);
	free(object->ports);
	*object = (struct object){};
}

void objects_done(struct objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		object_done(&objects->list[i]);
	objects->count = 0;
}

/* `glob` as the one object. */
static int object_take_glob(enum pc_kind kind, const char *glob, struct diags *d, const struct loc *loc,
			    struct objects *ret_objects)
{
	enum pattern_flavour flavour = kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
	struct object object = { .kind = kind, .protocol = -1 };
	struct patterns *patterns;
	int r;

	/* Every named socket: the one place where `**` stands without its slash. */
	if (kind == PC_KIND_UNIX_PATH && !strcmp(glob, "**"))
		glob = "/";
	r = pattern_parse(glob, flavour, d, loc, &patterns);
	if (r < 0)
		return r;
	patterns_free(patterns);
	object.glob = strdup(glob);
	if (!object.glob)
		return -ENOMEM;
	ret_objects->list[0] = object;
	ret_objects->count = 1;
	return 0;
}

static int form_parse(const struct form *form, const char *argument, struct diags *d, const struct loc *loc,
		      struct objects *ret_objects)
{
	struct object object = { .kind = form->kind, .protocol = -1 };
	int r = 0;

	if (form->argument == ARGUMENT_GLOB && *argument == '\0') {
		diag_add(d, loc, DIAG_ERROR, "%s needs a name, as in %s%s", form->prefix, form->prefix,
			 form->kind == PC_KIND_UNIX_ABSTRACT ? "**" : "/**");
		return -EINVAL;
	}
	if (form->argument == ARGUMENT_GLOB)
		return object_take_glob(form->kind, argument, d, loc, ret_objects);
	if (form->argument == ARGUMENT_FAMILY)
		r = family_parse(argument, d, loc, &object.byte);
	else if (*argument != '\0') {
		diag_add(d, loc, DIAG_ERROR, "'%s' is too much; %s stands alone", argument, form->prefix);
		r = -EINVAL;
	}
	if (r < 0)
		return r;
	ret_objects->list[0] = object;
	ret_objects->count = 1;
	return 0;
}

/* A word of [system]. */
static int object_take_system(const char *text, struct diags *d, const struct loc *loc,
			      struct objects *ret_objects)
{
	struct object object = { .kind = PC_KIND_SYSTEM, .protocol = -1 };
	int r;

	r = system_object_parse(text, d, loc, &object.byte);
	if (r < 0)
		return r;
	ret_objects->list[0] = object;
	ret_objects->count = 1;
	return 0;
}

/* An object of [exec] or [open] that is neither a path nor one of the forms. */
static int report_no_path(const char *text, enum pc_section_id section, struct diags *d,
			  const struct loc *loc)
{
	const char *known[FORM_COUNT + 1] = {};
	const char *nearest;
	char word[16];
	size_t count = 0;

	for (size_t i = 0; i < FORM_COUNT; i++)
		if (forms[i].sections & IN(section))
			known[count++] = forms[i].prefix;
	/* Only the word before the name can be misspelt. */
	(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, "/"), text);
	nearest = suggest_nearest(word, known);
	if (nearest)
		diag_add(d, loc, DIAG_ERROR, "'%s' is no object of [%s]; did you mean '%s'?", text,
			 section_name(section), nearest);
	else
		diag_add(d, loc, DIAG_ERROR, "'%s' is no object of [%s]; a path begins with '/'", text,
			 section_name(section));
	return -EINVAL;
}

int object_parse(const char *text, enum pc_section_id section, struct diags *d, const struct loc *loc,
		 struct objects *ret_objects)
{
	if (section == PC_SYSTEM)
		return object_take_system(text, d, loc, ret_objects);
	for (size_t i = 0; i < FORM_COUNT; i++) {
		size_t len = strlen(forms[i].prefix);

		if (strncmp(text, forms[i].prefix, len))
			continue;
		if (forms[i].sections & IN(section))
			return form_parse(&forms[i], text + len, d, loc, ret_objects);
		diag_add(d, loc, DIAG_ERROR, "%s is no object of [%s], only of [%s]", forms[i].prefix,
			 section_name(section), forms[i].sections & IN(PC_EXEC) ? "exec" : "connect");
		return -EINVAL;
	}
	if (section != PC_CONNECT)
		return text[0] == '/' ? object_take_glob(PC_KIND_PATH, text, d, loc, ret_objects)
				      : report_no_path(text, section, d, loc);
	if (text[0] == '/') {
		diag_add(d, loc, DIAG_ERROR,
			 "'%s' is no object of [connect]; a unix socket is written unix:%s", text, text);
		return -EINVAL;
	}
	return address_parse(text, d, loc, ret_objects);
}
