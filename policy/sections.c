/* SPDX-License-Identifier: GPL-2.0-only */
/* sections.c - the sections of a policy file and their keys that are no rules. */
#include <string.h>

#include "mark.h"
#include "ownership.h"
#include "parser.h"
#include "sources.h"
#include "suggest.h"
#include "words.h"

#define POLICY_VERSION "1"

/* A kind of section: what its header may look like and who takes its keys. */
struct section_type {
	const char *name;
	int (*take_key)(struct parser *parser, const struct reader_line *line);
	enum pc_section_id section; /* of take_section_key */
	bool is_named;		    /* [NAME WORD] */
};

static const struct word mode_words[] = {
	{ "audit", PC_MODE_AUDIT },
	{ "enforce", PC_MODE_ENFORCE },
	{},
};

static const struct word log_words[] = {
	{ "deny", LOG_DENY },
	{ "all", LOG_ALL },
	{ "none", LOG_NONE },
	{},
};

static const char *const policy_keys[] = { "version", "mode", "name", NULL };
static const char *const section_keys[] = {
	"default", "log", "mode", "allow", "audit", "deny", "never", NULL
};
static const char *const list_keys[] = { "item", "more", "file", NULL };

int parser_report_unknown_key(struct parser *parser, const struct reader_line *line, const char *const *known)
{
	diag_add(parser->d, &line->loc, DIAG_ERROR, "unknown key '%s' in [%s]%s", line->key, line->section,
		 suggest(line->key, known).text);
	return 0;
}

bool parser_is_first(struct parser *parser, struct loc *seen, const struct reader_line *line)
{
	if (!seen->file) {
		*seen = line->loc;
		return true;
	}
	diag_add(parser->d, &line->loc, DIAG_ERROR, "'%s' of [%s] stands in %s:%u already; keep one of them",
		 line->key, line->section, seen->file, seen->line);
	return false;
}

void parser_take_mode(struct parser *parser, const struct reader_line *line, enum pc_mode *mode)
{
	int value = word_parse(mode_words, "mode", line->value, parser->d, &line->loc);

	if (value >= 0)
		*mode = (enum pc_mode)value;
}

static int take_policy_name(struct parser *parser, const struct reader_line *line)
{
	if (!name_check("policy", line->value, parser->d, &line->loc))
		return 0;
	parser->policy->name = strdup(line->value);
	return parser->policy->name ? 0 : -ENOMEM;
}

/* A key of [policy]. */
static int take_policy_key(struct parser *parser, const struct reader_line *line)
{
	enum scalar scalar = SCALAR_VERSION;

	if (!strcmp(line->key, "name"))
		scalar = SCALAR_NAME;
	else if (!strcmp(line->key, "mode"))
		scalar = SCALAR_MODE;
	else if (strcmp(line->key, "version"))
		return parser_report_unknown_key(parser, line, policy_keys);
	if (!parser_is_first(parser, &parser->scalars[scalar], line))
		return 0;
	if (scalar == SCALAR_NAME)
		return take_policy_name(parser, line);
	if (scalar == SCALAR_MODE)
		parser_take_mode(parser, line, &parser->policy->mode);
	else if (strcmp(line->value, POLICY_VERSION))
		diag_add(parser->d, &line->loc, DIAG_ERROR,
			 "unknown version '%s' of the policy language; known: %s", line->value,
			 POLICY_VERSION);
	return 0;
}

static int take_list_item(void *user, const struct loc *loc, const char *item)
{
	struct parser *parser = user;

	return list_add(&parser->lists.all[parser->list], loc, item, parser->d);
}

static int take_list_file(struct parser *parser, const struct reader_line *line)
{
	struct list *list = &parser->lists.all[parser->list];
	_cleanup_free_ char *text = NULL;
	const char *file;
	size_t length;
	int r;

	if (!parser->has_file_system) {
		diag_add(parser->d, &line->loc, DIAG_ERROR, "list files are not read offline: '%s'",
			 line->value);
		list->is_broken = true;
		return 0;
	}
	file = parser_keep_file(parser, source_beside(line->loc.file, line->value));
	if (!file)
		return -ENOMEM;
	r = source_read(file, parser->options->must_be_trusted, parser->d, &line->loc, &text, &length);
	if (r == -EINVAL) {
		list->is_broken = true;
		return 0;
	}
	if (r < 0)
		return r;
	mark_add(&parser->policy->marks.text, text, length);
	return reader_run_items(file, text, length, parser->d, take_list_item, parser);
}

/* A key of [list NAME]. */
static int take_list_key(struct parser *parser, const struct reader_line *line)
{
	if (!strcmp(line->key, "item"))
		return take_list_item(parser, &line->loc, line->value);
	if (!strcmp(line->key, "more"))
		return list_extend(&parser->lists.all[parser->list], &line->loc, line->value, parser->d);
	if (!strcmp(line->key, "file"))
		return take_list_file(parser, line);
	return parser_report_unknown_key(parser, line, list_keys);
}

/* A value of default, log or mode. */
static void take_section_scalar(struct parser *parser, enum section_scalar scalar,
				const struct reader_line *line)
{
	struct section *section = &parser->policy->sections[parser->section];
	int value;

	if (!parser_is_first(parser, &section->scalars[scalar], line))
		return;
	if (scalar == SECTION_MODE) {
		parser_take_mode(parser, line, &section->mode);
		return;
	}
	value = word_parse(scalar == SECTION_LOG ? log_words : verdict_words, line->key, line->value,
			   parser->d, &line->loc);
	if (value < 0)
		return;
	if (scalar == SECTION_LOG) {
		section->log = (enum section_log)value;
		return;
	}
	section->default_verdict = (enum pc_verdict)value;
}

/* A key of [exec], [open], [connect] or [system]. */
static int take_section_key(struct parser *parser, const struct reader_line *line)
{
	bool is_rule;
	int r;

	for (int i = 0; i < SECTION_SCALARS; i++) {
		if (strcmp(line->key, section_keys[i]))
			continue;
		take_section_scalar(parser, (enum section_scalar)i, line);
		return 0;
	}
	r = parser_take_rule(parser, parser->section, line, &is_rule);
	if (r < 0 || is_rule)
		return r;
	return parser_report_unknown_key(parser, line, section_keys);
}

static const struct section_type section_types[] = {
	{ .name = "policy", .take_key = take_policy_key },
	{ .name = "list", .take_key = take_list_key, .is_named = true },
	{ .name = "exec", .take_key = take_section_key, .section = PC_EXEC },
	{ .name = "open", .take_key = take_section_key, .section = PC_OPEN },
	{ .name = "connect", .take_key = take_section_key, .section = PC_CONNECT },
	{ .name = "system", .take_key = take_section_key, .section = PC_SYSTEM },
	{ .name = "expect", .take_key = parser_take_expectation },
	{ .name = "profile", .take_key = parser_take_profile_key, .is_named = true },
};
#define SECTION_TYPES (sizeof(section_types) / sizeof(section_types[0]))

/* The type of the section that begins; NULL: none, reported. `name` is the header's second word, "" if it has
 * none. */
static const struct section_type *find_section_type(struct parser *parser, const struct reader_line *line,
						    const char **ret_name)
{
	const char *known[SECTION_TYPES + 1] = {};
	char word[PC_LINE_MAX + 1];
	size_t len = strcspn(line->section, " ");
	const char *nearest;

	(void)snprintf(word, sizeof(word), "%.*s", (int)len, line->section);
	*ret_name = line->section[len] ? line->section + len + 1 : "";
	for (size_t i = 0; i < SECTION_TYPES; i++) {
		known[i] = section_types[i].name;
		if (!strcmp(word, section_types[i].name))
			return &section_types[i];
	}
	nearest = suggest_nearest(word, known);
	if (nearest)
		diag_add(parser->d, &line->loc, DIAG_ERROR, "unknown section [%s]; did you mean [%s%s]?",
			 line->section, nearest, line->section + len);
	else
		diag_add(parser->d, &line->loc, DIAG_ERROR, "unknown section [%s]%s", line->section,
			 suggest(word, known).text);
	return NULL;
}

/* What is wrong with the header of a section that is known; false: it was reported. */
static bool check_header(struct parser *parser, const struct section_type *type, const char *name,
			 const struct reader_line *line)
{
	if (type->is_named || (*name && type->take_key == take_section_key))
		return name_check(type->is_named ? type->name : "profile", name, parser->d, &line->loc);
	if (*name)
		diag_add(parser->d, &line->loc, DIAG_ERROR, "[%s] takes no name; write [%s]", line->section,
			 type->name);
	else if (type->take_key == take_policy_key && parser->is_drop_in)
		diag_add(parser->d, &line->loc, DIAG_ERROR, "[policy] stands in %s only, not in drop-ins",
			 parser->policy->files[0]);
	else
		return true;
	return false;
}

/* [exec], [open NAME] and so on. */
static int start_section(struct parser *parser, const char *name, const struct reader_line *line)
{
	struct section *section;
	size_t group = 0;
	int r;

	if (*name) {
		r = parser_find_profile(parser, name, &line->loc, &group);
		if (r < 0)
			return r;
		group++;
	}
	parser->section = section_number(group, parser->type->section);
	section = &parser->policy->sections[parser->section];
	if (!section->is_given) {
		section->is_given = true;
		section->loc = line->loc;
	}
	return 0;
}

static int start_list(struct parser *parser, const char *name, const struct reader_line *line)
{
	int r = lists_open(&parser->lists, name, &line->loc);

	if (r < 0)
		return r;
	parser->list = (size_t)r;
	return 0;
}

static int start_profile(struct parser *parser, const char *name, const struct reader_line *line)
{
	struct profile *profile;
	int r = parser_find_profile(parser, name, &line->loc, &parser->profile);

	if (r < 0)
		return r;
	profile = &parser->policy->profiles[parser->profile];
	if (!profile->loc.file)
		profile->loc = line->loc;
	return 0;
}

static int take_section_start(struct parser *parser, const struct reader_line *line)
{
	const char *name;
	const struct section_type *type = find_section_type(parser, line, &name);

	parser->type = NULL;
	if (!type || !check_header(parser, type, name, line))
		return 0;
	parser->type = type;
	if (type->take_key == take_policy_key)
		parser->policy_loc = line->loc;
	else if (type->take_key == take_list_key)
		return start_list(parser, name, line);
	else if (type->take_key == parser_take_profile_key)
		return start_profile(parser, name, line);
	else if (type->take_key == take_section_key)
		return start_section(parser, name, line);
	return 0;
}

int parser_take_line(void *user, const struct reader_line *line)
{
	struct parser *parser = user;

	if (!line->key)
		return take_section_start(parser, line);
	return parser->type ? parser->type->take_key(parser, line) : 0;
}
