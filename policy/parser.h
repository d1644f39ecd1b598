/* SPDX-License-Identifier: GPL-2.0-only */
/* parser.h - a policy while its text is being read: what parse.c, sections.c, rules.c and expect.c share. */
#pragma once

#include "list.h"
#include "model.h"
#include "policy.h"
#include "reader.h"

/* A rule as written; its object waits until all lists are known. */
struct draft {
	struct rule rule; /* all but object and text */
	char *key;        /* owned: "deny.read" */
	char *value;      /* owned: "$secrets" */
};

enum section_scalar {
	SECTION_DEFAULT,
	SECTION_LOG,
	SECTION_MODE,
	SECTION_SCALARS,
};

/* Keys that stand once in all files together. */
enum scalar {
	SCALAR_VERSION,
	SCALAR_NAME,
	SCALAR_MODE,
	SCALAR_SECTION, /* from here on: those of enum section_scalar for each section */
	SCALARS = SCALAR_SECTION + SECTION_SCALARS * PC_SECTIONS,
};

static inline enum scalar scalar_of(enum pc_section_id section, enum section_scalar scalar)
{
	return (enum scalar)(SCALAR_SECTION + SECTION_SCALARS * (int)section + (int)scalar);
}

struct section_type;

struct parser {
	struct policy *policy; /* owned until the end */
	const struct policy_options *options;
	struct diags *d;
	struct lists lists;
	struct draft *drafts;
	size_t draft_count;
	struct loc scalars[SCALARS]; /* file NULL: not seen yet */
	struct loc policy_loc;       /* of [policy] */
	bool is_drop_in;             /* the file being read is not the first */
	bool has_file_system;        /* list files may be read */
	bool has_unread_file;
	size_t rules_text; /* bytes of the rules' texts so far */
	bool is_rule_limit_told;
	/* The section being read; NULL: one that was refused. */
	const struct section_type *type;
	size_t list; /* number of the list, in [list] */
};

/* sections.c: one line of a policy file; a reader_handler. */
int parser_take_line(void *user, const struct reader_line *line);

/* rules.c: a key of [exec], [open], [connect] or [system] that may be a verb. Whether it was one. */
int parser_take_rule(struct parser *parser, unsigned int section, const struct reader_line *line,
		     bool *ret_is_rule);
/* rules.c: drafts and lists → the policy's rules. */
int parser_finish_rules(struct parser *parser);

/* expect.c: one line of [expect]. */
int parser_take_expectation(struct parser *parser, const struct reader_line *line);

/* parse.c: a path that lives as long as the policy; takes ownership. NULL: no memory. */
const char *parser_keep_file(struct parser *parser, char *path);
