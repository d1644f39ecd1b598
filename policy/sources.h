/* SPDX-License-Identifier: GPL-2.0-only */
/* sources.h - which files a policy is made of, and whether they can be trusted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

#define SOURCES_DROP_INS "policy.d"

/*
 * The policy file itself (`path`, or policy.ini in it if that is a directory) and after it every *.ini of
 * policy.d beside it, in byte order, without hidden ones. What is wrong with policy.d goes to `d`, and the
 * policy file stands alone. The result is owned by the caller: see sources_free(). 0 or −ENOMEM.
 */
int sources_find(const char *path, bool must_be_trusted, struct diags *d, char ***ret_paths,
		 size_t *ret_count);
char **sources_free(char **paths, size_t count);

/*
 * Reads a whole file. Trust: the file and the directories that lead to it belong to root, and nobody else can
 * write them. −EINVAL: refused, the reason went to `d` at `loc`. `ret_text` is owned by the caller and ends
 * with a NUL.
 */
int source_read(const char *path, bool must_be_trusted, struct diags *d, const struct loc *loc,
		char **ret_text, size_t *ret_length);

/* `name` as seen from the directory that holds `file`; an absolute name stays. NULL: no memory. */
char *source_beside(const char *file, const char *name);
