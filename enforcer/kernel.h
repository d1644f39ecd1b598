/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - the daemon's side of the BPF programs: load, attach, apply an image, take records, read counters.
 * The one place that includes the BPF skeleton is kernel_set.c. All functions return 0 or −errno.
 */
#pragma once

#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

struct kernel;

struct kernel_options {
	size_t image_size;	/* bytes of the first image; the size class is chosen with room for twice as much */
	bool is_coalescing;	/* decisions that repeat are counted, and taken by kernel_take_repeats() */
	const char *pins;	/* folder for what outlives the daemon (pins.h), borrowed; NULL: enforcement ends with it */
};

/* One thing that was looked at before loading; `remedy` is set where `is_fine` is not. Strings live in the struct. */
struct kernel_probe {
	bool is_fine;
	bool is_for_enforcing; /* audit mode does without */
	char what[64];
	char found[192];
	char remedy[512];
};

#define KERNEL_PROBES_MAX 16

/* LSM list, BTF, capabilities, bpffs, JIT, mount namespace, preemption … ; *ret_count of `probes` are filled. */
int kernel_probe(struct kernel_probe probes[KERNEL_PROBES_MAX], size_t *ret_count);

/*
 * Tells the programs that an earlier daemon pinned there, if there are, that this process comes after it: from then on it is
 * not refused what a start takes.
 */
void kernel_announce(const char *pins);

/*
 * Loads and attaches everything; no image yet, so nothing is decided. Or takes over all that an earlier daemon of this build
 * pinned, which has room for the image, and goes on deciding by the image that it has. `why` (or NULL) gets a line on failure.
 */
int kernel_open(const struct kernel_options *options, struct kernel **ret_kernel, char *why, size_t why_size);
/* Enforcement ends, unless it outlives the daemon. Accepts NULL; returns NULL. */
struct kernel *kernel_close(struct kernel *kernel);
/*
 * With the first policy live and the hooks proved: from here on it outlives the daemon, and programs that an earlier one left
 * behind, which decided until now, end.
 */
int kernel_settle(struct kernel *kernel, char *why, size_t why_size);
/* Whether decisions go on when the daemon has ended. */
bool kernel_outlives(const struct kernel *kernel);

/* What was there before this daemon. */
enum kernel_origin {
	KERNEL_FRESH,
	KERNEL_FOLLOWED,    /* programs of this build: its records, counters and tasks go on here */
	KERNEL_OTHER_BUILD, /* of which nothing can be read */
};

enum kernel_origin kernel_origin(const struct kernel *kernel);

/* A copy of the image that is live, which is the caller's, and since when: CLOCK_REALTIME, ns. −ENOENT: none is. */
int kernel_live_image(const struct kernel *kernel, struct pc_image_header **ret_image, __u64 *ret_loaded);

/*
 * An image on its way: in a map of its own, read back and frozen; if the live programs have no room for it, with
 * programs that do. Its header is told which map counts its hits. Preparing may be done by another thread, one at a time, and takes a while.
 */
struct kernel_image;

int kernel_prepare(struct kernel *kernel, void *image, size_t size, struct kernel_image **ret_image, char *why,
		   size_t why_size);
/* Makes it the live policy in one step and frees it. On error the old one stays and `image` is still the caller's. */
int kernel_apply(struct kernel *kernel, struct kernel_image *image, char *why, size_t why_size);
/* Accepts NULL; returns NULL. */
struct kernel_image *kernel_image_free(struct kernel_image *image);

/* Nothing is decided from here on, unless it outlives the daemon: what is in the rings then is all there will be. */
void kernel_stop(struct kernel *kernel);

/*
 * Does a request of our own reach each program? −ENOTCONN: `why` names a dead one. −ENOTRECOVERABLE: the image that decides is
 * not the one that was applied last, or what is to outlive the daemon would not.
 */
int kernel_prove(struct kernel *kernel, char *why, size_t why_size);

/* `record` begins with its type, enum pc_record_type; at least that is there. */
typedef void kernel_record_fn(const void *record, size_t size, void *userdata);

/* File descriptor that becomes readable with records (an epoll of both rings); owned by kernel. */
int kernel_record_fd(const struct kernel *kernel);
/* Hands over what is there, denials first; returns how many, or −errno. */
int kernel_consume(struct kernel *kernel, kernel_record_fn *fn, void *userdata);

/* What has become of the decisions that are counted as recorded, or as repeats: told by this daemon and those before it. */
struct kernel_told {
	__u64 records;
	__u64 repeats;
};

void kernel_told(const struct kernel *kernel, struct kernel_told *ret_told);

/* Sums over the CPUs, and over all daemons since the programs were first loaded. */
int kernel_counters(const struct kernel *kernel, struct pc_counters *ret_counters);
/* Of the live image's rules, by number, from its swap on: fills `count` of them. */
int kernel_hits(struct kernel *kernel, struct pc_hit *ret_hits, size_t count);
/*
 * Those of the policy before the last swap, which are final, and of the live one, which are counted on: `counts` of
 * each, in a unit of their own. To be closed by kernel_hits_close(), which accepts views of zeroes.
 */
struct kernel_hits_view {
	struct pc_hit *before, *live;
	size_t before_count, live_count;
};

int kernel_hits_view(struct kernel *kernel, size_t before_count, size_t live_count, struct kernel_hits_view *ret_view);
void kernel_hits_close(struct kernel_hits_view *view);
/*
 * Of the decisions that repeat the one that was recorded with that place and version: how many there were since they were
 * last taken. 0: none, and the next will be recorded. −ESTALE: the place is another one's.
 */
long kernel_take_repeats(struct kernel *kernel, unsigned int place, __u32 version);
/* Likewise of those that repeat one that nobody here has seen; the place is free then. */
__u64 kernel_take_strangers(struct kernel *kernel, unsigned int place);
/*
 * `policyctl mode audit`: true overrides every section's enforce. `until` (CLOCK_BOOTTIME, ns; 0: no end) is kept for the next
 * daemon; to end it then is the caller's.
 */
int kernel_force_audit(struct kernel *kernel, bool is_forced, __u64 until);
/*
 * Until the next boot nobody but the same program that runs here may take over what is pinned, or end it. The daemon is to
 * leave policy and mode as they are. 0 or −errno.
 */
int kernel_seal(struct kernel *kernel);
bool kernel_is_sealed(const struct kernel *kernel);
/* Hooks can be proven whatever rights this process gives up from now on: see canary_keep(). 0 or −errno. */
int kernel_keep_canary(void);
/* What is kept from others from now on: enum pc_protect. */
void kernel_protect(struct kernel *kernel, __u32 parts);
bool kernel_is_audit_forced(const struct kernel *kernel, __u64 *ret_until);

/* ---- Who is in which profile. ---- */

/* A process that is to be in a family from now on, with all that it has started. */
struct kernel_join {
	__u32 pid;
	__u32 uid;     /* real user that it must have; ~0: any */
	__u64 before;  /* CLOCK_BOOTTIME, ns: one that was started later is another one */
	__u64 profile; /* the family's id; of the live policy */
};

/*
 * −ESRCH: there is no such process; −EBUSY: it is in a family already, whose id is in *ret_family; −EALREADY: in this one,
 * which changes nothing either.
 */
int kernel_join(struct kernel *kernel, const struct kernel_join *join, __u64 *ret_family);

typedef void kernel_task_fn(const struct pc_task *task, void *userdata);

int kernel_tasks(struct kernel *kernel, kernel_task_fn *fn, void *userdata);

/* Looks through all tasks once more for those that were about to be made when the policy was swapped. */
int kernel_follow(struct kernel *kernel);

/* The cache of answers: what it has room for; off where the kernel lacks what it lives by, or a canary failed. */
struct kernel_cache {
	bool is_on;
	size_t bytes;
	size_t slots;
};

void kernel_cache(const struct kernel *kernel, struct kernel_cache *ret_cache);

/* Bytes of each of the two rings that records wait in. */
size_t kernel_ring_size(const struct kernel *kernel);

/* Static facts for status: names of attached programs, NULL-terminated, owned by kernel. */
const char *const *kernel_programs(const struct kernel *kernel);
/*
 * Into PC_HOOKS names the attached hooks that the last proof did not reach: there is no way to without consequences, or not
 * with the rights that are left. Returns how many.
 */
size_t kernel_untried(const struct kernel *kernel, const char **ret_names);
