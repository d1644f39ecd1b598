/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * merge.h - from names that were seen to a short list of globs that match them all.
 *
 * First each name alone: what of it is a number, a hash, a version or a temporary name, see component.h. Then names
 * that differ in one component only, the last components first: those that are the same but for numbers, or
 * in temporary folders for what mkstemp(3) put there, from MERGE_NUMBERS_MIN on; those with the same ending, and after them any, from MERGE_SIBLINGS_MIN on. Where a `*` may
 * not be, `[!.]*` is tried. Last, what another glob matches anyway is given to it. Names directly below "/" stay, and
 * those in a top-level folder (/home/NAME) but for /proc and /tmp; so does /run/user/UID.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MERGE_NUMBERS_MIN 2
#define MERGE_SIBLINGS_MIN 8

enum merge_method {
	MERGE_SHAPES = 1,    /* of each name alone */
	MERGE_NUMBERS = 2,   /* the same but for numbers, or a temporary name's random part */
	MERGE_LIBRARIES = 4, /* *.so, *.so.* */
	MERGE_ENDINGS = 8,   /* *.ENDING, those of libraries too */
	MERGE_SIBLINGS = 16, /* all of one folder */
};

struct merge_name {
	const char *bytes; /* absolute; of an abstract unix socket as it is */
	size_t length;
};

/* A glob, and what it stands for. */
struct merged {
	char *glob;      /* owned */
	size_t *members; /* owned: which of the names, ascending */
	size_t count;
};

struct merge_options {
	unsigned int methods; /* enum merge_method bits */
	bool is_abstract;     /* names of abstract unix sockets: every component may change */
	/*
	 * Whether a glob may be: 1, 0 or −errno. `directory` is where names are taken together whatever they are
	 * ("/srv/www/"): nothing below it may be what others decided; NULL where only the shape of names counts.
	 */
	int (*may)(const char *glob, const char *directory, void *userdata);
	void *userdata;
};

/* Sorted by glob; merged_free() it. 0 or −errno. */
int merge_names(const struct merge_name *names, size_t count, const struct merge_options *options,
		struct merged **ret_list, size_t *ret_count);
struct merged *merged_free(struct merged *list, size_t count);
