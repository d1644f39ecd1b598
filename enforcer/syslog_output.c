/* SPDX-License-Identifier: GPL-2.0-only */
/* syslog_output.c - records as messages in words to /dev/log; not by syslog(3), which says nothing of what it loses. */
#include <errno.h>
#include <paths.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "ownership.h"
#include "syslog_output.h"

struct output {
	int fd; /* −1: not connected */
	struct pairs pairs;
	time_t second; /* of `date` */
	char date[32];
	char text[128 + MESSAGE_MAX];
};

static int connect_output(struct output *output)
{
	static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	output->fd = take_fd(&fd);
	return 0;
}

/* One try; a connection that fails is not kept. */
static int try_to_send(struct output *output, size_t length)
{
	int r = output->fd < 0 ? connect_output(output) : 0;

	if (r < 0)
		return r;
	if (send(output->fd, output->text, length, MSG_NOSIGNAL) >= 0)
		return 0;
	r = -errno;
	(void)close(output->fd);
	output->fd = -1;
	return r;
}

/* As in RFC 3164: local time, to the second. */
static size_t write_head(struct output *output, char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	if (now != output->second && localtime_r(&now, &tm)) {
		(void)strftime(output->date, sizeof(output->date), "%b %e %T", &tm);
		output->second = now;
	}
	return (size_t)snprintf(out, size, "<%d>%s portcullisd[%d]: ",
				LOG_MAKEPRI(LOG_AUTHPRIV, message_level(&output->pairs)), output->date,
				(int)getpid());
}

static int send_record(void *state, char *line, size_t length)
{
	struct output *output = state;
	bool was_connected = output->fd >= 0;
	size_t used;
	int r = pairs_split(line, length, &output->pairs);

	if (r < 0)
		return r;
	used = write_head(output, output->text, sizeof(output->text) - MESSAGE_MAX);
	used += message_write(&output->pairs, output->text + used);
	r = try_to_send(output, used);
	/* A syslogd that was started anew has a new socket. */
	if (r < 0 && was_connected)
		r = try_to_send(output, used);
	return r;
}

static void free_state(void *state)
{
	struct output *output = state;

	if (output->fd >= 0)
		(void)close(output->fd);
	free(output);
}

struct sender *syslog_output_new(void)
{
	struct output *state = calloc(1, sizeof(*state));
	struct sender_output output = {
		.name = _PATH_LOG, .send = send_record, .free = free_state, .state = state
	};

	if (!state)
		return NULL;
	state->fd = -1;
	return sender_new(&output);
}
