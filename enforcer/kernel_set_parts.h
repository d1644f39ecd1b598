/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set_parts.h - what a set is made of, for those who make one: kernel_set.c and kernel_set_pins.c. */
#pragma once

#include "kernel_hooks.h"
#include "kernel_image.h"
#include "kernel_rings.h"
#include "kernel_set.h"
#include "kernel_shared.h"
#include "portcullis.skel.h"

/*
 * What a set is worked by, and what who comes next goes on with; pinned by these names, the last by one that tells the build.
 * Those before SET_SHARED are the same maps in a set that takes over.
 */
enum set_map {
	SET_DENIALS,
	SET_PASSES,
	SET_COUNTERS,
	SET_SUBJECTS,
	SET_PROGRAMS,
	SET_TOLD,
	SET_REPEATS,
	SET_SHARED,
	SET_IMAGES = SET_SHARED,
	SET_HITS,
	SET_CACHE,
	SET_GUARDED,
	SET_STATE,
	SET_MAPS,
};

/* Programs that the daemon runs, the last two by links that read what they write. */
enum set_tool {
	SET_LEARN_HOST,
	SET_GATHER,
	SET_CENSUS,
	SET_ROSTER,
	SET_TOOLS,
};

struct set {
	struct portcullis_bpf *skel; /* until it is attached; NULL from then on */
	struct portcullis_bpf__bss *bss; /* mapped */
	int maps[SET_MAPS];
	int tools[SET_TOOLS];
	struct shared shared;
	struct hooks hooks;
	struct rings rings;
	ring_buffer_sample_fn record;
	void *context;
	size_t image_class;	   /* bytes */
	int image;		   /* the live one's map; −1: there is none */
	__u32 image_id;		   /* the kernel's number of that */
	struct pc_repeat *repeats; /* mapped */
	struct hits_maps hits;
};

void set_freep(struct set **set);
/* Empty, or NULL. */
struct set *set_new(const struct set_options *options);
/* With its maps and tools at hand. 0 or −errno, as the others. */
int set_up(struct set *set);
/* Tells the programs that this process is the daemon, with that folder of pins, or NULL; by the one of them for that. */
int set_learn_host(int program, const char *pins);
/* Of the programs that this build carries: opened, to be destroyed by the caller, or NULL and errno; and their sum. */
struct portcullis_bpf *set_open_skeleton(void);
unsigned long long set_build_sum(void);
/* The kernel's number of the map in that place of a map of maps; 0: there is none. */
__u32 set_inner_id(int maps, __u32 place);
