/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * repeats.h - decisions that were counted because they repeat one that was recorded: once in a window they are told, in
 * one line that is the first one's but for its time, its number and how many it stands for.
 */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#include "kernel.h"

struct repeats;

/* `line` is the JSON of the first one, without a newline. */
typedef void repeats_fn(const char *line, size_t length, __u64 count, void *userdata);

struct repeats_options {
	struct kernel *kernel; /* borrowed */
	__u64 window;	       /* ns, not 0 */
	repeats_fn *fn;
	void *userdata;
};

int repeats_new(sd_event *event, const struct repeats_options *options, struct repeats **ret_repeats);
/* Tells nothing more. Accepts NULL; returns NULL. */
struct repeats *repeats_free(struct repeats *repeats);
/* A record whose like will be counted: its line is kept for those. Without memory they are told at once, and recorded again. */
void repeats_follow(struct repeats *repeats, const struct pc_event *event, const char *line, size_t length);
/* Whether it is known what is counted at that place of the kernel's. */
bool repeats_has(const struct repeats *repeats, unsigned int place);
/* Tells what there is before its time. */
void repeats_end(struct repeats *repeats);
