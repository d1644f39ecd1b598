/* SPDX-License-Identifier: GPL-2.0-only */
/* condition.c - what a profile asks of a task besides its program: unit, cgroup, user, group. */
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include <portcullis/limits.h>

#include "account.h"
#include "condition.h"
#include "ownership.h"
#include "profile.h"

static const char *const keys[] = {
	[PC_CONDITION_UNIT] = "unit",
	[PC_CONDITION_CGROUP] = "cgroup",
	[PC_CONDITION_USER] = "user",
	[PC_CONDITION_GROUP] = "group",
};

/* What a unit's cgroup can be called behind its last dot; that of a slice holds the units' of others. */
static const char *const unit_types[] = { "service", "scope", "socket", "mount", "swap", NULL };

bool condition_find(const char *key, enum pc_condition_kind *ret_kind)
{
	for (unsigned int kind = 0; kind < PC_CONDITIONS; kind++) {
		if (strcmp(keys[kind], key))
			continue;
		*ret_kind = (enum pc_condition_kind)kind;
		return true;
	}
	return false;
}

const char *condition_key(enum pc_condition_kind kind)
{
	return keys[kind];
}

/* Whether the unit is of a type that has processes; if not, that is reported. */
static bool check_unit(struct parser *parser, const struct reader_line *line)
{
	const char *dot = strrchr(line->value, '.');

	if (strchr(line->value, '/')) {
		diag_add(parser->d, &line->loc, DIAG_ERROR, "'%s' is no unit; write its name, or cgroup = for a path",
			 line->value);
		return false;
	}
	for (size_t i = 0; dot && unit_types[i]; i++)
		if (!strcmp(dot + 1, unit_types[i]))
			return true;
	if (dot && !strcmp(dot, ".slice"))
		diag_add(parser->d, &line->loc, DIAG_ERROR, "'%s' is a slice, which has no processes itself; write cgroup = /%s/",
			 line->value, line->value);
	else
		diag_add(parser->d, &line->loc, DIAG_ERROR,
			 "unit '%s' does not end in .service, .scope, .socket, .mount or .swap; write %s.service?", line->value,
			 line->value);
	return false;
}

static bool check_cgroup(struct parser *parser, const struct reader_line *line)
{
	if (line->value[0] == '/')
		return true;
	diag_add(parser->d, &line->loc, DIAG_ERROR,
		 "'%s' is no cgroup; write its path as /proc/PID/cgroup shows it behind '0::'", line->value);
	return false;
}

/* Where only version 1 is mounted all tasks are in the root of version 2, and no pattern says anything. */
static void warn_without_cgroups(struct parser *parser, const struct reader_line *line)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	const struct policy_options *options = parser->options;
	struct statfs fs;

	if (options->is_offline || (options->root && strcmp(options->root, "/")))
		return;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (statfs(places[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return;
	diag_add(parser->d, &line->loc, DIAG_WARNING, "this host has no cgroups of version 2: '%s' fits no task here", line->key);
}

/* Fills in the value; −EINVAL: reported. */
static int parse_value(struct parser *parser, struct condition *condition, const struct reader_line *line)
{
	bool is_unit = condition->kind == PC_CONDITION_UNIT;

	if (condition->kind == PC_CONDITION_USER || condition->kind == PC_CONDITION_GROUP)
		return account_parse(condition->kind == PC_CONDITION_USER ? ACCOUNT_USER : ACCOUNT_GROUP, line->value,
				     parser->options, parser->d, &line->loc, &condition->value);
	if (is_unit ? !check_unit(parser, line) : !check_cgroup(parser, line))
		return -EINVAL;
	warn_without_cgroups(parser, line);
	condition->glob = strdup(line->value);
	return condition->glob ? 0 : -ENOMEM;
}

int condition_take(struct parser *parser, struct profile *profile, enum pc_condition_kind kind,
		   const struct reader_line *line)
{
	struct condition condition = { .kind = kind, .loc = line->loc };
	struct condition *conditions;
	int r;

	if (profile->condition_count == PC_CONDITIONS_MAX) {
		diag_add(parser->d, &line->loc, DIAG_ERROR,
			 "more than %d units, cgroups, users and groups in [%s]; use wildcards, or make a group of the users",
			 PC_CONDITIONS_MAX, line->section);
		return 0;
	}
	r = parse_value(parser, &condition, line);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	conditions = array_grow(profile->conditions, profile->condition_count, sizeof(*conditions));
	if (!conditions) {
		free(condition.glob);
		return -ENOMEM;
	}
	profile->conditions = conditions;
	conditions[profile->condition_count++] = condition;
	return 0;
}

static int compare(const void *x, const void *y)
{
	const struct condition *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->glob)
		return strcmp(a->glob, b->glob);
	return (a->value > b->value) - (a->value < b->value);
}

void conditions_sort(struct profile *profile)
{
	size_t count = 0;

	if (profile->condition_count > 0)
		qsort(profile->conditions, profile->condition_count, sizeof(*profile->conditions), compare);
	for (size_t i = 0; i < profile->condition_count; i++) {
		if (count > 0 && !compare(&profile->conditions[i], &profile->conditions[count - 1]))
			free(profile->conditions[i].glob);
		else
			profile->conditions[count++] = profile->conditions[i];
	}
	profile->condition_count = count;
}

bool conditions_are_same(const struct profile *a, const struct profile *b)
{
	if (a->condition_count != b->condition_count)
		return false;
	for (size_t i = 0; i < a->condition_count; i++)
		if (compare(&a->conditions[i], &b->conditions[i]))
			return false;
	return true;
}

int conditions_draft(struct parser *parser, const struct profile *profile)
{
	size_t index = (size_t)(profile - parser->policy->profiles);
	int r = 0;

	for (size_t i = 0; r == 0 && i < profile->condition_count; i++) {
		const struct condition *condition = &profile->conditions[i];
		bool is_unit = condition->kind == PC_CONDITION_UNIT;

		if (condition->glob)
			r = parser_draft_pattern(parser, &condition->loc, condition_key(condition->kind), condition->glob,
						 choice_section(parser->policy, index,
								is_unit ? CHOICE_UNITS : CHOICE_CGROUPS));
	}
	return r;
}

void conditions_done(struct profile *profile)
{
	for (size_t i = 0; i < profile->condition_count; i++)
		free(profile->conditions[i].glob);
	free(profile->conditions);
}
