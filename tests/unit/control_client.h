/* SPDX-License-Identifier: GPL-2.0-only */
/* control_client.h - what tests of the control socket share: a socket, a daemon behind it, and a client. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "client.h"
#include "control.h"

struct fixture {
	char folder[64];
	char path[96];
	sd_event *event;
	struct history *history;
	struct control_handler handler;
	struct control *control;
	int closed; /* connections that client.c gave back */
};

struct packet {
	struct pc_ctl_header header;
	char body[PC_CTL_BODY_MAX + 1];
};

static struct packet packet; /* the last one received */
static size_t status_length;
static int reload_count;

static inline enum pc_ctl_result status(void *userdata, FILE *out)
{
	(void)userdata;
	for (size_t i = 0; i < status_length; i++)
		fputc(i % 80 == 79 ? '\n' : 's', out);
	return PC_CTL_FINE;
}

static struct pc_ctl_reload reload_wish; /* of the last one */

static inline __u64 reload(void *userdata, const struct pc_ctl_reload *wish)
{
	(void)userdata;
	reload_wish = *wish;
	return (__u64)++reload_count;
}

static inline enum pc_ctl_result set_mode(void *userdata, const struct pc_ctl_mode *mode, FILE *out)
{
	(void)userdata;
	fprintf(out, "forced %u for %u\n", mode->is_audit_forced, mode->seconds);
	return PC_CTL_FINE;
}

static inline enum pc_ctl_result confirm(void *userdata, FILE *out)
{
	(void)userdata;
	fprintf(out, "confirmed\n");
	return PC_CTL_FINE;
}

static inline enum pc_ctl_result join(void *userdata, const struct control_peer *peer, const struct pc_ctl_join *question, FILE *out)
{
	(void)userdata;
	fprintf(out, "%u asks for %u in %s\n", (unsigned int)peer->uid, question->pid, question->profile);
	return PC_CTL_FINE;
}

static inline enum pc_ctl_result tasks(void *userdata, FILE *out)
{
	(void)userdata;
	(void)out;
	return PC_CTL_FINE;
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/test_control.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/control.sock", f->folder);
	assert_true(sd_event_new(&f->event) >= 0);
	f->history = history_new();
	f->handler = (struct control_handler){
		.status = status, .reload = reload, .set_mode = set_mode, .confirm = confirm, .join = join, .tasks = tasks, .history = f->history
	};
	assert_int_equal(control_open(f->path, f->event, &f->handler, &f->control), 0);
	status_length = 10;
	reload_count = 0;
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	f->control = control_free(f->control);
	assert_int_equal(access(f->path, F_OK), -1);
	(void)history_free(f->history);
	(void)sd_event_unref(f->event);
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

static inline void run_loop(const struct fixture *f)
{
	for (int i = 0; i < 10000 && sd_event_run(f->event, 0) > 0; i++)
		;
}

static inline int dial(const struct fixture *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	run_loop(f);
	return fd;
}

static inline void ask(int fd, enum pc_ctl_type type, const void *body, size_t length)
{
	struct packet question = { .header = { PC_CTL_MAGIC, PC_CTL_VERSION, type, (__u32)length } };

	if (length > 0)
		memcpy(question.body, body, length);
	assert_int_equal(send(fd, &question, sizeof(question.header) + length, MSG_NOSIGNAL),
			 sizeof(question.header) + length);
}

/* The type of the packet that came; 0: closed; −1: nothing. */
static inline int receive(const struct fixture *f, int fd)
{
	ssize_t n;

	run_loop(f);
	n = recv(fd, &packet, sizeof(packet) - 1, 0);
	if (n <= 0)
		return n == 0 || errno != EAGAIN ? 0 : -1;
	assert_true(packet.header.magic == PC_CTL_MAGIC && packet.header.version == PC_CTL_VERSION);
	assert_int_equal(n, sizeof(packet.header) + packet.header.length);
	packet.body[packet.header.length] = '\0';
	return (int)packet.header.type;
}

static inline enum pc_ctl_result result(void)
{
	struct pc_ctl_done done;

	assert_int_equal(packet.header.length, sizeof(done));
	memcpy(&done, packet.body, sizeof(done));
	return done.result;
}

static inline void add_records(struct fixture *f, unsigned int count)
{
	char line[32];

	for (unsigned int i = 0; i < count; i++) {
		int n = snprintf(line, sizeof(line), "{\"n\":%llu}", (unsigned long long)history_next(f->history));

		history_add(f->history, line, (size_t)n);
	}
	control_wake(f->control);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
