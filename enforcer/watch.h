/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.h - notices that a link that the live policy's names pass through holds something else, or that the mounts
 * changed: either may make a rule lead elsewhere.
 */
#pragma once

#include <systemd/sd-event.h>

#include "model.h"

struct watch;

/* `what` is a line for people: which link, or the mounts. */
typedef void watch_fn(const char *what, void *userdata);

/* Looks at this process's mounts, which are the host's. */
int watch_new(sd_event *event, watch_fn *fn, void *userdata, struct watch **ret_watch);
/* Accepts NULL; returns NULL. */
struct watch *watch_free(struct watch *watch);
/* From now on these; takes them over. One that changed since it was read is noticed at once. */
void watch_links(struct watch *watch, struct policy_links *links);
