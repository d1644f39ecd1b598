/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set.h - one loaded set of the programs with its maps. Its .c is the one place that includes the BPF skeleton. */
#pragma once

#include <bpf/libbpf.h>
#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "kernel_hits.h"
#include "ticks.h"

struct set;

struct set_options {
	size_t image_size; /* bytes of the first image; the size class is chosen with room for twice as much */
	unsigned int ring_size;   /* bytes of each ring, a power of two; 0: default */
	const struct set *before; /* whose tasks stay in their profiles; NULL: there is none */
	bool is_coalescing;	  /* decisions that repeat are counted */
	ring_buffer_sample_fn record;
	void *context; /* of `record` */
};

/* Loads, does not attach. All functions return 0 or −errno; `why` (or NULL) gets a line on failure. */
int set_load(const struct set_options *options, struct set **ret_set, char *why, size_t why_size);
/* Detaches and unloads. Accepts NULL; returns NULL. */
struct set *set_free(struct set *set);
int set_attach(struct set *set, char *why, size_t why_size);
void set_detach(struct set *set);

/* Pins its links, and the maps that who comes next goes on with, in DIR/next: see pins.h. */
int set_pin(const struct set *set, const char *dir);
/*
 * That which an earlier daemon pinned in DIR/live, and which still decides: its records, counters and tasks are there, and it
 * can stand by. −ENOENT: there is none. −ESTALE: one of another build, of which nothing can be said.
 */
int set_adopt(const char *dir, ring_buffer_sample_fn record, void *context, struct set **ret_set);
bool set_is_adopted(const struct set *set);

bool set_has_room(const struct set *set, size_t image_size);
/* An image on its way: the map that holds it, and that in which its rules' hits will be counted. */
struct set_image {
	int fd;
	int hits;
	unsigned int hits_place; /* as in its header */
	bool has_profiles;
};

/* A new map with the image in it, read back and frozen; nothing decides by it yet. The header is told where hits go. */
int set_fill(const struct set *set, void *image, size_t size, struct set_image *ret_image, char *why, size_t why_size);
/* Closes the maps that are still its own. */
void set_image_done(struct set_image *image);
/* Makes the filled map the live policy, in one step; running tasks have their profiles before. Takes the map of hits. */
int set_swap(struct set *set, struct set_image *image, char *why, size_t why_size);
/* The live policy's hits, all of them in its map: that map's file descriptor is the set's. */
int set_gather_hits(struct set *set, struct ticks *ticks, int *ret_fd);
/* Shared by all sets. NULL: there is none. */
struct pc_repeat *set_repeats(const struct set *set);
/* As those of kernel.h. */
int set_join(struct set *set, const struct kernel_join *join, __u64 *ret_family);
int set_tasks(struct set *set, kernel_task_fn *fn, void *userdata);
int set_follow(struct set *set);
/* Every hook passes without a decision from here on. */
void set_stand_by(struct set *set);
void set_force_audit(struct set *set, bool is_forced);

/* Becomes readable with records. */
int set_record_fd(const struct set *set);
/* Hands over what is there, denials first, until the callback returns a negative value. */
int set_consume(struct set *set);
int set_add_counters(const struct set *set, struct pc_counters *sum);
int set_canary(struct set *set, char *why, size_t why_size);
void set_cache(const struct set *set, struct kernel_cache *ret_cache);
/* Names of the attached programs, NULL-terminated. */
const char *const *set_programs(const struct set *set);
