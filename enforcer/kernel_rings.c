/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_rings.c - the two rings that records come in: denials, and all others. */
#include "kernel_rings.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int rings_open(struct rings *rings, const int maps[2], ring_buffer_sample_fn record, void *context)
{
	rings->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (rings->epoll < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		rings->rings[i] = ring_buffer__new(maps[i], record, context, NULL);
		if (!rings->rings[i])
			return -errno;
		if (epoll_ctl(rings->epoll, EPOLL_CTL_ADD, ring_buffer__epoll_fd(rings->rings[i]), &event) <
		    0)
			return -errno;
	}
	return 0;
}

void rings_close(struct rings *rings)
{
	for (int i = 0; i < 2; i++)
		ring_buffer__free(rings->rings[i]);
	if (rings->epoll >= 0)
		(void)close(rings->epoll);
}

int rings_consume(struct rings *rings)
{
	for (int i = 0; i < 2; i++) {
		int r = ring_buffer__consume(rings->rings[i]);

		if (r < 0)
			return r == -EAGAIN ? 0 : r;
	}
	return 0;
}
