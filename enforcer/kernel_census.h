/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_census.h - has the kernel give running tasks their profiles; see bpf/lsm/census.h. */
#pragma once

#include <bpf/libbpf.h>
#include <linux/types.h>

/* What the programs share with the daemon; the set's own. */
struct census {
	struct bpf_link *link; /* of the iterator over tasks */
	volatile __u32 *number;
	volatile __u64 *changed;
	volatile __u64 *failed;
};

/* Over all tasks until nothing changes. −ENOMEM: there are tasks about which the kernel could keep nothing. */
int census_run(const struct census *census);
