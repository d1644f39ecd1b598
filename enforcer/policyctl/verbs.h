/* SPDX-License-Identifier: GPL-2.0-only */
/* verbs.h - what policyctl can do, as a table. */
#pragma once

#include "args.h"

struct verb {
	const char *name;
	const char *synopsis; /* behind the name, with a blank before it */
	const char *summary;  /* half a line */
	const char *help;     /* paragraphs of 78 columns */
	unsigned int options; /* enum args_option bits that it takes; --help always */
	int operands_min;
	int operands_max;
	int (*run)(const struct args *args); /* returns an enum exit_code */
};

/* Ends with an entry without a name. */
extern const struct verb verbs[];

/* NULL: unknown, told on stderr with a suggestion. */
const struct verb *verb_find(const char *name);

/* The verbs. */
int check_run(const struct args *args);
int explain_run(const struct args *args);
int print_run(const struct args *args);
int learn_run(const struct args *args);
int replay_run(const struct args *args);
int reload_run(const struct args *args);
int status_run(const struct args *args);
int confirm_run(const struct args *args);
int doctor_run(const struct args *args);
int mode_run(const struct args *args);
int report_run(const struct args *args);
int top_run(const struct args *args);
int log_run(const struct args *args);
int run_run(const struct args *args);
int attach_run(const struct args *args);
int ps_run(const struct args *args);
int rules_run(const struct args *args);
int detach_run(const struct args *args);
int help_run(const struct args *args);

/* `policyctl help VERB`, and `policyctl help` for NULL. */
void help_show(const struct verb *verb);
