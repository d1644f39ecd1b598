/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - policyctl: finds the verb, checks what it was given, runs it. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "ownership.h"
#include "verbs.h"

/* --socket may stand with any verb: it is often an alias of the user's. */
static bool takes_options(const struct verb *verb, const struct args *args)
{
	unsigned int wrong = args->given & ~(verb->options | ARGS_HELP | ARGS_SOCKET);

	if (!wrong)
		return true;
	fprintf(stderr, "policyctl: %s takes no %s; usage: policyctl %s%s\n", verb->name,
		args_option_name(wrong & -wrong), verb->name, verb->synopsis);
	return false;
}

static bool takes_operands(const struct verb *verb, const struct args *args)
{
	const char *what = "too few arguments";

	if (args->operand_count >= verb->operands_min && args->operand_count <= verb->operands_max)
		return true;
	if (args->operand_count > verb->operands_max)
		what = "too many arguments";
	fprintf(stderr, "policyctl: %s for %s; usage: policyctl %s%s\n", what, verb->name, verb->name, verb->synopsis);
	return false;
}

static int run_without_verb(const struct args *args)
{
	if (args->given & ARGS_VERSION) {
		printf("policyctl %s\n", PORTCULLIS_VERSION);
		return EXIT_FINE;
	}
	if (args->given & ARGS_HELP) {
		help_show(NULL);
		return EXIT_FINE;
	}
	fprintf(stderr, "policyctl: no verb; see policyctl help\n");
	return EXIT_REFUSED;
}

int main(int argc, char **argv)
{
	_cleanup_(args_done) struct args args = {};
	const struct verb *verb;
	int r;

	/* Names are UTF-8 whatever the user's language is; its other habits would make the output another for each. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (args_parse(argc, argv, &args) < 0)
		return EXIT_REFUSED;
	if (!args.verb)
		return run_without_verb(&args);
	verb = verb_find(args.verb);
	if (!verb)
		return EXIT_REFUSED;
	if (args.given & ARGS_HELP) {
		help_show(verb);
		return EXIT_FINE;
	}
	if (!takes_options(verb, &args) || !takes_operands(verb, &args))
		return EXIT_REFUSED;
	r = verb->run(&args);
	/* A full disk behind a redirection must not look like success. */
	if (fflush(stdout) != 0 && r == EXIT_FINE) {
		perror("policyctl: cannot write the output");
		return EXIT_REFUSED;
	}
	return r;
}
