/* SPDX-License-Identifier: GPL-2.0-only */
/* args.c - policyctl's command line. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <portcullis/ctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "ownership.h"
#include "suggest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEFAULT_POLICY "/etc/portcullis/policy.ini"

struct option_row {
	const char *name;
	char letter; /* '\0': it has none */
	bool has_value;
	enum args_option option;
};

static const struct option_row rows[] = {
	{ "--socket", '\0', true, ARGS_SOCKET },	{ "--policy", '\0', true, ARGS_POLICY },
	{ "--root", '\0', true, ARGS_ROOT },	{ "--json", '\0', false, ARGS_JSON },
	{ "--follow", 'f', false, ARGS_FOLLOW },	{ "--lines", 'n', true, ARGS_COUNT },
	{ "--profile", '\0', true, ARGS_PROFILE },	{ "--pid", '\0', true, ARGS_PID },
	{ "--hook", '\0', true, ARGS_HOOK },	{ "--verdict", '\0', true, ARGS_VERDICT },
	{ "--exe", '\0', true, ARGS_EXE },	{ "--object", '\0', true, ARGS_OBJECT },
	{ "--rule", '\0', true, ARGS_RULE },	{ "--since", '\0', true, ARGS_SINCE },
	{ "--until", '\0', true, ARGS_UNTIL },	{ "--help", 'h', false, ARGS_HELP },
	{ "--diff", '\0', false, ARGS_DIFF },	{ "--interactive", '\0', false, ARGS_INTERACTIVE },
	{ "--once", '\0', false, ARGS_ONCE },	{ "--html", '\0', true, ARGS_HTML },
	{ "--unused", '\0', false, ARGS_UNUSED },	{ "--top", '\0', true, ARGS_TOP },
	{ "--yes", '\0', false, ARGS_YES },	{ "--pins", '\0', true, ARGS_PINS },
	{ "--confirm-within", '\0', true, ARGS_CONFIRM }, { "--for", '\0', true, ARGS_FOR },
	{ "--force", '\0', false, ARGS_FORCE },	{ "--lifeline", '\0', false, ARGS_LIFELINE },
	{ "--version", 'V', false, ARGS_VERSION },
};

const char *args_option_name(enum args_option option)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].option == option)
			return rows[i].name;
	return "";
}

static int complain_unknown(const char *argument)
{
	const char *names[COUNT(rows) + 1] = {};

	for (size_t i = 0; i < COUNT(rows); i++)
		names[i] = rows[i].name;
	if (strncmp(argument, "--", 2) == 0)
		fprintf(stderr, "policyctl: unknown option '%s'%s\n", argument, suggest(argument, names).text);
	else
		fprintf(stderr, "policyctl: unknown option '%s'; see policyctl help\n", argument);
	return -EINVAL;
}

static int parse_number(const char *text, unsigned int least, unsigned int most, const char *what, unsigned int *ret_number)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || number < least || number > most) {
		fprintf(stderr, "policyctl: '%s' is not %s\n", text, what);
		return -EINVAL;
	}
	*ret_number = (unsigned int)number;
	return 0;
}

/* "90s", "10m", "2h", "1d": from a second to a week. */
static int parse_span(const char *text, unsigned int *ret_seconds)
{
	static const char units[] = "smhd";
	static const unsigned long seconds[] = { 1, 60, 3600, 86400 };
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	const char *unit = *end && !end[1] ? strchr(units, *end) : NULL;
	unsigned long most = unit ? 7 * 86400 / seconds[unit - units] : 0;

	if (text[0] < '0' || text[0] > '9' || number < 1 || number > most) {
		fprintf(stderr, "policyctl: '%s' is no time between 1s and 7d; write it as 60s, 10m, 2h or 1d\n", text);
		return -EINVAL;
	}
	*ret_seconds = (unsigned int)(number * seconds[unit - units]);
	return 0;
}

static int take_value(enum args_option option, struct args *args)
{
	struct args_value *grown = array_grow(args->values, (size_t)args->value_count, sizeof(*grown));

	if (!grown) {
		fprintf(stderr, "policyctl: out of memory\n");
		return -ENOMEM;
	}
	args->values = grown;
	grown[args->value_count++] = (struct args_value){ option, optarg };
	return 0;
}

static int take(const struct option_row *row, struct args *args)
{
	args->given |= row->option;
	switch (row->option) {
	case ARGS_SOCKET:
		args->socket = optarg;
		return 0;
	case ARGS_POLICY:
		args->policy = optarg;
		return 0;
	case ARGS_ROOT:
		args->root = optarg;
		return 0;
	case ARGS_PROFILE:
		args->profile = optarg;
		return take_value(row->option, args);
	case ARGS_HOOK:
	case ARGS_VERDICT:
	case ARGS_EXE:
	case ARGS_OBJECT:
	case ARGS_RULE:
	case ARGS_SINCE:
	case ARGS_UNTIL:
		return take_value(row->option, args);
	case ARGS_HTML:
		args->html = optarg;
		return 0;
	case ARGS_PINS:
		args->pins = optarg;
		return 0;
	case ARGS_COUNT:
		return parse_number(optarg, 0, 1000000, "a number of lines", &args->count);
	case ARGS_TOP:
		return parse_number(optarg, 1, 1000000, "a number of rules", &args->top);
	case ARGS_CONFIRM:
	case ARGS_FOR:
		return parse_span(optarg, &args->span);
	case ARGS_PID:
		return parse_number(optarg, 1, INT_MAX, "the number of a process", &args->pid);
	default:
		return 0;
	}
}

static const struct option_row *find_row(int c, int index)
{
	if (c == 0)
		return &rows[index];
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].letter && rows[i].letter == c)
			return &rows[i];
	return NULL;
}

static void fill_table(struct option *table)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		table[i] = (struct option){ rows[i].name + 2, rows[i].has_value ? required_argument : no_argument, NULL, 0 };
}

static int take_options(int argc, char **argv, const struct option *table, struct args *args)
{
	int c, index = 0, r;

	while ((c = getopt_long(argc, argv, "+:fn:hV", table, &index)) != -1) {
		const struct option_row *row = find_row(c, index);

		if (c == ':') {
			fprintf(stderr, "policyctl: %s needs a value\n", argv[optind - 1]);
			return -EINVAL;
		}
		if (!row)
			return complain_unknown(argv[optind - 1]);
		r = take(row, args);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The operands are gathered at the beginning of argv. */
int args_parse(int argc, char **argv, struct args *ret_args)
{
	struct args args = { .socket = PC_CTL_PATH, .policy = DEFAULT_POLICY, .operands = argv };
	struct option table[COUNT(rows) + 1] = {};
	bool is_over = false;

	fill_table(table);
	opterr = 0;
	while (true) {
		if (!is_over && take_options(argc, argv, table, &args) < 0) {
			args_done(&args);
			return -EINVAL;
		}
		if (optind >= argc)
			break;
		is_over |= strcmp(argv[optind - 1], "--") == 0;
		if (!args.verb) {
			args.verb = argv[optind++];
			continue;
		}
		is_over |= strcmp(args.verb, "run") == 0;
		args.operands[args.operand_count++] = argv[optind++];
	}
	argv[args.operand_count] = NULL;
	*ret_args = args;
	return 0;
}

void args_done(struct args *args)
{
	free(args->values);
	*args = (struct args){};
}
