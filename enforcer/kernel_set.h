/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set.h - one loaded set of the programs with its maps. Its .c is the one place that includes the BPF skeleton. */
#pragma once

#include <bpf/libbpf.h>
#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"
#include "kernel_hits.h"
#include "kernel_image.h"
#include "ticks.h"

struct set;

struct set_options {
	size_t image_size; /* bytes of the first image; the size class is chosen with room for twice as much */
	const struct set *before; /* whose records, counters and tasks it goes on with; NULL: there is none */
	const char *pins; /* see struct kernel_options */
	ring_buffer_sample_fn record;
	void *context; /* of `record` */
};

/* Loads, does not attach. All functions return 0 or −errno; `why` (or NULL) gets a line on failure. */
int set_load(const struct set_options *options, struct set **ret_set, char *why, size_t why_size);
/* Detaches and unloads. Accepts NULL; returns NULL. */
struct set *set_free(struct set *set);
/* As `before`, which goes on, has it at that moment; see set_options. */
int set_attach(struct set *set, const struct set *before, char *why, size_t why_size);
void set_detach(struct set *set);

/* Pins its links and programs, and the maps that it is worked by, in DIR/next: see pins.h. */
int set_pin(const struct set *set, const char *dir);
/*
 * That which an earlier daemon pinned in DIR/live, and which still decides. A whole one has all that one just loaded has, and
 * room for the image; else records, counters and tasks are there, and it can stand by. −ENOENT: there is none. −ESTALE: one
 * of another build, of which nothing can be said.
 */
int set_adopt(const char *dir, const struct set_options *options, struct set **ret_set, bool *ret_is_whole);

/* As kernel_seal(); marks the pins in DIR/live, too. */
int set_seal(const struct set *set, const char *dir);
bool set_is_sealed(const struct set *set);
/* See kernel_announce(). */
void set_announce(const char *dir);

bool set_has_room(const struct set *set, size_t image_size);
/* A new map with the image in it, read back and frozen; nothing decides by it yet. The header is told where hits go. */
int set_fill(const struct set *set, void *image, size_t size, struct set_image *ret_image, char *why, size_t why_size);
/* Makes the filled map the live policy, in one step; running tasks have their profiles before. Takes the map of hits. */
int set_swap(struct set *set, struct set_image *image, char *why, size_t why_size);
/* The map of the live policy's hits, a file descriptor of the set's; and when all of them are in it. */
int set_hits(const struct set *set);
int set_gather_hits(struct set *set, struct ticks *ticks, int *ret_fd);
/* The live policy as it is in the kernel, and since when (CLOCK_REALTIME, ns). −ENOENT: there is none. */
int set_live_image(const struct set *set, struct image_view *ret_view, __u64 *ret_loaded);
/* As those of kernel.h. */
long set_take_repeats(struct set *set, unsigned int place, __u32 version);
/* Processes are told again, to the next daemon. */
int set_forget_told(const struct set *set);
void set_told(const struct set *set, struct kernel_told *ret_told);
int set_join(struct set *set, const struct kernel_join *join, __u64 *ret_family);
int set_tasks(struct set *set, kernel_task_fn *fn, void *userdata);
int set_follow(struct set *set);
/* What was remembered before is forgotten. */
void set_forget(struct set *set);
/* Every hook passes without a decision from here on. */
void set_stand_by(struct set *set);
void set_force_audit(struct set *set, bool is_forced, __u64 until);
void set_protect(struct set *set, __u32 parts);
bool set_is_audit_forced(const struct set *set, __u64 *ret_until);
/* Whether decisions that repeat are counted. */
void set_coalesce(struct set *set, bool is_on);
/* That a place of repeats has now. */
__u32 set_repeat_version(const struct set *set, unsigned int place);

/* Becomes readable with records. */
int set_record_fd(const struct set *set);
/* Hands over what is there, denials first, until the callback returns a negative value. */
int set_consume(struct set *set);
int set_counters(const struct set *set, struct pc_counters *ret_counters);
int set_canary(struct set *set, char *why, size_t why_size);
/* Whether the image that was made live last is, and decides. */
int set_check(const struct set *set, char *why, size_t why_size);
void set_cache(const struct set *set, struct kernel_cache *ret_cache);
size_t set_ring_size(const struct set *set);
/* Names of the attached programs, NULL-terminated. */
/* See kernel_untried(). */
size_t set_untried(struct set *set, const char **ret_names);
const char *const *set_programs(const struct set *set);
