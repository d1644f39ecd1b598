/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the daemon's command line. */
#pragma once

#include <stdbool.h>

struct options {
	const char *policy; /* file, or a folder with policy.ini */
	const char *log;    /* file, "-" for stdout, NULL: records go to those who follow by policyctl only */
	const char *socket;
	const char *config; /* NULL: CONFIG_PATH, if it is there */
	const char *state;  /* see last_good.h; NULL: no policy is kept */
	bool is_forced;	    /* the lifeline check only warns */
	bool is_recovering; /* what is pinned is ended, and audit mode forced */
	const char *pins;   /* see pins.h; NULL: enforcement ends with the daemon */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_SHOWN, /* --help or --version: told on stdout, nothing else to do */
	OPTIONS_WRONG, /* told on stderr */
};

/* The strings are the arguments' own. */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);
