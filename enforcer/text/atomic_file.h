/* SPDX-License-Identifier: GPL-2.0-only */
/* atomic_file.h - a file that is there as a whole or not at all. */
#pragma once

#include <stdio.h>

struct atomic_file {
	const char *path; /* borrowed */
	char *temporary;  /* owned: where it is written, beside it */
	FILE *out;
};

/* Only its owner can read it. −EEXIST: the path is something else than a file. −errno. */
int atomic_file_open(const char *path, struct atomic_file *ret_file);
/* Puts it in its place; until then, and if this fails, what was there stays. */
int atomic_file_commit(struct atomic_file *file);
/* Nothing is left of one that was not committed. */
void atomic_file_done(struct atomic_file *file);
