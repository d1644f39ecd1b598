/* SPDX-License-Identifier: GPL-2.0-only */
/* client.c - one connection to the control socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "client.h"
#include "ownership.h"

/* What the connection does; it is read from only while idle. */
enum client_state {
	CLIENT_IDLE,
	CLIENT_WAITING, /* for the reload `awaited` */
	CLIENT_TEXT, /* sends `text`, then what `rules` makes, then PC_CTL_DONE */
	CLIENT_LOG,  /* sends records up to `end`, then PC_CTL_DONE unless it follows */
	CLIENT_DONE, /* sends PC_CTL_DONE */
};

struct client {
	int fd;
	sd_event_source *source;
	struct client_options options;
	enum client_state state;
	char *text; /* the answer */
	size_t length;
	size_t sent;
	struct rule_list *rules; /* what the answer goes on with; NULL: nothing */
	enum pc_ctl_result result;
	__u64 awaited;
	__u64 cursor; /* the next record to send */
	__u64 end;
	bool is_following;
};

/* No request is near this long; a longer packet is told by its length. */
struct request {
	struct pc_ctl_header header;
	char body[64];
};

static int send_frame(struct client *client, enum pc_ctl_type type, const void *body, size_t length)
{
	struct pc_ctl_header header = {
		.magic = PC_CTL_MAGIC, .version = PC_CTL_VERSION, .type = type, .length = (__u32)length
	};
	struct iovec parts[] = { { &header, sizeof(header) }, { (void *)body, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

static int write_rules(struct client *client, FILE *out)
{
	int r = rule_list_write(client->rules, out);

	if (r == -ESTALE) {
		(void)fputs("error: the policy was replaced while its rules were told; ask again\n", out);
		client->result = PC_CTL_FAILED;
	} else if (r < 0) {
		return r;
	}
	if (r <= 0)
		client->rules = rule_list_free(client->rules);
	return 0;
}

/* Makes the next piece. Before it is sent records and other clients have their turn. */
static int take_rules(struct client *client)
{
	FILE *out;
	int r;

	free(client->text);
	client->text = NULL;
	client->length = client->sent = 0;
	out = open_memstream(&client->text, &client->length);
	if (!out)
		return -errno;
	r = write_rules(client, out);
	if (fclose(out) != 0)
		return -ENOMEM;
	return r < 0 ? r : -EAGAIN;
}

static int send_text(struct client *client)
{
	size_t length = client->length - client->sent;
	int r;

	if (length == 0 && client->rules)
		return take_rules(client);
	if (length == 0) {
		client->state = CLIENT_DONE;
		return 0;
	}
	if (length > PC_CTL_BODY_MAX)
		length = PC_CTL_BODY_MAX;
	r = send_frame(client, PC_CTL_TEXT, client->text + client->sent, length);
	if (r == 0)
		client->sent += length;
	return r;
}

/* A reader that is too slow finds a hole and is told how large. */
static int send_skipped(struct client *client, __u64 next)
{
	struct pc_ctl_skipped skipped = { .count = next - client->cursor };
	int r = send_frame(client, PC_CTL_SKIPPED, &skipped, sizeof(skipped));

	if (r == 0)
		client->cursor = next;
	return r;
}

static int send_record(struct client *client)
{
	const struct history *history = client->options.handler->history;
	const char *line;
	size_t length;
	__u64 first;
	int r;

	if (client->is_following)
		client->end = history_next(history);
	if (client->cursor == client->end && client->is_following)
		return -EAGAIN;
	if (client->cursor == client->end) {
		client->state = CLIENT_DONE;
		return 0;
	}
	first = history_first(history);
	if (client->cursor < first)
		return send_skipped(client, client->end < first ? client->end : first);
	line = history_line(history, client->cursor, &length);
	if (!line || length > PC_CTL_BODY_MAX)
		return send_skipped(client, client->cursor + 1);
	r = send_frame(client, PC_CTL_RECORD, line, length);
	if (r == 0)
		client->cursor++;
	return r;
}

static int send_done(struct client *client)
{
	struct pc_ctl_done done = { .result = client->result };
	int r = send_frame(client, PC_CTL_DONE, &done, sizeof(done));

	if (r < 0)
		return r;
	free(client->text);
	client->text = NULL;
	client->length = client->sent = 0;
	client->state = CLIENT_IDLE;
	return 0;
}

static int send_next(struct client *client)
{
	switch (client->state) {
	case CLIENT_TEXT:
		return send_text(client);
	case CLIENT_LOG:
		return send_record(client);
	case CLIENT_DONE:
		return send_done(client);
	case CLIENT_IDLE:
	case CLIENT_WAITING:
		break;
	}
	return -EAGAIN;
}

static bool is_waiting_for_records(const struct client *client)
{
	return client->state == CLIENT_LOG && client->is_following &&
	       client->cursor == history_next(client->options.handler->history);
}

int client_pump(struct client *client)
{
	uint32_t events = EPOLLOUT;
	int r;

	do
		r = send_next(client);
	while (r == 0);
	if (r != -EAGAIN && r != -EWOULDBLOCK && r != -ENOBUFS)
		return r;
	if (client->state == CLIENT_IDLE)
		events = EPOLLIN;
	else if (client->state == CLIENT_WAITING || is_waiting_for_records(client))
		events = 0;
	return sd_event_source_set_io_events(client->source, events);
}

/* Cuts an answer that is too long after its last whole line. */
static void cut_text(struct client *client)
{
	static const char note[] = "… and more; 'policyctl check' shows all\n";
	char *newline;

	if (client->length <= CONTROL_TEXT_MAX)
		return;
	newline = memrchr(client->text, '\n', CONTROL_TEXT_MAX - sizeof(note));
	client->length = newline ? (size_t)(newline + 1 - client->text) : 0;
	memcpy(client->text + client->length, note, sizeof(note));
	client->length += sizeof(note) - 1;
}

void client_answer(struct client *client, __u64 number, enum pc_ctl_result result, const char *text)
{
	if (client->state != CLIENT_WAITING || client->awaited != number)
		return;
	client->text = strdup(text);
	client->length = client->text ? strlen(client->text) : 0;
	client->result = result;
	cut_text(client);
	client->sent = 0;
	client->state = CLIENT_TEXT;
}

/* NULL: it may. */
static const char *refuse(const struct control_peer *peer, enum pc_ctl_type type)
{
	if (type == PC_CTL_JOIN || peer->uid == 0)
		return NULL;
	if (type == PC_CTL_RELOAD || type == PC_CTL_MODE || type == PC_CTL_CONFIRM)
		return "permission denied: only root may change what the daemon does\n";
	return peer->is_reader ? NULL : "permission denied: ask root, or join the group " PC_CTL_GROUP "\n";
}

static enum pc_ctl_result ask_handler(struct client *client, enum pc_ctl_type type, const char *body, FILE *out)
{
	const struct control_handler *handler = client->options.handler;
	struct pc_ctl_join join;
	struct pc_ctl_mode mode;

	switch (type) {
	case PC_CTL_STATUS:
		return handler->status(handler->userdata, out);
	case PC_CTL_TASKS:
		return handler->tasks(handler->userdata, out);
	case PC_CTL_RULES:
		return handler->rules(handler->userdata, out, &client->rules);
	case PC_CTL_JOIN:
		memcpy(&join, body, sizeof(join));
		return handler->join(handler->userdata, &client->options.peer, &join, out);
	case PC_CTL_CONFIRM:
		return handler->confirm(handler->userdata, out);
	default:
		memcpy(&mode, body, sizeof(mode));
		return handler->set_mode(handler->userdata, &mode, out);
	}
}

static int answer(struct client *client, enum pc_ctl_type type, const char *body)
{
	const char *refusal = refuse(&client->options.peer, type);
	FILE *out = open_memstream(&client->text, &client->length);

	if (!out)
		return -errno;
	if (refusal)
		(void)fputs(refusal, out);
	client->result = refusal ? PC_CTL_REFUSED : ask_handler(client, type, body, out);
	if (fclose(out) != 0)
		return -ENOMEM;
	/* Each task is a line, and there is an end to them. */
	if (type != PC_CTL_TASKS)
		cut_text(client);
	client->sent = 0;
	client->state = CLIENT_TEXT;
	return 0;
}

static int answer_log(struct client *client, const char *body)
{
	const struct history *history = client->options.handler->history;
	struct pc_ctl_log log;
	__u64 held = history_next(history) - history_first(history);

	memcpy(&log, body, sizeof(log));
	client->end = history_next(history);
	client->cursor = client->end - (log.count < held ? log.count : held);
	client->is_following = log.is_following != 0;
	client->result = PC_CTL_FINE;
	client->state = CLIENT_LOG;
	return 0;
}

/* −EBADMSG: not a frame of this protocol. */
static int check_frame(const struct pc_ctl_header *header, size_t received)
{
	static const size_t lengths[] = {
		[PC_CTL_STATUS] = 0,
		[PC_CTL_RELOAD] = sizeof(struct pc_ctl_reload),
		[PC_CTL_MODE] = sizeof(struct pc_ctl_mode),
		[PC_CTL_LOG] = sizeof(struct pc_ctl_log),
		[PC_CTL_JOIN] = sizeof(struct pc_ctl_join),
		[PC_CTL_TASKS] = 0,
		[PC_CTL_RULES] = 0,
		[PC_CTL_CONFIRM] = 0,
	};

	if (received < sizeof(*header) || header->magic != PC_CTL_MAGIC || header->version != PC_CTL_VERSION)
		return -EBADMSG;
	if (header->type < PC_CTL_STATUS || header->type > PC_CTL_CONFIRM)
		return -EBADMSG;
	if (header->length != lengths[header->type] || received != sizeof(*header) + header->length)
		return -EBADMSG;
	return 0;
}

static int read_frame(struct client *client)
{
	const struct control_handler *handler = client->options.handler;
	struct request request = {};
	struct pc_ctl_reload reload;
	ssize_t n = recv(client->fd, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);
	int r;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	r = check_frame(&request.header, (size_t)n);
	if (r < 0)
		return r;
	if (request.header.type == PC_CTL_LOG && client->options.peer.is_reader)
		return answer_log(client, request.body);
	if (request.header.type == PC_CTL_RELOAD && client->options.peer.uid == 0) {
		memcpy(&reload, request.body, sizeof(reload));
		client->awaited = handler->reload(handler->userdata, &reload);
		client->state = CLIENT_WAITING;
		return 0;
	}
	return answer(client, request.header.type, request.body);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct client *client = userdata;
	int r = 0;

	(void)source;
	(void)fd;
	if (events & (EPOLLHUP | EPOLLERR) && !(events & EPOLLIN))
		r = -ECONNRESET;
	if (r == 0 && events & EPOLLIN && client->state == CLIENT_IDLE)
		r = read_frame(client);
	if (r == 0)
		r = client_pump(client);
	if (r < 0)
		client->options.closed(client, client->options.userdata);
	return 0;
}

int client_new(int fd, sd_event *event, const struct client_options *options, struct client **ret_client)
{
	struct client *client = calloc(1, sizeof(*client));
	int r;

	if (!client)
		return -ENOMEM;
	client->fd = -1;
	client->options = *options;
	client->options.peer.fd = fd;
	r = sd_event_add_io(event, &client->source, fd, EPOLLIN, on_io, client);
	if (r < 0) {
		(void)client_free(client);
		return r;
	}
	client->fd = fd;
	*ret_client = client;
	return 0;
}

struct client *client_free(struct client *client)
{
	if (!client)
		return NULL;
	(void)sd_event_source_disable_unref(client->source);
	if (client->fd >= 0)
		(void)close(client->fd);
	(void)rule_list_free(client->rules);
	free(client->text);
	free(client);
	return NULL;
}
