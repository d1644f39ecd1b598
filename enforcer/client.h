/* SPDX-License-Identifier: GPL-2.0-only */
/* client.h - one connection to the control socket: a question in, frames out as fast as they are taken. */
#pragma once

#include "control.h"

struct client;

/* Called when the connection is over; the client is to be freed. */
typedef void client_closed_fn(struct client *client, void *userdata);

struct client_options {
	struct control_peer peer;
	const struct control_handler *handler;
	client_closed_fn *closed;
	void *userdata;
};

/* Takes `fd` on success. */
int client_new(int fd, sd_event *event, const struct client_options *options, struct client **ret_client);
struct client *client_free(struct client *client);
/* Sends what goes; −errno: the connection is over. */
int client_pump(struct client *client);
/* If it waits for the reload of that number: this is what client_pump() sends it. */
void client_answer(struct client *client, __u64 number, enum pc_ctl_result result, const char *text);
