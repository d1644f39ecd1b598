/* SPDX-License-Identifier: GPL-2.0-only */
/* system_object.h - the words of [system]: what a policy can refuse besides programs, files and connections. */
#pragma once

#include "diag.h"

#include <linux/types.h>

/* "mount" → PC_SYSTEM_MOUNT. −EINVAL: reported to `d` at `loc`. */
int system_object_parse(const char *word, struct diags *d, const struct loc *loc, __u8 *ret_object);
/* PC_SYSTEM_MOUNT → "mount"; NULL: the language has no word for it. */
const char *system_object_name(unsigned int object);
