/* SPDX-License-Identifier: GPL-2.0-only */
/* args.h - policyctl's command line: a verb, its operands, its options. */
#pragma once

#include <stdbool.h>

/* Exit codes: everything that policyctl does ends in one of these. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_REFUSED = 1,     /* policy, usage, denied */
	EXIT_UNREACHABLE = 2, /* the daemon or the kernel */
	EXIT_NO_START = 126,  /* `run`: the command can't be started */
	EXIT_NO_COMMAND = 127, /* `run`: there is none */
};

enum args_option {
	ARGS_SOCKET = 1 << 0,
	ARGS_POLICY = 1 << 1,
	ARGS_ROOT = 1 << 2,
	ARGS_JSON = 1 << 3,
	ARGS_FOLLOW = 1 << 4,
	ARGS_COUNT = 1 << 5,
	ARGS_HELP = 1 << 6,
	ARGS_VERSION = 1 << 7,
	ARGS_PROFILE = 1 << 8,
	ARGS_PID = 1 << 9,
	ARGS_HOOK = 1 << 10,
	ARGS_VERDICT = 1 << 11,
	ARGS_EXE = 1 << 12,
	ARGS_OBJECT = 1 << 13,
	ARGS_RULE = 1 << 14,
	ARGS_SINCE = 1 << 15,
	ARGS_UNTIL = 1 << 16,
	ARGS_ONCE = 1 << 17,
	ARGS_HTML = 1 << 18,
	ARGS_DIFF = 1 << 19,
	ARGS_INTERACTIVE = 1 << 20,
	ARGS_UNUSED = 1 << 21,
	ARGS_TOP = 1 << 22,
	ARGS_YES = 1 << 23,
	ARGS_PINS = 1 << 24,
	ARGS_CONFIRM = 1 << 25,
	ARGS_FOR = 1 << 26,
	ARGS_FORCE = 1 << 27,
	ARGS_LIFELINE = 1 << 28,
};

/* One of the options that filter records: they may be given several times, and are parsed by filter.c. */
struct args_value {
	enum args_option option;
	const char *text;
};

struct args {
	const char *verb; /* NULL: none was given */
	char **operands;
	int operand_count;
	unsigned int given; /* enum args_option bits */
	const char *socket;
	const char *policy;
	const char *root; /* or NULL */
	const char *profile; /* or NULL */
	const char *html; /* or NULL */
	const char *pins; /* or NULL */
	unsigned int count;
	unsigned int pid;
	unsigned int top;
	unsigned int span; /* seconds, of --confirm-within or --for */
	struct args_value *values; /* owned */
	int value_count;
};

/*
 * Options may stand anywhere, but those behind the first operand of `run` belong to its command. argv is put in order.
 * < 0: told on stderr.
 */
int args_parse(int argc, char **argv, struct args *ret_args);
void args_done(struct args *args);
/* "--root" … of one bit. */
const char *args_option_name(enum args_option option);
