/* SPDX-License-Identifier: GPL-2.0-only */
/* args.c - policyctl's command line. */
#include <errno.h>
#include <getopt.h>
#include <portcullis/ctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
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
	{ "--help", 'h', false, ARGS_HELP },	{ "--version", 'V', false, ARGS_VERSION },
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

static int parse_count(const char *text, unsigned int *ret_count)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || count > 1000000) {
		fprintf(stderr, "policyctl: '%s' is not a number of lines\n", text);
		return -EINVAL;
	}
	*ret_count = (unsigned int)count;
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
	case ARGS_COUNT:
		return parse_count(optarg, &args->count);
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

int args_parse(int argc, char **argv, struct args *ret_args)
{
	struct args args = { .socket = PC_CTL_PATH, .policy = DEFAULT_POLICY };
	struct option table[COUNT(rows) + 1] = {};
	int c, index = 0, r;

	fill_table(table);
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":fn:hV", table, &index)) != -1) {
		const struct option_row *row = find_row(c, index);

		if (c == ':') {
			fprintf(stderr, "policyctl: %s needs a value\n", argv[optind - 1]);
			return -EINVAL;
		}
		if (!row)
			return complain_unknown(argv[optind - 1]);
		r = take(row, &args);
		if (r < 0)
			return r;
	}
	if (optind < argc)
		args.verb = argv[optind++];
	args.operands = argv + optind;
	args.operand_count = argc - optind;
	*ret_args = args;
	return 0;
}
