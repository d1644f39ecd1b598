/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.c - the maps in which the programs count the hits of rules. */
#include "kernel_hits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
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
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pc_hits", sizeof(__u32), sizeof(struct pc_hit), rules, &options);

	return fd < 0 ? -errno : fd;
}

int hits_map_read(int fd, struct pc_hit *ret_hits, size_t count)
{
	__u32 *keys = calloc(count, sizeof(*keys)), taken = (__u32)count, next;
	int r;

	if (!keys)
		return -ENOMEM;
	r = bpf_map_lookup_batch(fd, NULL, &next, keys, ret_hits, &taken, NULL);
	/* The map has no more than these. */
	if (r == -ENOENT)
		r = 0;
	if (!r && taken != count)
		r = -EIO;
	free(keys);
	return r;
}
