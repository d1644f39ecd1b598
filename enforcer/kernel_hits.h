/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hits.h - the maps in which the programs count the hits of rules: see bpf/lsm/hits.h. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>

/* A map for that many rules: a file descriptor, or −errno. */
int hits_map_create(__u32 rules);
/* Fills `count` of them, in ticks (ticks.h). 0 or −errno. */
int hits_map_read(int fd, struct pc_hit *ret_hits, size_t count);
