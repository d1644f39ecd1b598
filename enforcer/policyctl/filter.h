/* SPDX-License-Identifier: GPL-2.0-only */
/* filter.h - which records are meant: the same words for log, top and report. */
#pragma once

#include "args.h"
#include "diag.h"
#include "object.h"
#include "record.h"
#include "rulebook.h"

/* The options that args_values of these kinds belong to. */
#define FILTER_OPTIONS                                                                               \
	(ARGS_HOOK | ARGS_VERDICT | ARGS_PROFILE | ARGS_EXE | ARGS_OBJECT | ARGS_RULE | ARGS_SINCE | \
	 ARGS_UNTIL)

/* An object and the hook that would ask about it. */
struct filter_object {
	enum pc_section_id hook;
	struct object object; /* owned */
};

struct filter_objects {
	struct filter_object *list; /* owned */
	size_t count;
};

struct filter_words {
	char **list; /* owned, and what is in it */
	size_t count;
};

/* All zero: every record. Of several values of one kind any will do; every kind that is given must be met. */
struct filter {
	unsigned int hooks;    /* bits 1 << enum pc_section_id; 0: all */
	unsigned int verdicts; /* bits 1 << enum pc_verdict; 0: all */
	struct filter_words profiles;
	struct filter_words rules;
	struct filter_objects exes;
	struct filter_objects objects;
	__u64 since; /* ns since 1970 */
	__u64 until; /* the first moment that is too late; 0: none */
};

/* One value. −EINVAL: told in `d`; the filter is as before. */
int filter_add(struct filter *filter, enum args_option kind, const char *value, struct diags *d);
/* Those of a command line; told on stderr. */
int filter_from_args(const struct args *args, struct filter *ret_filter);
/* Of one line, as in "--hook open --object '/srv/a b'"; the dashes may be left out. */
int filter_from_line(const char *line, struct diags *d, struct filter *ret_filter);
/* `book` may be NULL: no rule's text is known then. */
bool filter_matches(const struct filter *filter, const struct record *record, const struct rulebook *book);
/* Of the bounds in time alone. */
bool filter_spans(const struct filter *filter, const struct record *record);
void filter_done(struct filter *filter);
