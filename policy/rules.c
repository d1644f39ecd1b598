/* SPDX-License-Identifier: GPL-2.0-only */
/* rules.c - verbs and their objects: lines of [exec], [open], [connect] and [system] → struct rule. */
#include <string.h>

#include <portcullis/limits.h>

#include "brace.h"
#include "object.h"
#include "ownership.h"
#include "parser.h"
#include "suggest.h"

static const struct {
	const char *name;
	enum pc_rule_verb verb;
} verbs[] = {
	{ "allow", PC_VERB_ALLOW },
	{ "audit", PC_VERB_AUDIT },
	{ "deny", PC_VERB_DENY },
	{ "never", PC_VERB_NEVER },
};

static const struct suffix {
	const char *name;
	unsigned int access;
	enum log_choice log;
} suffixes[] = {
	{ ".read", PC_ACCESS_READ, LOG_SECTION },
	{ ".write", PC_ACCESS_WRITE, LOG_SECTION },
	{ ".quiet", 0, LOG_QUIET },
	{ ".log", 0, LOG_ALWAYS },
};
static const char *const suffix_names[] = { ".read", ".write", ".quiet", ".log", NULL };

/* The suffix of these bytes ("." included); NULL: reported. */
static const struct suffix *find_suffix(struct parser *parser, const char *text, size_t len,
					const struct reader_line *line)
{
	char word[PC_LINE_MAX + 1];

	(void)snprintf(word, sizeof(word), "%.*s", (int)len, text);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (!strcmp(suffixes[i].name, word))
			return &suffixes[i];
	diag_add(parser->d, &line->loc, DIAG_ERROR, "unknown suffix '%s' in '%s'%s", word, line->key,
		 suggest(word, suffix_names).text);
	return NULL;
}

static bool apply_suffix(struct parser *parser, const struct suffix *suffix, struct rule *rule,
			 const struct reader_line *line)
{
	if (suffix->access && section_id(rule->section) != PC_OPEN) {
		diag_add(parser->d, &line->loc, DIAG_ERROR,
			 "'%s' is for [open] only; write '%s' without it in [%s]", suffix->name, line->key,
			 line->section);
		return false;
	}
	if (suffix->access ? rule->access & suffix->access : rule->log == suffix->log) {
		diag_add(parser->d, &line->loc, DIAG_ERROR, "'%s' stands twice in '%s'", suffix->name,
			 line->key);
		return false;
	}
	if (suffix->log != LOG_SECTION && rule->log != LOG_SECTION) {
		diag_add(parser->d, &line->loc, DIAG_ERROR,
			 "'.quiet' and '.log' contradict each other in '%s'", line->key);
		return false;
	}
	rule->access |= suffix->access;
	if (suffix->log != LOG_SECTION)
		rule->log = suffix->log;
	return true;
}

/* Reads ".read.quiet"; false: reported. */
static bool take_suffixes(struct parser *parser, const char *text, struct rule *rule,
			  const struct reader_line *line)
{
	while (*text) {
		size_t len = 1 + strcspn(text + 1, ".");
		const struct suffix *suffix = find_suffix(parser, text, len, line);

		if (!suffix || !apply_suffix(parser, suffix, rule, line))
			return false;
		text += len;
	}
	rule->access_given = rule->access != 0;
	if (!rule->access)
		rule->access = section_id(rule->section) == PC_OPEN ? PC_ACCESS_READ | PC_ACCESS_WRITE : PC_ACCESS_READ;
	return true;
}

static int keep_draft(struct parser *parser, const struct draft *draft, const char *key, const char *value)
{
	struct draft *grown = array_grow(parser->drafts, parser->draft_count, sizeof(*grown));
	struct draft *kept;

	if (!grown)
		return -ENOMEM;
	parser->drafts = grown;
	kept = &grown[parser->draft_count++];
	*kept = *draft;
	kept->key = strdup(key);
	kept->value = strdup(value);
	return kept->key && kept->value ? 0 : -ENOMEM;
}

int parser_take_rule(struct parser *parser, unsigned int section, const struct reader_line *line,
		     bool *ret_is_rule)
{
	struct draft draft = { .rule = { .loc = line->loc, .section = section } };
	size_t len = strcspn(line->key, ".");
	size_t i = 0;

	while (i < sizeof(verbs) / sizeof(verbs[0]) &&
	       (strlen(verbs[i].name) != len || memcmp(verbs[i].name, line->key, len)))
		i++;
	*ret_is_rule = i < sizeof(verbs) / sizeof(verbs[0]);
	if (!*ret_is_rule)
		return 0;
	draft.rule.verb = verbs[i].verb;
	if (!take_suffixes(parser, line->key + len, &draft.rule, line))
		return 0;
	return keep_draft(parser, &draft, line->key, line->value);
}

int parser_take_exe(struct parser *parser, const struct reader_line *line)
{
	struct draft draft = {
		.rule = { .loc = line->loc, .verb = PC_VERB_ALLOW, .access = PC_ACCESS_READ, .profile = parser->profile },
		.is_exe = true,
	};

	if (line->value[0] != '/' && line->value[0] != '$') {
		diag_add(parser->d, &line->loc, DIAG_ERROR, "'%s' is no program; write its path, which begins with '/'",
			 line->value);
		return 0;
	}
	parser->policy->profiles[parser->profile].exe_count++;
	return keep_draft(parser, &draft, line->key, line->value);
}

int parser_draft_pattern(struct parser *parser, const struct loc *loc, const char *key, const char *value,
			 unsigned int section)
{
	struct draft draft = {
		/* A match, which is thereby told from a state that leads to none: PC_REACH_DENY. */
		.rule = { .loc = *loc, .section = section, .verb = PC_VERB_DENY, .access = PC_ACCESS_READ },
		.is_pattern = true,
	};

	return keep_draft(parser, &draft, key, value);
}

/* Adds the rule; takes the object over in any case. */
static int add_rule(struct parser *parser, const struct draft *draft, const struct loc *item,
		    struct object *object, const char *text)
{
	struct policy *policy = parser->policy;
	struct rule rule = draft->rule;
	struct rule *grown = array_grow(policy->rules, policy->rule_count, sizeof(rule));

	rule.object = *object;
	*object = (struct object){};
	if (item)
		rule.item = *item;
	if (grown)
		policy->rules = grown;
	if (!grown || asprintf(&rule.text, "%s = %s", draft->key, text) < 0) {
		object_done(&rule.object);
		return -ENOMEM;
	}
	grown[policy->rule_count++] = rule;
	return 0;
}

/* Whether one more object may become rules with texts of that length; if not, that is reported once. */
static bool has_room(struct parser *parser, const struct draft *draft, size_t text_length)
{
	const char *what = "rules";
	unsigned int most = PC_RULES_MAX;

	parser->rules_text += text_length + sizeof(" = ");
	if (parser->rules_text > PC_RULES_TEXT_MAX) {
		what = "bytes of rules";
		most = PC_RULES_TEXT_MAX;
	} else if (parser->policy->rule_count + OBJECTS_MAX <= PC_RULES_MAX) {
		return true;
	}
	if (!parser->is_rule_limit_told)
		diag_add(
			parser->d, &draft->rule.loc, DIAG_ERROR,
			"more than %u %s, lists written out; shorten the lists or use wildcards and prefixes",
			most, what);
	parser->is_rule_limit_told = true;
	return false;
}

/* A rule for each way to write out the braces: each ranks by itself. */
static int add_programs(struct parser *parser, const struct draft *draft, const struct loc *item, const char *text)
{
	const struct loc *loc = item ? item : &draft->rule.loc;
	_cleanup_(brace_list_done) struct brace_list globs = {};
	struct objects objects;
	const char *why;
	int r;

	r = object_parse(text, PC_EXEC, parser->d, loc, &objects);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (objects.list[0].kind != PC_KIND_PATH) {
		diag_add(parser->d, loc, DIAG_ERROR, "'%s' is no program; only paths choose a profile", text);
		objects_done(&objects);
		return 0;
	}
	r = brace_expand(objects.list[0].glob, &globs, &why);
	objects_done(&objects);
	for (size_t i = 0; r == 0 && i < globs.count; i++) {
		struct object object = { .kind = PC_KIND_PATH, .protocol = -1, .glob = strdup(globs.texts[i]) };

		r = object.glob ? add_rule(parser, draft, item, &object, text) : -ENOMEM;
	}
	return r;
}

/* A unit's name is walked over as if it were a path. What is asked is no name of the host's files: no link leads there. */
static int add_pattern(struct parser *parser, const struct draft *draft)
{
	struct object object = { .kind = PC_KIND_FOREIGN, .protocol = -1 };

	if (asprintf(&object.glob, "%s%s", draft->value[0] == '/' ? "" : "/", draft->value) < 0)
		return -ENOMEM;
	return add_rule(parser, draft, NULL, &object, draft->value);
}

/* A rule for each object that `text` is; 0 also if it is none (reported). */
static int add_object(struct parser *parser, const struct draft *draft, const struct loc *item,
		      const char *text)
{
	const struct loc *loc = item ? item : &draft->rule.loc;
	struct objects objects;
	int r;

	if (!has_room(parser, draft, strlen(draft->key) + strlen(text)))
		return 0;
	if (draft->is_exe)
		return add_programs(parser, draft, item, text);
	r = object_parse(text, section_id(draft->rule.section), parser->d, loc, &objects);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	for (size_t i = 0; r == 0 && i < objects.count; i++)
		r = add_rule(parser, draft, item, &objects.list[i], text);
	objects_done(&objects);
	return r;
}

/* Every object of a list, with `rest` behind it. */
static int add_list(struct parser *parser, const struct draft *draft, const struct list *list,
		    const char *rest)
{
	char text[PC_LIST_LINE_MAX + PC_LINE_MAX + 1];
	size_t errors = parser->d->errors;

	if (list->count == 0 && !list->is_broken)
		diag_add(parser->d, &list->loc, DIAG_WARNING,
			 "[list %s] is empty: rules that use it match nothing", list->name);
	for (size_t i = 0; i < list->count && !parser->is_rule_limit_told; i++) {
		int r;

		if (snprintf(text, sizeof(text), "%s%s", list->items[i].text, rest) > PC_LIST_LINE_MAX) {
			diag_add(parser->d, &list->items[i].loc, DIAG_ERROR,
				 "object of more than %d bytes, with what stands behind the list's name",
				 PC_LIST_LINE_MAX);
			continue;
		}
		r = add_object(parser, draft, &list->items[i].loc, text);
		if (r < 0)
			return r;
	}
	if (parser->d->errors > errors && !parser->is_rule_limit_told)
		diag_add(parser->d, &draft->rule.loc, DIAG_NOTE,
			 "this rule could not use %zu of %zu objects of [list %s]",
			 parser->d->errors - errors, list->count, list->name);
	return 0;
}

int parser_finish_rules(struct parser *parser)
{
	for (size_t i = 0; i < parser->draft_count; i++) {
		const struct draft *draft = &parser->drafts[i];
		const struct list *list;
		const char *rest;
		int r;

		if (draft->is_pattern) {
			r = add_pattern(parser, draft);
		} else if (draft->value[0] == '$') {
			r = lists_find(&parser->lists, draft->value, parser->d, &draft->rule.loc, &list,
				       &rest);
			if (r == 0)
				r = add_list(parser, draft, list, rest);
		} else {
			r = add_object(parser, draft, NULL, draft->value);
		}
		if (r < 0 && r != -EINVAL)
			return r;
	}
	return 0;
}
