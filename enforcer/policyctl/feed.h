/* SPDX-License-Identifier: GPL-2.0-only */
/* feed.h - the daemon's records and status as they come, also of one that is started anew. Nothing here blocks. */
#pragma once

#include <portcullis/ctl.h>

#include "connection.h"
#include "record.h"

struct feed_handler {
	void (*record)(const struct record *record, void *userdata);
	void (*skipped)(unsigned long long count, void *userdata);
	void (*status)(const char *text, void *userdata); /* JSON */
	void *userdata;
};

enum feed_channel {
	FEED_RECORDS,
	FEED_STATUS,
	FEED_CHANNELS,
};

struct feed {
	const char *socket;
	struct feed_handler handler;
	int fds[FEED_CHANNELS]; /* −1: not connected */
	int error;              /* why, as errno; 0: it is connected, or was not tried yet */
	bool is_asked;          /* a status has been asked for and is not there yet */
	bool is_catching_up;    /* what comes first may have come before */
	__u64 newest;           /* time of the latest record; 0: there was none */
	unsigned int silence;   /* times that status was due since */
	char *status;           /* owned: what has come of it */
	size_t status_length;
	size_t status_room;
	struct connection_frame frame;
};

/* Of the socket's path, which is borrowed. */
void feed_init(struct feed *feed, const char *socket, const struct feed_handler *handler);
void feed_done(struct feed *feed);
/* Once a second: connects if it is not, and asks for the status. */
void feed_tick(struct feed *feed);
/* Takes what has come on a channel, but not for ever. */
void feed_take(struct feed *feed, enum feed_channel channel);
/* Asks for the records anew, those that the daemon holds first. */
void feed_restart(struct feed *feed);
/* What is wrong with the connection, in words; NULL: nothing. */
const char *feed_trouble(const struct feed *feed);
