/* SPDX-License-Identifier: GPL-2.0-only */
/* objects.c - asks the kernel for a descriptor of each of its BPF maps and programs, by their numbers.
 *
 * usage: subject-objects
 * Prints: MAPS_OPENED MAPS_REFUSED PROGRAMS_OPENED PROGRAMS_REFUSED LINKS_REFUSED; refused is by EPERM, and of links, of which anybody
 * may have a descriptor, to be detached. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers of maps, programs, links and descriptors, and the one before, are in one place. */
static int call(int command, __u32 id, __u32 *ret_next)
{
	union bpf_attr attr;
	int r;

	memset(&attr, 0, sizeof(attr));
	attr.start_id = id;
	r = (int)syscall(SYS_bpf, command, &attr, sizeof(attr));
	if (ret_next)
		*ret_next = r < 0 ? 0 : attr.next_id;
	return r;
}

/* 0: there is none behind it. */
static __u32 next_of(int command, __u32 id)
{
	__u32 next;

	(void)call(command, id, &next);
	return next;
}

static void try_all(int next, int get, unsigned int *ret_opened, unsigned int *ret_refused)
{
	for (__u32 id = next_of(next, 0); id > 0; id = next_of(next, id)) {
		int fd = call(get, id, NULL);

		*ret_opened += fd >= 0;
		*ret_refused += fd < 0 && errno == EPERM;
		if (fd >= 0)
			(void)close(fd);
	}
}

/* None that a test leaves alone is ended by that: those of tracing programs can't be. */
static unsigned int try_links(void)
{
	unsigned int refused = 0;

	for (__u32 id = next_of(BPF_LINK_GET_NEXT_ID, 0); id > 0; id = next_of(BPF_LINK_GET_NEXT_ID, id)) {
		int fd = call(BPF_LINK_GET_FD_BY_ID, id, NULL);

		if (fd < 0)
			continue;
		refused += call(BPF_LINK_DETACH, (__u32)fd, NULL) < 0 && errno == EPERM;
		(void)close(fd);
	}
	return refused;
}

int main(void)
{
	unsigned int maps[2] = {}, programs[2] = {};

	try_all(BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID, &maps[0], &maps[1]);
	try_all(BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID, &programs[0], &programs[1]);
	printf("%u %u %u %u %u\n", maps[0], maps[1], programs[0], programs[1], try_links());
	return 0;
}
