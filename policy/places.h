/* SPDX-License-Identifier: GPL-2.0-only */
/* places.h - where a path leads on this host: through links and mounts, and who could change that. */
#pragma once

#include <dirent.h>
#include <stdbool.h>

#include "mounts.h"
#include "policy.h"

struct places;

/* Where a path leads. */
struct place {
	char *name; /* owned: absolute, without links; what could not be told is as it was written */
	const struct mount *mount; /* that it lies on; NULL: not known */
	bool is_missing;           /* certainly not there */
	bool is_unknown;           /* could not be looked at */
	bool is_changeable;        /* others than root could put something else in its stead */
	bool is_open_to_others; /* a directory in which others than root can put and remove files of root */
	bool is_sticky;         /* a directory in which others than root can put files */
	char *stop;             /* owned: the link at which following ended; NULL: none */
	bool is_stop_magic;     /* that link is another one for each process, like /proc/self */
};

/* In the tree that the options name. Mounts are looked at in the host's own tree only. */
int places_open(const struct policy_options *options, struct places **ret_places);
struct places *places_free(struct places *places);

/* Where `path` (absolute) leads, its last name included. The caller owns the result: place_done(). */
int places_find(struct places *places, const char *path, struct place *ret_place);
/* The same, a link in the last name's place not being followed: where that name itself stands. */
int places_find_name(struct places *places, const char *path, struct place *ret_place);
void place_done(struct place *place);
/* The directory's names, to be closed by the caller; NULL: can't be read, or each process sees others. */
DIR *places_list(const struct places *places, const struct place *place);
/* The place's name as the kernel side gives it; owned by the caller, NULL: no memory. */
char *places_canonical(const struct places *places, const struct place *place);
/* The links that were followed so far, and names that were missing; the caller owns them. */
void places_take_links(struct places *places, struct policy_links *ret_links);
