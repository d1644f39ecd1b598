/* SPDX-License-Identifier: GPL-2.0-only */
/* feed.c - the daemon's records and status as they come. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "ownership.h"

/* All that the daemon holds. */
#define HELD 1000000
/* Between two looks at the keyboard. */
#define FRAMES_AT_ONCE 5000
/* A status is some 10 KiB. */
#define STATUS_MAX (1U << 20)
#define SILENCE_MAX 3

void feed_init(struct feed *feed, const char *socket, const struct feed_handler *handler)
{
	*feed = (struct feed){ .socket = socket, .handler = *handler, .fds = { -1, -1 } };
}

static void close_channel(struct feed *feed, enum feed_channel channel)
{
	if (feed->fds[channel] >= 0)
		(void)close(feed->fds[channel]);
	feed->fds[channel] = -1;
}

static void disconnect(struct feed *feed, int error)
{
	for (unsigned int i = 0; i < FEED_CHANNELS; i++)
		close_channel(feed, i);
	feed->error = error;
	feed->is_asked = false;
	feed->silence = 0;
	feed->status_length = 0;
	feed->is_catching_up = true;
}

void feed_done(struct feed *feed)
{
	disconnect(feed, 0);
	free(feed->status);
}

static int open_channel(struct feed *feed, enum feed_channel channel)
{
	int fd, r = connection_open(feed->socket, &fd);

	if (r < 0)
		return r;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		(void)close(fd);
		return -EBADF;
	}
	feed->fds[channel] = fd;
	return 0;
}

static int open_records(struct feed *feed)
{
	struct pc_ctl_log question = { .count = HELD, .is_following = 1 };
	int r = open_channel(feed, FEED_RECORDS);

	return r < 0 ? r : connection_send(feed->fds[FEED_RECORDS], PC_CTL_LOG, &question, sizeof(question));
}

static int ask_status(struct feed *feed)
{
	int r;

	if (feed->is_asked)
		return ++feed->silence > SILENCE_MAX ? -ETIMEDOUT : 0;
	r = connection_send(feed->fds[FEED_STATUS], PC_CTL_STATUS, NULL, 0);
	feed->is_asked = r == 0;
	feed->silence = 0;
	return r;
}

void feed_tick(struct feed *feed)
{
	int r = 0;

	if (feed->fds[FEED_STATUS] < 0)
		r = open_channel(feed, FEED_STATUS);
	if (r == 0)
		r = ask_status(feed);
	if (r < 0) {
		disconnect(feed, -r);
		return;
	}
	feed->error = feed->silence > 1 ? ETIMEDOUT : 0;
}

void feed_restart(struct feed *feed)
{
	int r;

	if (feed->fds[FEED_RECORDS] < 0)
		return;
	close_channel(feed, FEED_RECORDS);
	feed->newest = 0;
	r = open_records(feed);
	if (r < 0)
		disconnect(feed, -r);
}

static void take_record(struct feed *feed)
{
	_cleanup_(record_done) struct record record = {};
	const char *why;

	if (record_parse(feed->frame.body, feed->frame.header.length, &record, &why) < 0)
		return;
	if (feed->is_catching_up && record.time <= feed->newest)
		return;
	feed->is_catching_up = false;
	if (record.time > feed->newest)
		feed->newest = record.time;
	feed->handler.record(&record, feed->handler.userdata);
}

static void take_skipped(struct feed *feed)
{
	struct pc_ctl_skipped skipped;

	if (feed->frame.header.length != sizeof(skipped))
		return;
	memcpy(&skipped, feed->frame.body, sizeof(skipped));
	feed->handler.skipped(skipped.count, feed->handler.userdata);
}

static int take_text(struct feed *feed)
{
	size_t length = feed->frame.header.length;

	if (feed->status_length + length > STATUS_MAX ||
	    array_reserve(&feed->status, &feed->status_room, feed->status_length + length + 1, 1) < 0)
		return -EMSGSIZE;
	memcpy(feed->status + feed->status_length, feed->frame.body, length + 1);
	feed->status_length += length;
	return 0;
}

/* The records come after the first status, which says by which policy they are to be read. */
static int take_status(struct feed *feed)
{
	feed->is_asked = false;
	if (feed->status_length > 0)
		feed->handler.status(feed->status, feed->handler.userdata);
	feed->status_length = 0;
	return feed->fds[FEED_RECORDS] < 0 ? open_records(feed) : 0;
}

static int take_frame(struct feed *feed, enum feed_channel channel)
{
	switch (feed->frame.header.type) {
	case PC_CTL_RECORD:
		take_record(feed);
		return 0;
	case PC_CTL_SKIPPED:
		take_skipped(feed);
		return 0;
	case PC_CTL_TEXT:
		return channel == FEED_STATUS ? take_text(feed) : 0;
	case PC_CTL_DONE:
		/* Who follows is answered so only where that may not be. */
		if (channel == FEED_RECORDS)
			return -EACCES;
		return take_status(feed);
	default:
		return 0;
	}
}

void feed_take(struct feed *feed, enum feed_channel channel)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < FRAMES_AT_ONCE && feed->fds[channel] >= 0; i++) {
		r = connection_receive(feed->fds[channel], &feed->frame);
		if (r == 0)
			r = take_frame(feed, channel);
	}
	if (r < 0 && r != -EAGAIN)
		disconnect(feed, -r);
}

const char *feed_trouble(const struct feed *feed)
{
	switch (feed->error) {
	case 0:
		return NULL;
	case ETIMEDOUT:
		return "the daemon does not answer; trying again";
	case ECONNRESET:
	case EPIPE:
		return "the daemon has closed the connection; trying again";
	case EPROTO:
		return "what answers is no portcullisd of this version";
	case EACCES:
		return "the daemon may not be asked by you; trying again";
	default:
		return "the daemon cannot be reached; trying again";
	}
}
