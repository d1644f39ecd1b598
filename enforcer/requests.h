/* SPDX-License-Identifier: GPL-2.0-only */
/* requests.h - what the daemon does when it is asked, by the control socket or by a signal. */
#pragma once

#include "daemon.h"

/* Sends a request of our own through each hook; daemon->dead_hook says which one did not see it. */
int request_check_hooks(struct daemon *daemon);

/* For struct control_handler; `userdata` is the daemon. */
enum pc_ctl_result request_status(void *userdata, FILE *out);
__u64 request_reload(void *userdata, const struct pc_ctl_reload *wish);
enum pc_ctl_result request_confirm(void *userdata, FILE *out);
enum pc_ctl_result request_set_mode(void *userdata, const struct pc_ctl_mode *mode, FILE *out);

/* For http_open(). */
int request_metrics(void *userdata, FILE *out);

/* What is kept from the daemon itself, by the live policy's mode and the settings. */
void request_protect(struct daemon *daemon);
/* Seals the policy, if the settings say so and it can be; says why if it can't. */
void request_seal(struct daemon *daemon);
/* Makes it live, with all that the daemon knows of a policy; `out` says why not. */
int request_apply(struct daemon *daemon, struct candidate *candidate, FILE *out);
/* A turn of daemon->reload came to its end: makes the policy live, or says why not. */
void request_end_reload(const struct reload_end *end, void *userdata);
/* A link or a mount changed: the policy is loaded again if that makes its names lead elsewhere. */
void request_look_again(void *userdata);
