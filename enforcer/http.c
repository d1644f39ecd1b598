/* SPDX-License-Identifier: GPL-2.0-only */
/* http.c - one text over HTTP. */
#include <dlfcn.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/un.h>
#include <unistd.h>

#include "http.h"
#include "log.h"
#include "ownership.h"

/* Connections at once; others wait to be accepted. */
#define CONNECTIONS_MAX 16
/* Seconds without a byte, after which a connection is closed. */
#define IDLE_MAX 5
/* Bytes of a request's head, and the room that a connection has for all it does. */
#define REQUEST_MAX 8192

struct http {
	struct MHD_Daemon *daemon;
	sd_event_source *socket; /* the library's own epoll */
	sd_event_source *timer;  /* for what it wants to do by itself */
	http_text_fn *fn;
	void *userdata;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* of a unix socket; "": of none */
};

/* ---- The library's functions, by their own types. ---- */

#define LIBRARY "libmicrohttpd.so.12"

static struct {
	__typeof__(&MHD_start_daemon) start_daemon;
	__typeof__(&MHD_stop_daemon) stop_daemon;
	__typeof__(&MHD_get_daemon_info) get_daemon_info;
	__typeof__(&MHD_run) run;
	__typeof__(&MHD_get_timeout) get_timeout;
	__typeof__(&MHD_create_response_from_buffer) create_response;
	__typeof__(&MHD_add_response_header) add_header;
	__typeof__(&MHD_queue_response) queue_response;
	__typeof__(&MHD_destroy_response) destroy_response;
} mhd;

static const struct {
	const char *name;
	void *place;
} symbols[] = {
	{ "MHD_start_daemon", &mhd.start_daemon },
	{ "MHD_stop_daemon", &mhd.stop_daemon },
	{ "MHD_get_daemon_info", &mhd.get_daemon_info },
	{ "MHD_run", &mhd.run },
	{ "MHD_get_timeout", &mhd.get_timeout },
	{ "MHD_create_response_from_buffer", &mhd.create_response },
	{ "MHD_add_response_header", &mhd.add_header },
	{ "MHD_queue_response", &mhd.queue_response },
	{ "MHD_destroy_response", &mhd.destroy_response },
};

/* It stays loaded. */
static int load_library(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol) {
			library = NULL;
			break;
		}
		memcpy(symbols[i].place, &symbol, sizeof(symbol));
	}
	if (library)
		return 0;
	log_error("[metrics] needs libmicrohttpd: %s; install the package libmicrohttpd12 or libmicrohttpd12t64", dlerror());
	return -ENOPKG;
}

/* ---- Answers. ---- */

struct answer {
	unsigned int status;
	const char *type;
	char *text; /* owned until it is queued */
	size_t length;
};

static enum MHD_Result queue(struct MHD_Connection *connection, struct answer *answer)
{
	struct MHD_Response *response =
		mhd.create_response(answer->length, answer->text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!response) {
		free(answer->text);
		return MHD_NO;
	}
	(void)mhd.add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	/* Who keeps a connection keeps a place from others. */
	(void)mhd.add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)mhd.add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = mhd.queue_response(connection, answer->status, response);
	mhd.destroy_response(response);
	return result;
}

static enum MHD_Result say(struct MHD_Connection *connection, unsigned int status, const char *text)
{
	struct answer answer = { .status = status,
				 .type = "text/plain; charset=utf-8",
				 .text = strdup(text) };

	if (!answer.text)
		return MHD_NO;
	answer.length = strlen(text);
	return queue(connection, &answer);
}

static enum MHD_Result tell(const struct http *http, struct MHD_Connection *connection)
{
	struct answer answer = { .status = MHD_HTTP_OK, .type = "text/plain; version=0.0.4; charset=utf-8" };
	FILE *out = open_memstream(&answer.text, &answer.length);
	int r;

	if (!out)
		return MHD_NO;
	r = http->fn(http->userdata, out);
	if (fclose(out) == 0 && r >= 0)
		return queue(connection, &answer);
	free(answer.text);
	return say(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
		   "the counters can't be read; see the daemon's messages\n");
}

static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **state)
{
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "there is nothing but GET /metrics\n");
	if (strcmp(url, "/metrics") != 0)
		return say(connection, MHD_HTTP_NOT_FOUND, "there is nothing but /metrics\n");
	return tell(userdata, connection);
}

/* ---- The library in the loop. ---- */

static int run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;

	(void)mhd.run(http->daemon);
	if (mhd.get_timeout(http->daemon, &ms) != MHD_YES)
		return sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
	(void)sd_event_source_set_time_relative(http->timer, ms * 1000);
	return sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static int on_socket(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	return run(userdata);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	return run(userdata);
}

/* Whoever asks for the text again and again gets it when nothing else is to be done. */
static int join_loop(struct http *http, sd_event *event)
{
	const union MHD_DaemonInfo *info = mhd.get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int r;

	if (!info)
		return -ENOTSUP;
	r = sd_event_add_io(event, &http->socket, info->epoll_fd, EPOLLIN, on_socket, http);
	if (r >= 0)
		r = sd_event_add_time_relative(event, &http->timer, CLOCK_MONOTONIC, 0, 1, on_time, http);
	if (r >= 0)
		r = sd_event_source_set_priority(http->socket, SD_EVENT_PRIORITY_IDLE);
	if (r >= 0)
		r = sd_event_source_set_priority(http->timer, SD_EVENT_PRIORITY_IDLE);
	return r;
}

static void http_freep(struct http **http)
{
	(void)http_free(*http);
}

static int start(struct http *http, const char *address)
{
	struct listener_address parsed;
	char why[256];
	int fd, r = listener_parse(address, &parsed, why, sizeof(why));

	if (r >= 0)
		r = listener_open(&parsed, SOCK_STREAM, listener_readers(), &fd);
	if (r < 0)
		return log_error_errno(r, "cannot listen on %s for [metrics]", address);
	if (parsed.address.ss_family == AF_UNIX)
		memcpy(http->path, ((struct sockaddr_un *)&parsed.address)->sun_path, sizeof(http->path));
	/* From here on the socket is the library's. */
	http->daemon =
		mhd.start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, fd,
				 MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
				 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_MAX,
				 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MAX, MHD_OPTION_END);
	if (!http->daemon) {
		log_error("cannot serve [metrics] on %s", address);
		return -ENOMEM;
	}
	return 0;
}

int http_open(sd_event *event, const char *address, http_text_fn *fn, void *userdata, struct http **ret_http)
{
	_cleanup_(http_freep) struct http *http = calloc(1, sizeof(*http));
	int r;

	if (!http)
		return -ENOMEM;
	http->fn = fn;
	http->userdata = userdata;
	r = load_library();
	if (r >= 0)
		r = start(http, address);
	if (r < 0)
		return r;
	r = join_loop(http, event);
	if (r < 0)
		return log_error_errno(r, "cannot serve [metrics] on %s", address);
	*ret_http = take_ptr(http);
	return 0;
}

struct http *http_free(struct http *http)
{
	if (!http)
		return NULL;
	(void)sd_event_source_disable_unref(http->socket);
	(void)sd_event_source_disable_unref(http->timer);
	if (http->daemon)
		mhd.stop_daemon(http->daemon);
	if (http->path[0])
		(void)unlink(http->path);
	free(http);
	return NULL;
}
