/* SPDX-License-Identifier: GPL-2.0-only */
/* privs.h - what the daemon may still do once all is loaded. */
#pragma once

#include <stddef.h>

/* Gives up every capability but those of privs_name(), and no_new_privs keeps it so. */
int privs_drop(void);
/* "cap_bpf" … of those that are in effect now, one by one; NULL past the last. */
const char *privs_name(size_t index);
