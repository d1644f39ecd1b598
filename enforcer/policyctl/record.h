/* SPDX-License-Identifier: GPL-2.0-only */
/* record.h - one line of a decision log, taken apart. */
#pragma once

#include <linux/types.h>
#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <yajl/yajl_tree.h>

#include "policy.h"

/* Texts that a record does not have, being of an older daemon or of another kind, are "". */
struct record {
	yajl_val tree; /* owns the texts, or, of a copy, `copied` does */
	char *copied;
	const char *when; /* its time as it stands there */
	__u64 time;	  /* ns since 1970, UTC */
	__u64 seq;
	__u64 repeats; /* decisions that it stands for, at least 1 */
	enum pc_section_id hook;
	enum pc_verdict verdict;
	const char *access; /* "read", "write", "read+write"; of opens only */
	const char *operation;
	const char *rule; /* "FILE:LINE" or a word */
	const char *verb; /* the rule's own */
	const char *profile;
	const char *generation; /* of the policy that decided */
	const char *comm;
	const char *exe;
	const char *pid; /* digits */
	const char *uid; /* digits */
	const char *gid; /* digits */
	const char *cgroup; /* its path */
	char *object;    /* owned; all bytes of it, NUL-terminated besides */
	size_t object_length;
	bool is_cut; /* the object was longer */
};

/*
 * `line` is NUL-terminated, without its newline. −EINVAL: it is no record, *ret_why (a static string) says so. −ENOMSG: it is
 * no decision, but an error of the daemon's. −ENOMEM.
 */
int record_parse(const char *line, size_t length, struct record *ret_record, const char **ret_why);
/* Such an error with its time, to be freed; NULL: out of memory. */
char *record_trouble(const char *line);
void record_done(struct record *record);
/* Of each text at most `most` bytes; of the object it is said (is_cut) if that is not all. −ENOMEM. */
int record_copy(const struct record *record, size_t most, struct record *ret_copy);

/* The program's name, or the thread's where the record has none. */
static inline const char *record_program(const struct record *record)
{
	return *record->exe ? record->exe : record->comm;
}

/* "deny", "audit", "allow". */
const char *record_verdict_name(enum pc_verdict verdict);
/*
 * The question that a hook of this kind asks about an object as records write it; it points into `bytes`, or to `room`.
 * False: of what is named a policy can't speak.
 */
bool record_question(enum pc_section_id hook, const char *bytes, size_t length, __u8 room[16],
		     struct question *ret_question);
