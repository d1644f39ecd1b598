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
	bool is_exe;      /* `exe` of a profile: until the profiles are settled of no section */
	bool is_pattern;  /* `unit` or `cgroup` of a profile: no object of the host's */
	char *key;        /* owned: "deny.read" */
	char *value;      /* owned: "$secrets" */
};

/* Keys of [policy]. They stand once in all files together. */
enum scalar {
	SCALAR_VERSION,
	SCALAR_NAME,
	SCALAR_MODE,
	SCALARS,
};

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
	unsigned int section; /* its number, in [exec], [open] and so on */
	size_t list;          /* number of the list, in [list] */
	size_t profile;       /* index of policy->profiles, in [profile] */
};

/* sections.c: one line of a policy file; a reader_handler. */
int parser_take_line(void *user, const struct reader_line *line);

/* Whether a key stands there for the first time, which is kept in *seen; if not, that is reported. */
bool parser_is_first(struct parser *parser, struct loc *seen, const struct reader_line *line);
void parser_take_mode(struct parser *parser, const struct reader_line *line, enum pc_mode *mode);
int parser_report_unknown_key(struct parser *parser, const struct reader_line *line, const char *const *known);

/* profile.c: the profile of that name, added if it is new. */
int parser_find_profile(struct parser *parser, const char *name, const struct loc *loc, size_t *ret_index);
/* profile.c: one line of [profile NAME]. */
int parser_take_profile_key(struct parser *parser, const struct reader_line *line);
/* profile.c: once all is read: which are known, in their order, and what is chosen together. */
int parser_settle_profiles(struct parser *parser);

/* rules.c: `exe` of a profile. */
int parser_take_exe(struct parser *parser, const struct reader_line *line);
/* rules.c: a pattern of a choice, which becomes a rule of one FOREIGN object. */
int parser_draft_pattern(struct parser *parser, const struct loc *loc, const char *key, const char *value,
			 unsigned int section);
/* rules.c: a key of [exec], [open], [connect] or [system] that may be a verb. Whether it was one. */
int parser_take_rule(struct parser *parser, unsigned int section, const struct reader_line *line,
		     bool *ret_is_rule);
/* rules.c: drafts and lists → the policy's rules. */
int parser_finish_rules(struct parser *parser);

/* expect.c: one line of [expect]. */
int parser_take_expectation(struct parser *parser, const struct reader_line *line);

/* parse.c: a path that lives as long as the policy; takes ownership. NULL: no memory. */
const char *parser_keep_file(struct parser *parser, char *path);
