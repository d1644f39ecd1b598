/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.c - the maps in which the programs count the hits of rules. */
#include "kernel_hits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

void hits_maps_done(struct hits_maps *maps)
{
	for (int i = 0; i < PC_HITS; i++)
		if (maps->fds[i] >= 0)
			(void)close(maps->fds[i]);
	*maps = HITS_MAPS_NONE;
}

void hits_maps_take(struct hits_maps *maps, unsigned int place, int *fd)
{
	if (maps->fds[place] >= 0)
		(void)close(maps->fds[place]);
	maps->fds[place] = *fd;
	*fd = -1;
	maps->place = place;
}

int hits_map_create(__u32 rules)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pc_hits", sizeof(__u32), sizeof(struct pc_hit), rules, &options);

	return fd < 0 ? -errno : fd;
}

int hits_map_view(int fd, size_t count, struct pc_hit **ret_hits)
{
	void *hits = mmap(NULL, count * sizeof(struct pc_hit), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (hits == MAP_FAILED)
		return -errno;
	*ret_hits = hits;
	return 0;
}

void hits_map_close(struct pc_hit *hits, size_t count)
{
	if (hits)
		(void)munmap(hits, count * sizeof(*hits));
}
