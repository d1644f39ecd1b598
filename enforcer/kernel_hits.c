/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.c - hits of rules: the programs don't count them yet, so there are none to tell. */
#include <errno.h>

#include "kernel.h"

int kernel_hits(struct kernel *kernel, struct pc_hit *ret_hits, size_t count)
{
	(void)kernel;
	(void)ret_hits;
	(void)count;
	return -ENOSYS;
}

int kernel_hits_before(struct kernel *kernel, struct pc_hit *ret_hits, size_t count)
{
	(void)kernel;
	(void)ret_hits;
	(void)count;
	return -ENOSYS;
}
