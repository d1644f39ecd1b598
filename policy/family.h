/* SPDX-License-Identifier: GPL-2.0-only */
/* family.h - names of address families that have no objects of their own. */
#pragma once

#include "diag.h"

#include <linux/types.h>

/* "netlink" → 16. −EINVAL: reported to `d` at `loc`. */
int family_parse(const char *name, struct diags *d, const struct loc *loc, __u8 *ret_family);
/* 16 → "netlink"; NULL: the language has no name for it. */
const char *family_name(unsigned int family);
