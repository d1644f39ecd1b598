/* SPDX-License-Identifier: GPL-2.0-only */
/* options.c - the daemon's command line. */
#include <getopt.h>
#include <portcullis/ctl.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "options.h"
#include "suggest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct option_row {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;
};

static const struct option_row rows[] = {
	{ "--policy", "FILE", "the policy, or a folder that holds policy.ini (required)" },
	{ "--log", "FILE|-", "write the decision log there, one JSON object a line; - is stdout" },
	{ "--socket", "PATH", "control socket (default " PC_CTL_PATH ")" },
	{ "--config", "FILE", "the daemon's settings (default " CONFIG_PATH ")" },
	{ "--pins", "DIR", "outlive the daemon: keep the programs there, on a BPF file system" },
	{ "--state", "DIR", "keep the last good policy there, for a start that can't load the configured one" },
	{ "--force", NULL, "start also with a policy that refuses what the host can't do without" },
	{ "--recover", NULL, "end what an earlier daemon pinned, and begin in audit mode: nothing is refused" },
	{ "--help", NULL, "show this" },
	{ "--version", NULL, "show the version" },
};

static void show_help(void)
{
	printf("usage: portcullisd --policy FILE [--log FILE|-] [--socket PATH] [--config FILE]\n\n"
	       "Loads a policy into the kernel and logs its decisions; stays in the foreground.\n\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char left[32];

		(void)snprintf(left, sizeof(left), "%s %s", rows[i].name, rows[i].argument ? rows[i].argument : "");
		printf("  %-16s %s\n", left, rows[i].help);
	}
	printf("\nSIGHUP reloads the policy, SIGUSR1 opens the log anew, SIGTERM ends.\n");
}

static enum options_result complain_unknown(const char *argument)
{
	const char *names[COUNT(rows) + 1] = {};

	for (size_t i = 0; i < COUNT(rows); i++)
		names[i] = rows[i].name;
	if (strncmp(argument, "--", 2) == 0)
		fprintf(stderr, "portcullisd: unknown option '%s'%s\n", argument, suggest(argument, names).text);
	else
		fprintf(stderr, "portcullisd: unknown option '%s'; see portcullisd --help\n", argument);
	return OPTIONS_WRONG;
}

/* `index` is the row of the option that was given. */
static enum options_result take(size_t index, struct options *options)
{
	const char **const places[] = { &options->policy, &options->log, &options->socket, &options->config, &options->pins,
				       &options->state };

	if (index < COUNT(places)) {
		*places[index] = optarg;
		return OPTIONS_RUN;
	}
	if (strcmp(rows[index].name, "--force") == 0) {
		options->is_forced = true;
		return OPTIONS_RUN;
	}
	if (strcmp(rows[index].name, "--recover") == 0) {
		options->is_forced = options->is_recovering = true;
		return OPTIONS_RUN;
	}
	if (strcmp(rows[index].name, "--version") == 0)
		printf("portcullisd %s\n", PORTCULLIS_VERSION);
	else
		show_help();
	return OPTIONS_SHOWN;
}

static enum options_result check(int argc, char **argv, const struct options *options)
{
	if (optind < argc) {
		fprintf(stderr, "portcullisd: unexpected argument '%s'; see portcullisd --help\n", argv[optind]);
		return OPTIONS_WRONG;
	}
	if (!options->policy) {
		fprintf(stderr, "portcullisd: --policy FILE is missing; see portcullisd --help\n");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = { .socket = PC_CTL_PATH };
	struct option table[COUNT(rows) + 1] = {};
	int c, index = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		table[i] = (struct option){ rows[i].name + 2, rows[i].argument ? required_argument : no_argument, NULL, 'o' };
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":", table, &index)) != -1) {
		enum options_result r;

		if (c == ':') {
			fprintf(stderr, "portcullisd: %s needs a value\n", argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (c != 'o')
			return complain_unknown(argv[optind - 1]);
		r = take((size_t)index, &options);
		if (r != OPTIONS_RUN)
			return r;
	}
	*ret_options = options;
	return check(argc, argv, ret_options);
}
