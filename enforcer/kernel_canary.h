/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_canary.h - proves that each hook really runs, by requests of our own that are only noticed, not decided. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

/*
 * Starts a child that opens, connects and executes, and tells the programs its number through *tgid. `seen` (one flag
 * per enum pc_hook) is what the programs noticed. −ENOTCONN: a hook is dead, `why` says which and what to do.
 */
int canary_run(volatile __u32 *tgid, const volatile __u32 *seen, char *why, size_t why_size);
