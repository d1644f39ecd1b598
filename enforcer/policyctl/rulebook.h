/* SPDX-License-Identifier: GPL-2.0-only */
/* rulebook.h - the texts of the rules that records name by their lines. */
#pragma once

#include "args.h"
#include "diag.h"
#include "record.h"

struct rulebook;

/*
 * Reads the policy that records were made under. A record is taken to be of it if the files have not been changed
 * since; `is_same` says that it is the right one whatever the times are. −errno: told in `d`.
 */
int rulebook_open(const char *policy, bool is_same, struct diags *d, struct rulebook **ret_book);
/*
 * The policy of --policy, else the daemon's own (`is_daemon`), else the default one. Where none was named, one that
 * can't be read is no error: *ret_book is NULL then. −EINVAL: told on stderr.
 */
int rulebook_find(const struct args *args, bool is_daemon, struct rulebook **ret_book);
struct rulebook *rulebook_close(struct rulebook *book);
static inline void rulebook_closep(struct rulebook **book)
{
	(void)rulebook_close(*book);
}

/*
 * "never = /etc/shadow": the rule of that line, of that verb, that speaks of the record's object. NULL: there is none,
 * so the line is another one today, or the record is another host's. `book` may be NULL.
 */
const char *rulebook_text(const struct rulebook *book, const struct record *record);
/*
 * Why, in words: "denied by policy.ini:12 (never = /etc/shadow)". Owned by the caller; NULL: no memory. It has
 * bytes in it that anybody may have chosen.
 */
char *rulebook_reason(const struct rulebook *book, const struct record *record);
