/* SPDX-License-Identifier: GPL-2.0-only */
/* protected.h - rules that nobody wrote: see struct policy_options. */
#pragma once

#include "model.h"

/* Stands for a file's name in diagnostics and records. */
#define PROTECTED_NAME "[protect] files"

/*
 * As the text of a policy: `.write` is denied on each file of the policy's, its folder of drop-ins, and on the others (a list
 * that ends with NULL; a folder with all below). `ret_text` is the caller's. 0 or −errno.
 */
int protected_rules(const struct policy *policy, const char *const *others, char **ret_text, size_t *ret_length);
