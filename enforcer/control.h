/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - the control socket: who may ask, how many at once, what is called for which question.
 *
 * One loop serves all; nothing here ever waits for a client. The protocol: portcullis/ctl.h.
 */
#pragma once

#include <portcullis/ctl.h>
#include <stdbool.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "history.h"

/* Connections at once, and how many of them only root may take: readers can't lock the administrator out. */
#define CONTROL_CLIENTS_MAX 32
#define CONTROL_CLIENTS_ROOT 4
/* Bytes of one answer's text; a longer one is cut and says so. */
#define CONTROL_TEXT_MAX (256U << 10)

/* What the daemon does when asked. Each writes its text to `out`. */
struct control_handler {
	enum pc_ctl_result (*status)(void *userdata, FILE *out);
	/* Begins one and returns its number; the answer comes later, by control_answer(). */
	__u64 (*reload)(void *userdata);
	enum pc_ctl_result (*force_audit)(void *userdata, bool is_forced, FILE *out);
	const struct history *history;
	void *userdata;
};

struct control;

/* Binds and listens; a stale socket is replaced: the caller holds the lock. `handler` is borrowed. */
int control_open(const char *path, sd_event *event, const struct control_handler *handler, struct control **ret_control);
/* Closes all connections and removes the socket. Accepts NULL; returns NULL. */
struct control *control_free(struct control *control);
/* What came of the reload of that number, for all who wait for it. */
void control_answer(struct control *control, __u64 number, enum pc_ctl_result result, const char *text);
/* There are new records: hands them to those who follow. */
void control_wake(struct control *control);
size_t control_clients(const struct control *control);
