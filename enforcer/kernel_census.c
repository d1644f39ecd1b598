/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_census.c - has the kernel give running tasks their profiles, until all have theirs. */
#include "kernel_census.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

/*
 * A child that comes before its parent takes another pass. Who forks without end changes something each time: what is
 * left then has its profile from its parent.
 */
#define PASSES_MAX 64

static int pass(const struct census *census)
{
	int fd = bpf_iter_create(bpf_link__fd(census->link));
	char none[64];
	ssize_t length;
	int r;

	if (fd < 0)
		return -errno;
	do
		length = read(fd, none, sizeof(none));
	while (length > 0 || (length < 0 && (errno == EINTR || errno == EAGAIN)));
	r = length < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

int census_run(const struct census *census)
{
	int r = 0;

	++*census->number;
	for (int i = 0; r == 0 && i < PASSES_MAX; i++) {
		*census->changed = 0;
		*census->failed = 0;
		r = pass(census);
		if (*census->changed == 0)
			break;
	}
	return r == 0 && *census->failed > 0 ? -ENOMEM : r;
}
