/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.h - notices that a link that the live policy's names pass through was touched, or that the mounts changed:
 * either may make a rule lead elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "model.h"

/* The links of a policy and what says that they were touched. */
struct watched {
	struct policy_links links;
	int fd;		/* inotify; of no use without links */
	bool is_moved;	/* one was changed between its being read and its being watched */
};

/* Watches `links` by the inotify descriptor; takes over both. File systems may make it wait: not for the loop. */
void watched_open(struct policy_links *links, int fd, struct watched *ret_watched);
/* Accepts what is all zeros. */
void watched_done(struct watched *watched);
/* Whether a link is called that in its folder. */
bool watched_has_name(const struct watched *watched, const char *base);

struct watch;

typedef void watch_fn(void *userdata);

/* `fn` is called by the loop a moment after something changed. The mounts are this process's, which are the host's. */
int watch_new(sd_event *event, watch_fn *fn, void *userdata, struct watch **ret_watch);
/* Accepts NULL; returns NULL. */
struct watch *watch_free(struct watch *watch);
/* From now on these; takes them over. */
void watch_take(struct watch *watch, struct watched *watched);
/* What is other than it was, in words: a link, or else the mounts. `now` is a later reading of the same names. */
void watch_describe(const struct watch *watch, const struct policy_links *now, char *what, size_t size);
