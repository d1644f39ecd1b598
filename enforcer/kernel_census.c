/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_census.c - has the kernel give running tasks their profiles, until all have theirs, and tell who has one. */
#include "kernel_census.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * A child that comes before its parent takes another pass. Who forks without end changes something each time: what is
 * left then has its profile from its parent.
 */
#define PASSES_MAX 64

/* Lines of a list that are read at once. */
#define ROSTER_LINES 100

static ssize_t read_some(int fd, void *buffer, size_t size)
{
	ssize_t length;

	do
		length = read(fd, buffer, size);
	while (length < 0 && (errno == EINTR || errno == EAGAIN));
	return length < 0 ? -errno : length;
}

static int pass(const struct census *census)
{
	int fd = bpf_iter_create(census->link);
	char none[64];
	ssize_t length;

	if (fd < 0)
		return -errno;
	do
		length = read_some(fd, none, sizeof(none));
	while (length > 0);
	(void)close(fd);
	return (int)length;
}

int census_run(const struct census *census)
{
	int r = 0;

	for (int i = 0; r == 0 && i < PASSES_MAX; i++) {
		*census->changed = 0;
		*census->failed = 0;
		r = pass(census);
		if (*census->changed == 0)
			break;
	}
	return r == 0 && *census->failed > 0 ? -ENOMEM : r;
}

int roster_read(int link, kernel_task_fn *fn, void *userdata)
{
	struct pc_task lines[ROSTER_LINES];
	int fd = bpf_iter_create(link);
	size_t used = 0;
	ssize_t length;

	if (fd < 0)
		return -errno;
	while ((length = read_some(fd, (char *)lines + used, sizeof(lines) - used)) > 0) {
		size_t count = (used += (size_t)length) / sizeof(lines[0]);

		for (size_t i = 0; i < count; i++)
			fn(&lines[i], userdata);
		/* A line may come in two pieces. */
		used %= sizeof(lines[0]);
		memmove(lines, &lines[count], used);
	}
	(void)close(fd);
	return (int)length;
}
