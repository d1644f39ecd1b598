/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_census.h - has the kernel give running tasks their profiles, and tell them; see bpf/lsm/census.h. */
#pragma once

#include <linux/types.h>

#include "kernel.h"

/* What the programs share with the daemon; the set's own. */
struct census {
	int link; /* of the iterator over tasks */
	volatile __u64 *changed;
	volatile __u64 *failed;
};

/* Over all tasks until nothing changes. −ENOMEM: there are tasks about which the kernel could keep nothing. */
int census_run(const struct census *census);

/* Hands over all that `roster`, which is attached by the link, tells. */
int roster_read(int link, kernel_task_fn *fn, void *userdata);
