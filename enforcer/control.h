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
#include "rule_list.h"

/* Connections at once, and how many of them only root may take: readers can't lock the administrator out. */
#define CONTROL_CLIENTS_MAX 32
#define CONTROL_CLIENTS_ROOT 4
/* Bytes of one answer's text; a longer one is cut and says so. */
#define CONTROL_TEXT_MAX (256U << 10)

/* Supplementary groups of a peer; of more the first count. */
#define CONTROL_GROUPS_MAX 1024

/* Who is at the other end, as it was when it connected: what it does afterwards changes nothing. */
struct control_peer {
	int fd; /* borrowed */
	pid_t pid;
	uid_t uid;
	__u64 connected; /* CLOCK_BOOTTIME, ns: no earlier than that */
	bool is_reader;  /* may ask for what changes nothing */
	size_t group_count;
	gid_t groups[CONTROL_GROUPS_MAX + 1]; /* the primary one first */
};

/* What the daemon does when asked. Each writes its text to `out`. */
struct control_handler {
	enum pc_ctl_result (*status)(void *userdata, FILE *out);
	/* Begins one and returns its number; the answer comes later, by control_answer(). */
	__u64 (*reload)(void *userdata, const struct pc_ctl_reload *wish);
	enum pc_ctl_result (*confirm)(void *userdata, FILE *out);
	enum pc_ctl_result (*set_mode)(void *userdata, const struct pc_ctl_mode *mode, FILE *out);
	enum pc_ctl_result (*join)(void *userdata, const struct control_peer *peer, const struct pc_ctl_join *join, FILE *out);
	enum pc_ctl_result (*tasks)(void *userdata, FILE *out);
	/* What it writes comes first, then the list, which is the caller's; NULL: there is none. */
	enum pc_ctl_result (*rules)(void *userdata, FILE *out, struct rule_list **ret_list);
	/* Whether one who is no reader may ask to join some profile. */
	bool (*may_run)(void *userdata, const struct control_peer *peer);
	const struct history *history;
	void *userdata;
};

struct control;

/* Binds and listens; a stale socket is replaced: the caller holds the lock. `handler` is borrowed. */
int control_open(const char *path, sd_event *event, const struct control_handler *handler, struct control **ret_control);
/* Closes all connections and removes the socket. Accepts NULL; returns NULL. */
struct control *control_free(struct control *control);
/* Whether those who are neither root nor readers may connect; see may_run(). */
void control_admit_all(struct control *control, bool is_for_all);
/* What came of the reload of that number, for all who wait for it. */
void control_answer(struct control *control, __u64 number, enum pc_ctl_result result, const char *text);
/* There are new records: hands them to those who follow. */
void control_wake(struct control *control);
size_t control_clients(const struct control *control);
