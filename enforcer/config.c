/* SPDX-License-Identifier: GPL-2.0-only */
/* config.c - reads portcullisd.conf by the reader that policies are read by. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "config.h"
#include "listener.h"
#include "ownership.h"
#include "reader.h"
#include "sources.h"
#include "suggest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct parse {
	struct config *config;
	struct diags *d;
	char profile[PC_NAME_MAX + 1]; /* of [run NAME] */
	bool is_refused;	       /* the section was: its keys are passed over */
	unsigned int seen;	       /* bit by row of rows[]: keys that stand once */
};

struct key_row {
	const char *section;
	const char *key;
	/* 0, or −ENOMEM: what is wrong with the value goes to the diagnostics. */
	int (*take)(struct parse *parse, const struct reader_line *line, const struct key_row *row);
	bool is_repeated;
	size_t place; /* of a switch in struct config */
};

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->runner_count; i++)
		free(config->runners[i].profile);
	free(config->runners);
	free(config->output.file);
	free(config->output.metrics);
	*config = (struct config){};
}

/* ---- What the keys' values mean. ---- */

static int take_runner(struct parse *parse, const struct reader_line *line, const struct key_row *row)
{
	static const struct policy_options options = {};
	bool is_group = strcmp(row->key, "group") == 0;
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

static int take_file(struct parse *parse, const struct reader_line *line, const struct key_row *row)
{
	(void)row;
	if (line->value[0] != '/') {
		diag_add(parse->d, &line->loc, DIAG_ERROR, "'%s' is no absolute path", line->value);
		return 0;
	}
	parse->config->output.file = strdup(line->value);
	return parse->config->output.file ? 0 : -ENOMEM;
}

static int take_listen(struct parse *parse, const struct reader_line *line, const struct key_row *row)
{
	struct listener_address address;
	char why[PC_LINE_MAX + 160];

	(void)row;
	if (listener_parse(line->value, &address, why, sizeof(why)) < 0) {
		diag_add(parse->d, &line->loc, DIAG_ERROR, "%s", why);
		return 0;
	}
	parse->config->output.metrics = strdup(line->value);
	return parse->config->output.metrics ? 0 : -ENOMEM;
}

/* From 0 to `most`, with nothing but `suffix` behind; −1: it is no such number. */
static int number_of(const char *value, const char *suffix, int most)
{
	size_t digits = strspn(value, "0123456789");

	if (digits == 0 || digits > 4 || (value[digits] && strcmp(value + digits, suffix) != 0) || atoi(value) > most)
		return -1;
	return atoi(value);
}

static int take_coalesce(struct parse *parse, const struct reader_line *line, const struct key_row *row)
{
	int seconds = number_of(line->value, "s", CONFIG_COALESCE_MAX);

	(void)row;
	if (seconds < 0)
		diag_add(parse->d, &line->loc, DIAG_ERROR, "'%s' is not a number of seconds in 0-%d", line->value,
			 CONFIG_COALESCE_MAX);
	else
		parse->config->coalesce = (unsigned int)seconds;
	return 0;
}

static int take_rules(struct parse *parse, const struct reader_line *line, const struct key_row *row)
{
	int rules = number_of(line->value, "", CONFIG_RULES_MAX);

	(void)row;
	if (rules < 0)
		diag_add(parse->d, &line->loc, DIAG_ERROR, "'%s' is not a number of rules in 0-%d", line->value,
			 CONFIG_RULES_MAX);
	else
		parse->config->output.metrics_rules = (unsigned int)rules;
	return 0;
}

static int take_switch(struct parse *parse, const struct reader_line *line, const struct key_row *row)
{
	bool *is_on = (bool *)((char *)parse->config + row->place);

	if (strcmp(line->value, "yes") == 0 || strcmp(line->value, "no") == 0)
		*is_on = line->value[0] == 'y';
	else
		diag_add(parse->d, &line->loc, DIAG_ERROR, "'%s' is neither yes nor no", line->value);
	return 0;
}

static const struct key_row rows[] = {
	{ "run", "user", take_runner, .is_repeated = true },
	{ "run", "group", take_runner, .is_repeated = true },
	{ "records", "coalesce", take_coalesce },
	{ "output", "file", take_file },
	{ "output", "stdout", take_switch, .place = offsetof(struct config, output.to_stdout) },
	{ "output", "journal", take_switch, .place = offsetof(struct config, output.to_journal) },
	{ "output", "syslog", take_switch, .place = offsetof(struct config, output.to_syslog) },
	{ "protect", "signals", take_switch, .place = offsetof(struct config, protect.signals) },
	{ "protect", "tracing", take_switch, .place = offsetof(struct config, protect.tracing) },
	{ "protect", "bpf", take_switch, .place = offsetof(struct config, protect.bpf) },
	{ "protect", "files", take_switch, .place = offsetof(struct config, protect.files) },
	{ "protect", "sealed", take_switch, .place = offsetof(struct config, protect.is_sealed) },
	{ "metrics", "listen", take_listen },
	{ "metrics", "rules", take_rules },
};

/* ---- Sections and keys. ---- */

static void take_section(struct parse *parse, const struct reader_line *line)
{
	static const char *const known[] = { "run", "records", "output", "metrics", "protect", NULL };
	size_t length = strcspn(line->section, " ");
	const char *name = line->section[length] ? line->section + length + 1 : "";
	char kind[PC_LINE_MAX + 1];
	bool is_known = false;

	(void)snprintf(kind, sizeof(kind), "%.*s", (int)length, line->section);
	for (size_t i = 0; known[i]; i++)
		is_known |= strcmp(kind, known[i]) == 0;
	parse->is_refused = true;
	if (!is_known)
		diag_add(parse->d, &line->loc, DIAG_ERROR, "unknown section [%s]%s", line->section,
			 suggest(kind, known).text);
	else if (strcmp(kind, "run") == 0 && (!*name || strlen(name) > PC_NAME_MAX))
		diag_add(parse->d, &line->loc, DIAG_ERROR, "[run] needs the name of a profile; write [run NAME]");
	else if (strcmp(kind, "run") != 0 && *name)
		diag_add(parse->d, &line->loc, DIAG_ERROR, "[%s] takes no name; write [%s]", kind, kind);
	else
		parse->is_refused = false;
	if (!parse->is_refused)
		(void)snprintf(parse->profile, sizeof(parse->profile), "%s", name);
}

static int take_key(struct parse *parse, const struct reader_line *line, size_t row)
{
	if (!rows[row].is_repeated && parse->seen & 1U << row) {
		diag_add(parse->d, &line->loc, DIAG_ERROR, "'%s' stands twice", line->key);
		return 0;
	}
	parse->seen |= 1U << row;
	return rows[row].take(parse, line, &rows[row]);
}

static int take_line(void *user, const struct reader_line *line)
{
	const char *known[COUNT(rows) + 1] = {};
	struct parse *parse = user;
	size_t count = 0, length;

	if (!line->key) {
		take_section(parse, line);
		return 0;
	}
	if (parse->is_refused)
		return 0;
	length = strcspn(line->section, " ");
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strlen(rows[i].section) != length || strncmp(rows[i].section, line->section, length) != 0)
			continue;
		if (strcmp(rows[i].key, line->key) == 0)
			return take_key(parse, line, i);
		known[count++] = rows[i].key;
	}
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
	_cleanup_(config_done) struct config config = {
		.protect = { .signals = true, .tracing = true, .bpf = true, .files = true },
		.coalesce = CONFIG_COALESCE_DEFAULT,
		.output.metrics_rules = CONFIG_RULES_DEFAULT,
	};
	struct diags d = {};
	int r = 0;

	if (path || access(CONFIG_PATH, F_OK) == 0 || errno != ENOENT)
		r = load(path ?: CONFIG_PATH, &d, &config);
	diags_sort(&d);
	if (out)
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

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_output(const struct config_output *a, const struct config_output *b)
{
	return is_same_text(a->file, b->file) && is_same_text(a->metrics, b->metrics) &&
	       a->metrics_rules == b->metrics_rules && a->to_stdout == b->to_stdout &&
	       a->to_journal == b->to_journal && a->to_syslog == b->to_syslog;
}

bool config_take_changes(struct config *config, struct config *next)
{
	struct config old = *config;

	config->runners = next->runners;
	config->runner_count = next->runner_count;
	config->protect = next->protect;
	next->runners = old.runners;
	next->runner_count = old.runner_count;
	return is_same_output(&config->output, &next->output) && config->coalesce == next->coalesce;
}
