/* SPDX-License-Identifier: GPL-2.0-only */
/* parse.c - files and texts → struct policy. */
#include <string.h>

#include "holes.h"
#include "link_list.h"
#include "links.h"
#include "mark.h"
#include "object.h"
#include "ownership.h"
#include "parser.h"
#include "profile.h"
#include "protected.h"
#include "sources.h"

struct policy *policy_free(struct policy *policy)
{
	if (!policy)
		return NULL;
	for (size_t i = 0; i < policy->rule_count; i++) {
		object_done(&policy->rules[i].object);
		free(policy->rules[i].text);
	}
	for (size_t i = 0; i < policy->expectation_count; i++) {
		object_done(&policy->expectations[i].object);
		free(policy->expectations[i].profile_name);
		free(policy->expectations[i].text);
	}
	for (size_t i = 0; i < policy->file_count; i++)
		free(policy->files[i]);
	for (size_t i = 0; i < policy->profile_count; i++)
		profile_done(&policy->profiles[i]);
	policy_links_done(&policy->links);
	free(policy->files);
	free(policy->sections);
	free(policy->profiles);
	free(policy->rules);
	free(policy->expectations);
	free(policy->name);
	free(policy);
	return NULL;
}

const char *parser_keep_file(struct parser *parser, char *path)
{
	struct policy *policy = parser->policy;
	char **grown;

	if (!path)
		return NULL;
	grown = array_grow(policy->files, policy->file_count, sizeof(*grown));
	if (!grown) {
		free(path);
		return NULL;
	}
	policy->files = grown;
	grown[policy->file_count++] = path;
	diags_know_file(parser->d, path);
	return path;
}

static int parser_start(struct parser *parser)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return -ENOMEM;
	policy->mode = PC_MODE_AUDIT;
	parser->policy = policy;
	policy->sections = calloc(PC_SECTIONS, sizeof(*policy->sections));
	if (!policy->sections)
		return -ENOMEM;
	policy->section_count = PC_SECTIONS;
	for (int i = 0; i < PC_SECTIONS; i++)
		policy->sections[i].default_verdict = PC_ALLOW;
	return 0;
}

static void parser_done(struct parser *parser)
{
	for (size_t i = 0; i < parser->draft_count; i++) {
		free(parser->drafts[i].key);
		free(parser->drafts[i].value);
	}
	free(parser->drafts);
	lists_done(&parser->lists);
	policy_free(parser->policy);
}

static int parser_read_text(struct parser *parser, const char *file, const char *text, size_t length)
{
	parser->type = NULL;
	mark_add(&parser->policy->marks.text, text, length);
	return reader_run(file, text, length, parser->d, parser_take_line, parser);
}

static int parser_read_file(struct parser *parser, const char *path)
{
	const char *file = parser_keep_file(parser, strdup(path));
	_cleanup_free_ char *text = NULL;
	struct loc loc = { .file = file };
	size_t length;
	int r;

	if (!file)
		return -ENOMEM;
	r = source_read(file, parser->options->must_be_trusted, parser->d, &loc, &text, &length);
	if (r == -EINVAL) {
		parser->has_unread_file = true; /* reported; what the other files say is worth knowing too */
		return 0;
	}
	return r < 0 ? r : parser_read_text(parser, file, text, length);
}

/* What can be said once everything has been read. */
static int parser_finish(struct parser *parser, size_t errors_before)
{
	struct policy *policy = parser->policy;
	struct loc loc = parser->policy_loc;
	int r;

	if (!loc.file)
		loc.file = policy->files[0];
	if (!parser->scalars[SCALAR_VERSION].file && !parser->has_unread_file)
		diag_add(parser->d, &loc, DIAG_ERROR,
			 "the version is missing; write version = 1 in [policy]");
	r = parser_settle_profiles(parser);
	if (r == 0)
		r = parser_finish_rules(parser);
	if (r < 0)
		return r;
	if (parser->d->errors > errors_before)
		return -EINVAL;
	holes_warn(policy, parser->d);
	return links_apply(policy, parser->options, parser->d);
}

/* From the order of the text to that of the sections, and in a choice to that of its profiles: as they are printed. */
static int order_rules(struct policy *policy)
{
	struct rule *rules = calloc(policy->rule_count + 1, sizeof(*rules));
	size_t next = 0;

	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < policy->rule_count; i++)
		policy->sections[policy->rules[i].section].rule_count++;
	for (size_t i = 0; i < policy->section_count; i++) {
		policy->sections[i].first_rule = next;
		next += policy->sections[i].rule_count;
		policy->sections[i].rule_count = 0;
	}
	for (size_t profile = 0; profile == 0 || profile < policy->profile_count; profile++) {
		for (size_t i = 0; i < policy->rule_count; i++) {
			const struct rule *rule = &policy->rules[i];
			struct section *section = &policy->sections[rule->section];

			if (rule->profile == profile)
				rules[section->first_rule + section->rule_count++] = *rule;
		}
	}
	free(policy->rules);
	policy->rules = rules;
	return 0;
}

static int parser_end(struct parser *parser, size_t errors_before, struct policy **ret_policy)
{
	int r = parser_finish(parser, errors_before);

	if (r == 0 && parser->d->errors > errors_before)
		r = -EINVAL;
	if (r == 0)
		r = order_rules(parser->policy);
	diags_sort(parser->d);
	if (r < 0)
		return r;
	*ret_policy = take_ptr(parser->policy);
	return 0;
}

static int parser_read_more(struct parser *parser, const char *name, const char *text, size_t length)
{
	const char *file = parser_keep_file(parser, strdup(name));

	if (!file)
		return -ENOMEM;
	parser->is_drop_in = true;
	return parser_read_text(parser, file, text, length);
}

static int parser_read_draft(struct parser *parser)
{
	const struct policy_draft *draft = parser->options->draft;

	return parser_read_more(parser, draft->name, draft->text, draft->length);
}

static int parser_read_protected(struct parser *parser)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r = protected_rules(parser->policy, parser->options->protected_files, &text, &length);

	return r < 0 ? r : parser_read_more(parser, PROTECTED_NAME, text, length);
}

static int parser_read_files(struct parser *parser, const char *path)
{
	char **paths;
	size_t count;
	int r;

	r = sources_find(path, parser->options->must_be_trusted, parser->d, &paths, &count);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < count; i++) {
		parser->is_drop_in = i > 0;
		r = parser_read_file(parser, paths[i]);
	}
	sources_free(paths, count);
	if (r == 0 && parser->options->draft)
		r = parser_read_draft(parser);
	if (r == 0 && parser->options->protected_files)
		r = parser_read_protected(parser);
	return r;
}

int policy_load(const char *path, const struct policy_options *options, struct diags *d,
		struct policy **ret_policy)
{
	_cleanup_(parser_done) struct parser parser = { .options = options, .d = d, .has_file_system = true };
	size_t errors_before = d->errors;
	int r;

	r = parser_start(&parser);
	if (r == 0)
		r = parser_read_files(&parser, path);
	return r < 0 ? r : parser_end(&parser, errors_before, ret_policy);
}

int policy_parse(const char *name, const char *text, size_t length, const struct policy_options *options,
		 struct diags *d, struct policy **ret_policy)
{
	_cleanup_(parser_done) struct parser parser = {
		.options = options,
		.d = d,
		.has_file_system = !options->is_offline,
	};
	size_t errors_before = d->errors;
	const char *file;
	int r;

	r = parser_start(&parser);
	if (r < 0)
		return r;
	file = parser_keep_file(&parser, strdup(name));
	if (!file)
		return -ENOMEM;
	r = parser_read_text(&parser, file, text, length);
	return r < 0 ? r : parser_end(&parser, errors_before, ret_policy);
}
