/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_control.c - any packets to the control socket, by root, a reader and a stranger: who may not ask is never heard, and
 * what is answered ends as the protocol says.
 *
 * The connection is the daemon's own code, on a real socket and event loop; what it asks, the daemon's answers, is made here.
 * Input: a byte for who asks, then packets: a byte for its kind, a length, and that many bytes. With 0x80 in the kind a header
 * of that type comes before them; with 0x40, too, it says another length.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

#define PACKETS_MAX 64
#define RELOAD_NUMBER 7

enum who {
	ROOT,
	READER,
	STRANGER,
};

struct scene {
	enum who who;
	sd_event *event;
	struct client *client;
	int fd; /* the peer's end */
	bool is_over;
	bool is_waiting; /* for a reload */
	unsigned int heard; /* requests that came through, since the last packet */
	unsigned int done;  /* answers that were ended, likewise */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stands for the rules of a policy: three pieces. */
struct rule_list {
	unsigned int left;
};

struct rule_list *rule_list_free(struct rule_list *list)
{
	free(list);
	return NULL;
}

int rule_list_write(struct rule_list *list, FILE *out)
{
	fprintf(out, "{\"line\":%u}\n", list->left);
	return --list->left > 0 ? 1 : 0;
}

/* ---- What the daemon would do. ---- */

static struct scene *hear(void *userdata, bool is_for_root)
{
	struct scene *scene = userdata;

	if (is_for_root ? scene->who != ROOT : scene->who == STRANGER)
		abort();
	scene->heard++;
	return scene;
}

static enum pc_ctl_result on_status(void *userdata, FILE *out)
{
	(void)hear(userdata, false);
	for (int i = 0; i < 3000; i++)
		fputs("a long status, which takes more than one frame\n", out);
	return PC_CTL_FINE;
}

static __u64 on_reload(void *userdata, const struct pc_ctl_reload *wish)
{
	(void)wish;
	hear(userdata, true)->is_waiting = true;
	return RELOAD_NUMBER;
}

static enum pc_ctl_result on_confirm(void *userdata, FILE *out)
{
	(void)hear(userdata, true);
	fputs("confirmed\n", out);
	return PC_CTL_REFUSED;
}

static enum pc_ctl_result on_mode(void *userdata, const struct pc_ctl_mode *mode, FILE *out)
{
	(void)hear(userdata, true);
	fprintf(out, "%u %u\n", mode->is_audit_forced, mode->seconds);
	return PC_CTL_FINE;
}

/* Whoever asks is told whether he may by who knows the settings. */
static enum pc_ctl_result on_join(void *userdata, const struct control_peer *peer, const struct pc_ctl_join *join, FILE *out)
{
	struct scene *scene = userdata;

	if (peer->fd < 0)
		abort();
	scene->heard++;
	fprintf(out, "%.*s\n", (int)sizeof(join->profile), join->profile);
	return PC_CTL_FINE;
}

static enum pc_ctl_result on_tasks(void *userdata, FILE *out)
{
	(void)hear(userdata, false);
	fputs("{}\n", out);
	return PC_CTL_FINE;
}

static enum pc_ctl_result on_rules(void *userdata, FILE *out, struct rule_list **ret_list)
{
	(void)hear(userdata, false);
	fputs("{}\n", out);
	*ret_list = calloc(1, sizeof(**ret_list));
	if (*ret_list)
		(*ret_list)->left = 3;
	return PC_CTL_FINE;
}

static void on_closed(struct client *client, void *userdata)
{
	struct scene *scene = userdata;

	if (client != scene->client)
		abort();
	scene->is_over = true;
	scene->client = client_free(client);
}

/* ---- The other end. ---- */

/* What the daemon sends is frames of the protocol, each whole. */
static void take_answers(struct scene *scene)
{
	static char frame[sizeof(struct pc_ctl_header) + PC_CTL_BODY_MAX + 1];
	struct pc_ctl_header header;
	ssize_t size;

	while ((size = recv(scene->fd, frame, sizeof(frame), MSG_DONTWAIT)) > 0) {
		if ((size_t)size < sizeof(header))
			abort();
		memcpy(&header, frame, sizeof(header));
		if (header.magic != PC_CTL_MAGIC || header.version != PC_CTL_VERSION || header.length != (size_t)size - sizeof(header) ||
		    header.type < PC_CTL_TEXT || header.type > PC_CTL_DONE)
			abort();
		if (scene->who == STRANGER && header.type == PC_CTL_RECORD)
			abort();
		scene->done += header.type == PC_CTL_DONE;
	}
}

static void run(struct scene *scene)
{
	while (!scene->is_over && sd_event_run(scene->event, 0) > 0)
		take_answers(scene);
	take_answers(scene);
}

static bool is_frame(const void *packet, size_t size)
{
	static const size_t lengths[] = { [PC_CTL_RELOAD] = sizeof(struct pc_ctl_reload),
					  [PC_CTL_MODE] = sizeof(struct pc_ctl_mode),
					  [PC_CTL_LOG] = sizeof(struct pc_ctl_log),
					  [PC_CTL_JOIN] = sizeof(struct pc_ctl_join),
					  [PC_CTL_CONFIRM] = 0 };
	struct pc_ctl_header header;

	if (size < sizeof(header))
		return false;
	memcpy(&header, packet, sizeof(header));
	return header.magic == PC_CTL_MAGIC && header.version == PC_CTL_VERSION && header.type >= PC_CTL_STATUS &&
	       header.type <= PC_CTL_CONFIRM && header.length == lengths[header.type] && size == sizeof(header) + header.length;
}

/* One packet: no frame ends the connection and is heard by nobody; a frame has one answer, or a stream that follows. */
static void send_packet(struct scene *scene, const void *packet, size_t size, struct history *history)
{
	bool is_whole = is_frame(packet, size);

	scene->heard = scene->done = 0;
	if (send(scene->fd, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	run(scene);
	if (!is_whole && (scene->heard || !scene->is_over))
		abort();
	if (is_whole && (scene->is_over || scene->heard > 1))
		abort();
	history_add(history, "{\"record\":1}", 12);
	if (scene->client && client_pump(scene->client) < 0)
		on_closed(scene->client, scene);
	if (scene->is_waiting && scene->client) {
		client_answer(scene->client, RELOAD_NUMBER, PC_CTL_FINE, "loaded\n");
		if (client_pump(scene->client) < 0)
			on_closed(scene->client, scene);
		scene->is_waiting = false;
	}
	run(scene);
	if (is_whole && scene->done > 1)
		abort();
}

/* Returns the bytes used; 0: that was the last. */
static size_t next_packet(const uint8_t *data, size_t size, uint8_t *packet, size_t *ret_size)
{
	struct pc_ctl_header header = { .magic = PC_CTL_MAGIC, .version = PC_CTL_VERSION };
	size_t length, used = 0;

	if (size < 2)
		return 0;
	length = data[1] < size - 2 ? data[1] : size - 2;
	if (data[0] & 0x80) {
		header.type = data[0] & 0x0f;
		header.length = (uint32_t)length + (data[0] & 0x40 ? data[0] >> 4 & 3 : 0);
		memcpy(packet, &header, sizeof(header));
		used = sizeof(header);
	}
	memcpy(packet + used, data + 2, length);
	*ret_size = used + length;
	return 2 + length;
}

/* One that follows the log is read from no more. */
static bool is_stream(const uint8_t *packet, size_t size)
{
	struct pc_ctl_log log;

	if (!is_frame(packet, size) || packet[offsetof(struct pc_ctl_header, type)] != PC_CTL_LOG)
		return false;
	memcpy(&log, packet + sizeof(struct pc_ctl_header), sizeof(log));
	return log.is_following;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history *history = history_new();
	struct scene scene = { .fd = -1 };
	const struct control_handler handler = {
		.status = on_status, .reload = on_reload, .confirm = on_confirm, .set_mode = on_mode, .join = on_join,
		.tasks = on_tasks, .rules = on_rules, .history = history, .userdata = &scene,
	};
	struct client_options options = { .handler = &handler, .closed = on_closed, .userdata = &scene };
	uint8_t packet[sizeof(struct pc_ctl_header) + 256];
	size_t length, used;
	int pair[2];

	if (size < 1 || !history || sd_event_new(&scene.event) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) < 0)
		goto end;
	scene.who = data[0] % 3;
	scene.fd = pair[0];
	options.peer.uid = scene.who == ROOT ? 0 : 65534;
	options.peer.is_reader = scene.who != STRANGER;
	if (client_new(pair[1], scene.event, &options, &scene.client) < 0)
		abort();
	data++, size--;
	for (int i = 0; i < PACKETS_MAX && !scene.is_over && (used = next_packet(data, size, packet, &length)); i++) {
		/* An empty packet looks like the end of the connection. */
		if (length > 0)
			send_packet(&scene, packet, length, history);
		if (is_stream(packet, length))
			break;
		data += used, size -= used;
	}
end:
	(void)client_free(scene.client);
	if (scene.fd >= 0)
		(void)close(scene.fd);
	(void)sd_event_unref(scene.event);
	(void)history_free(history);
	return 0;
}
