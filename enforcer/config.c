/* SPDX-License-Identifier: GPL-2.0-only */
/* config.c - reads portcullisd.conf by the reader that policies are read by. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "config.h"
#include "ownership.h"
#include "reader.h"
#include "sources.h"
#include "suggest.h"

struct parse {
	struct config *config;
	struct diags *d;
	char profile[PC_NAME_MAX + 1]; /* of the section; "": it was refused */
};

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->runner_count; i++)
		free(config->runners[i].profile);
	free(config->runners);
	*config = (struct config){};
}

static int take_section(struct parse *parse, const struct reader_line *line)
{
	static const char *const known[] = { "run", NULL };
	size_t length = strcspn(line->section, " ");
	const char *name = line->section[length] ? line->section + length + 1 : "";
	char kind[PC_LINE_MAX + 1];

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)length, line->section);
	parse->profile[0] = '\0';
	if (strcmp(kind, "run") != 0)
		diag_add(parse->d, &line->loc, DIAG_ERROR, "unknown section [%s]%s", line->section,
			 suggest(kind, known).text);
	else if (!*name || strlen(name) > PC_NAME_MAX)
		diag_add(parse->d, &line->loc, DIAG_ERROR, "[run] needs the name of a profile; write [run NAME]");
	else
		(void)snprintf(parse->profile, sizeof(parse->profile), "%s", name);
	return 0;
}

static int take_runner(struct parse *parse, const struct reader_line *line, bool is_group)
{
	static const struct policy_options options = {};
	struct config *config = parse->config;
	struct config_runner *grown;
	__u32 id;
	int r;

	r = account_parse(is_group ? ACCOUNT_GROUP : ACCOUNT_USER, line->value, &options, parse->d, &line->loc, &id);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	grown = array_grow(config->runners, config->runner_count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	config->runners = grown;
	grown[config->runner_count] = (struct config_runner){ strdup(parse->profile), is_group, id };
	return grown[config->runner_count++].profile ? 0 : -ENOMEM;
}

static int take_line(void *user, const struct reader_line *line)
{
	static const char *const known[] = { "user", "group", NULL };
	struct parse *parse = user;

	if (!line->key)
		return take_section(parse, line);
	if (!parse->profile[0])
		return 0;
	if (strcmp(line->key, "user") == 0 || strcmp(line->key, "group") == 0)
		return take_runner(parse, line, line->key[0] == 'g');
	diag_add(parse->d, &line->loc, DIAG_ERROR, "unknown key '%s' in [%s]%s", line->key, line->section,
		 suggest(line->key, known).text);
	return 0;
}

static int load(const char *path, struct diags *d, struct config *config)
{
	struct parse parse = { .config = config, .d = d };
	struct loc loc = { .file = path };
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r;

	diags_know_file(d, path);
	r = source_read(path, true, d, &loc, &text, &length);
	if (r == 0)
		r = reader_run(path, text, length, d, take_line, &parse);
	return r == 0 && d->errors > 0 ? -EINVAL : r;
}

int config_load(const char *path, FILE *out, struct config *ret_config)
{
	_cleanup_(config_done) struct config config = {};
	struct diags d = {};
	int r = 0;

	if (path || access(CONFIG_PATH, F_OK) == 0 || errno != ENOENT)
		r = load(path ?: CONFIG_PATH, &d, &config);
	diags_sort(&d);
	diags_print(&d, out);
	diags_done(&d);
	if (r < 0)
		return r;
	*ret_config = config;
	config = (struct config){};
	return 0;
}

static bool is_meant(const struct config_runner *runner, uid_t user, const gid_t *groups, size_t group_count)
{
	if (!runner->is_group)
		return runner->id == user;
	for (size_t i = 0; i < group_count; i++)
		if (groups[i] == runner->id)
			return true;
	return false;
}

bool config_may_run(const struct config *config, const char *profile, uid_t user, const gid_t *groups, size_t group_count)
{
	for (size_t i = 0; i < config->runner_count; i++)
		if ((!profile || strcmp(config->runners[i].profile, profile) == 0) &&
		    is_meant(&config->runners[i], user, groups, group_count))
			return true;
	return false;
}
