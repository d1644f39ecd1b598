/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.h - the maps in which the programs count the hits of rules: see bpf/lsm/hits.h. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>

/* Those of the live policy and of the one before it, by their places. */
struct hits_maps {
	int fds[PC_HITS];   /* owned; −1: none */
	unsigned int place; /* of the live policy's */
};
#define HITS_MAPS_NONE ((struct hits_maps){ .fds = { -1, -1 } })

void hits_maps_done(struct hits_maps *maps);
/* The policy of that map, which is taken, is live from here on; the one that was there has long been none. */
void hits_maps_take(struct hits_maps *maps, unsigned int place, int *fd);

/* A map for that many rules: a file descriptor, or −errno. */
int hits_map_create(__u32 rules);
/* The first `count` of them, in ticks (ticks.h), as the programs count on in them. 0 or −errno. */
int hits_map_view(int fd, size_t count, struct pc_hit **ret_hits);
void hits_map_close(struct pc_hit *hits, size_t count);
