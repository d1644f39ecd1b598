/* SPDX-License-Identifier: GPL-2.0-only */
/* tasks.h - which tasks are in which profile, as far as the daemon has to do with it: run, attach, ps, reloads. */
#pragma once

#include "daemon.h"

/* For struct control_handler; `userdata` is the daemon. */
enum pc_ctl_result request_join(void *userdata, const struct control_peer *peer, const struct pc_ctl_join *join, FILE *out);
enum pc_ctl_result request_tasks(void *userdata, FILE *out);
bool request_may_run(void *userdata, const struct control_peer *peer);

/* Tasks that were about to be made when a policy was swapped, or a family joined, are looked for again in a second. */
void tasks_follow(struct daemon *daemon);

/* How many tasks are in profiles that the generation has not, told in the log; before it becomes live. */
void tasks_tell_lost(struct daemon *daemon, const struct generation *next);
