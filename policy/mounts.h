/* SPDX-License-Identifier: GPL-2.0-only */
/* mounts.h - the host's mounts: which of several names of a file is the one that the kernel side gives it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct mount {
	unsigned int id;
	unsigned int parent;
	unsigned int major;
	unsigned int minor;
	char *root;  /* of the mount, inside its file system */
	char *point; /* in the host's tree */
	char *type;  /* of its file system; NULL: no memory to know it */
};

struct mounts {
	struct mount *list;
	size_t count;
};

/* Parses the text of a mountinfo file; see proc(5). Lines that it can't read are left out. 0 or −ENOMEM. */
int mounts_parse(const char *text, struct mounts *ret_mounts);
/* Those of the host: process 1's, or if it hides them our own. None where there is no /proc. */
int mounts_load(struct mounts *ret_mounts);
void mounts_done(struct mounts *mounts);

/* The mount that "/" lies on; NULL: not known. */
const struct mount *mounts_top(const struct mounts *mounts);
/* Its file system takes names in any case: the kernel side tells no name there. */
bool mount_is_folding(const struct mount *mount);
/* The mount that `name` lies on, its directory lying on `mount`. */
const struct mount *mounts_enter(const struct mounts *mounts, const struct mount *mount, const char *name);
/*
 * The canonical name of `name`, which lies on `mount`: of all mounts of its file system that it is below, the one with
 * the fewest names in its mount point, then the one with the longest root, then the lowest id; as the kernel side
 * chooses (bpf/lsm/name.h). All instances of proc, sysfs and the like are one file system. Owned by the caller; NULL:
 * no memory.
 */
char *mounts_canonical(const struct mounts *mounts, const struct mount *mount, const char *name);
