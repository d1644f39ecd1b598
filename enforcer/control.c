/* SPDX-License-Identifier: GPL-2.0-only */
/* control.c - the control socket: binds, admits, counts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "client.h"
#include "clock.h"
#include "control.h"
#include "listener.h"
#include "log.h"
#include "ownership.h"

struct control {
	char *path;
	int fd;
	sd_event *event;
	sd_event_source *source;
	const struct control_handler *handler;
	gid_t group; /* of readers; (gid_t)-1: there is none */
	struct client *clients[CONTROL_CLIENTS_MAX];
	size_t count;
};

static void control_freep(struct control **control)
{
	(void)control_free(*control);
}

static void on_closed(struct client *client, void *userdata)
{
	struct control *control = userdata;

	for (size_t i = 0; i < control->count; i++) {
		if (control->clients[i] != client)
			continue;
		control->clients[i] = control->clients[--control->count];
		(void)client_free(client);
		return;
	}
}

static bool learn_peer(const struct control *control, int fd, struct control_peer *peer)
{
	struct ucred ucred;
	socklen_t length = sizeof(ucred), size = CONTROL_GROUPS_MAX * sizeof(gid_t);

	peer->connected = clock_boottime();
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ucred, &length) < 0)
		return false;
	peer->fd = fd;
	peer->pid = ucred.pid;
	peer->uid = ucred.uid;
	peer->groups[0] = ucred.gid;
	peer->group_count = 1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups + 1, &size) == 0)
		peer->group_count += size / sizeof(gid_t);
	peer->is_reader = peer->uid == 0;
	for (size_t i = 0; i < peer->group_count && control->group != (gid_t)-1; i++)
		peer->is_reader |= peer->groups[i] == control->group;
	return true;
}

static bool is_admitted(const struct control *control, const struct control_peer *peer)
{
	const struct control_handler *handler = control->handler;

	if (peer->uid == 0)
		return control->count < CONTROL_CLIENTS_MAX;
	if (control->count >= CONTROL_CLIENTS_MAX - CONTROL_CLIENTS_ROOT)
		return false;
	return peer->is_reader || (handler->may_run && handler->may_run(handler->userdata, peer));
}

static int on_connection(sd_event_source *source, int listener, uint32_t events, void *userdata)
{
	_cleanup_close_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control *control = userdata;
	struct client_options options = {
		.handler = control->handler, .closed = on_closed, .userdata = control
	};

	(void)source;
	(void)events;
	/* Those who are not admitted find the connection closed. */
	if (fd < 0 || !learn_peer(control, fd, &options.peer) || !is_admitted(control, &options.peer))
		return 0;
	if (client_new(fd, control->event, &options, &control->clients[control->count]) < 0)
		return 0;
	(void)take_fd(&fd);
	control->count++;
	return 0;
}

int control_open(const char *path, sd_event *event, const struct control_handler *handler, struct control **ret_control)
{
	_cleanup_(control_freep) struct control *control = calloc(1, sizeof(*control));
	struct listener_address address;
	int r;

	if (!control)
		return -ENOMEM;
	control->fd = -1;
	control->group = listener_readers();
	r = listener_parse_path(path, &address);
	if (r < 0)
		return r;
	r = listener_open(&address, SOCK_SEQPACKET, control->group, &control->fd);
	if (r < 0)
		return r;
	control->path = strdup(path);
	if (!control->path)
		return -ENOMEM;
	control->event = event;
	control->handler = handler;
	r = sd_event_add_io(event, &control->source, control->fd, EPOLLIN, on_connection, control);
	if (r < 0)
		return r;
	*ret_control = take_ptr(control);
	return 0;
}

void control_admit_all(struct control *control, bool is_for_all)
{
	mode_t mode = is_for_all ? 0666 : control->group == (gid_t)-1 ? 0600 : 0660;

	if (chmod(control->path, mode) < 0)
		log_error_errno(-errno, "cannot set who may connect to %s", control->path);
}

struct control *control_free(struct control *control)
{
	if (!control)
		return NULL;
	for (size_t i = 0; i < control->count; i++)
		(void)client_free(control->clients[i]);
	(void)sd_event_source_disable_unref(control->source);
	if (control->fd >= 0)
		(void)close(control->fd);
	if (control->path)
		(void)unlink(control->path);
	free(control->path);
	free(control);
	return NULL;
}

void control_wake(struct control *control)
{
	for (size_t i = 0; i < control->count;) {
		struct client *client = control->clients[i];

		/* A closed one is replaced by the last. */
		if (client_pump(client) < 0)
			on_closed(client, control);
		else
			i++;
	}
}

void control_answer(struct control *control, __u64 number, enum pc_ctl_result result, const char *text)
{
	for (size_t i = 0; i < control->count; i++)
		client_answer(control->clients[i], number, result, text);
	control_wake(control);
}

size_t control_clients(const struct control *control)
{
	return control->count;
}
