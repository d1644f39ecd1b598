/* SPDX-License-Identifier: GPL-2.0-only */
/* record.h - one line of a decision log. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Strings are "" where the line has none; they live as long as the record. */
struct record {
	void *tree; /* owned: what the strings lie in */
	const char *time;
	const char *hook;
	const char *verdict;
	const char *access;
	const char *operation;
	const char *rule;
	const char *verb;
	const char *profile;
	const char *program; /* its file; of older daemons its comm */
	const char *cgroup;  /* its path; "" of older daemons */
	char *object;        /* owned: the exact bytes, NUL-terminated besides */
	size_t object_length;
	bool is_object_cut;
	unsigned int uid;
	unsigned int gid;
	unsigned long long repeats; /* at least 1 */
};

/* `line` is NUL-terminated. −EINVAL: no record, *ret_why (a static string) says why; −ENOMEM. */
int record_parse(const char *line, struct record *ret_record, const char **ret_why);
void record_done(struct record *record);
