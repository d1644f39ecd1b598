/* SPDX-License-Identifier: GPL-2.0-only */
/* test_control.c - the control socket serves, refuses, and never waits for anybody. */
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

static enum pc_ctl_result status(void *userdata, FILE *out)
{
	(void)userdata;
	for (size_t i = 0; i < status_length; i++)
		fputc(i % 80 == 79 ? '\n' : 's', out);
	return PC_CTL_FINE;
}

static enum pc_ctl_result reload(void *userdata, FILE *out)
{
	(void)userdata;
	reload_count++;
	fprintf(out, "p.ini:1: error: no\n");
	return PC_CTL_REFUSED;
}

static enum pc_ctl_result force_audit(void *userdata, bool is_forced, FILE *out)
{
	(void)userdata;
	fprintf(out, "forced %d\n", is_forced);
	return PC_CTL_FINE;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/test_control.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/control.sock", f->folder);
	assert_true(sd_event_new(&f->event) >= 0);
	f->history = history_new();
	f->handler = (struct control_handler){
		.status = status, .reload = reload, .force_audit = force_audit, .history = f->history
	};
	assert_int_equal(control_open(f->path, f->event, &f->handler, &f->control), 0);
	status_length = 10;
	reload_count = 0;
	*state = f;
	return 0;
}

static int teardown(void **state)
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

static void run_loop(const struct fixture *f)
{
	for (int i = 0; i < 10000 && sd_event_run(f->event, 0) > 0; i++)
		;
}

static int dial(const struct fixture *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	run_loop(f);
	return fd;
}

static void ask(int fd, enum pc_ctl_type type, const void *body, size_t length)
{
	struct packet question = { .header = { PC_CTL_MAGIC, PC_CTL_VERSION, type, (__u32)length } };

	if (length > 0)
		memcpy(question.body, body, length);
	assert_int_equal(send(fd, &question, sizeof(question.header) + length, MSG_NOSIGNAL),
			 sizeof(question.header) + length);
}

/* The type of the packet that came; 0: closed; −1: nothing. */
static int receive(const struct fixture *f, int fd)
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

static enum pc_ctl_result result(void)
{
	struct pc_ctl_done done;

	assert_int_equal(packet.header.length, sizeof(done));
	memcpy(&done, packet.body, sizeof(done));
	return done.result;
}

static void add_records(struct fixture *f, unsigned int count)
{
	char line[32];

	for (unsigned int i = 0; i < count; i++) {
		int n = snprintf(line, sizeof(line), "{\"n\":%llu}", (unsigned long long)history_next(f->history));

		history_add(f->history, line, (size_t)n);
	}
	control_wake(f->control);
}

static void socket_is_closed_to_others(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0007, 0);
}

static void stale_socket_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct control *second = NULL;

	assert_int_equal(control_open(f->path, f->event, &f->handler, &second), 0);
	(void)control_free(second);
}

static void too_long_path_is_refused(void **state)
{
	struct fixture *f = *state;
	struct control *control = NULL;
	char path[200];

	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_open(path, f->event, &f->handler, &control), -ENAMETOOLONG);
	assert_null(control);
}

static void status_comes_with_its_end(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	for (int i = 0; i < 3; i++) {
		ask(fd, PC_CTL_STATUS, NULL, 0);
		assert_int_equal(receive(f, fd), PC_CTL_TEXT);
		assert_string_equal(packet.body, "ssssssssss");
		assert_int_equal(receive(f, fd), PC_CTL_DONE);
		assert_int_equal(result(), PC_CTL_FINE);
	}
	assert_int_equal(receive(f, fd), -1);
	(void)close(fd);
}

static void long_answer_comes_in_pieces(void **state)
{
	struct fixture *f = *state;
	size_t total = 0;
	int fd = dial(f), type;

	status_length = 3 * PC_CTL_BODY_MAX;
	ask(fd, PC_CTL_STATUS, NULL, 0);
	while ((type = receive(f, fd)) == PC_CTL_TEXT)
		total += packet.header.length;
	assert_int_equal(type, PC_CTL_DONE);
	assert_int_equal(total, status_length);
	(void)close(fd);
}

static void too_long_answer_is_cut_at_a_line_and_says_so(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f), type;
	char last[PC_CTL_BODY_MAX + 1] = "";
	size_t total = 0;

	status_length = 2 * CONTROL_TEXT_MAX;
	ask(fd, PC_CTL_STATUS, NULL, 0);
	while ((type = receive(f, fd)) == PC_CTL_TEXT) {
		total += packet.header.length;
		strcpy(last, packet.body);
	}
	assert_int_equal(type, PC_CTL_DONE);
	assert_true(total <= CONTROL_TEXT_MAX);
	assert_non_null(strstr(last, "s\n… and more; 'policyctl check' shows all\n"));
	(void)close(fd);
}

static void reload_brings_the_diagnostics_back(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	ask(fd, PC_CTL_RELOAD, NULL, 0);
	assert_int_equal(receive(f, fd), PC_CTL_TEXT);
	assert_string_equal(packet.body, "p.ini:1: error: no\n");
	assert_int_equal(receive(f, fd), PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_REFUSED);
	assert_int_equal(reload_count, 1);
	(void)close(fd);
}

static void mode_is_handed_over(void **state)
{
	struct fixture *f = *state;
	struct pc_ctl_mode mode = { .is_audit_forced = 1 };
	int fd = dial(f);

	ask(fd, PC_CTL_MODE, &mode, sizeof(mode));
	assert_int_equal(receive(f, fd), PC_CTL_TEXT);
	assert_string_equal(packet.body, "forced 1\n");
	(void)close(fd);
}

static void on_closed(struct client *client, void *userdata)
{
	struct fixture *f = userdata;

	f->closed++;
	(void)client_free(client);
}

static void others_than_root_may_only_read(void **state)
{
	struct fixture *f = *state;
	struct client_options options = { .handler = &f->handler, .closed = on_closed, .userdata = f };
	struct pc_ctl_mode mode = {};
	struct client *client;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(client_new(pair[0], f->event, &options, &client), 0);
	ask(pair[1], PC_CTL_RELOAD, NULL, 0);
	assert_int_equal(receive(f, pair[1]), PC_CTL_TEXT);
	assert_string_equal(packet.body, "permission denied: only root may change what the daemon does\n");
	assert_int_equal(receive(f, pair[1]), PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_REFUSED);
	ask(pair[1], PC_CTL_MODE, &mode, sizeof(mode));
	assert_int_equal(receive(f, pair[1]), PC_CTL_TEXT);
	assert_int_equal(receive(f, pair[1]), PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_REFUSED);
	assert_int_equal(reload_count, 0);
	ask(pair[1], PC_CTL_STATUS, NULL, 0);
	assert_int_equal(receive(f, pair[1]), PC_CTL_TEXT);
	assert_string_equal(packet.body, "ssssssssss");
	(void)close(pair[1]);
	run_loop(f);
	assert_int_equal(f->closed, 1);
}

static void strangers_are_not_admitted(void **state)
{
	struct fixture *f = *state;
	int fd;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(f->folder, 0755), 0);
	assert_int_equal(chmod(f->path, 0666), 0);
	assert_int_equal(seteuid(65534), 0);
	fd = dial(f);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(receive(f, fd), 0);
	assert_int_equal(control_clients(f->control), 0);
	(void)close(fd);
}

static void malformed_frame_closes_its_sender_only(void **state)
{
	static const struct {
		struct pc_ctl_header header;
		size_t sent;
	} cases[] = {
		{ { 0, PC_CTL_VERSION, PC_CTL_STATUS, 0 }, 16 },
		{ { PC_CTL_MAGIC, 2, PC_CTL_STATUS, 0 }, 16 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, 0, 0 }, 16 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, 5, 0 }, 16 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_DONE, 8 }, 24 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, UINT32_MAX, 0 }, 16 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_STATUS, 1 }, 16 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_STATUS, 0 }, 17 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_STATUS, UINT32_MAX }, 16 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_MODE, 4 }, 20 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_LOG, 8 }, 23 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_LOG, 65536 }, 65552 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_STATUS, 0 }, 15 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_STATUS, 0 }, 1 },
		{ { PC_CTL_MAGIC, PC_CTL_VERSION, PC_CTL_STATUS, 0 }, 0 },
	};
	struct fixture *f = *state;
	static struct packet bad;
	int good = dial(f);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = dial(f);

		assert_int_equal(control_clients(f->control), 2);
		bad.header = cases[i].header;
		assert_int_equal(send(fd, &bad, cases[i].sent, MSG_NOSIGNAL), cases[i].sent);
		assert_int_equal(receive(f, fd), 0);
		assert_int_equal(control_clients(f->control), 1);
		(void)close(fd);
	}
	ask(good, PC_CTL_STATUS, NULL, 0);
	assert_int_equal(receive(f, good), PC_CTL_TEXT);
	(void)close(good);
}

static void connections_are_limited(void **state)
{
	int fds[CONTROL_CLIENTS_MAX];
	struct fixture *f = *state;
	int extra;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		fds[i] = dial(f);
	assert_int_equal(control_clients(f->control), CONTROL_CLIENTS_MAX);
	extra = dial(f);
	assert_int_equal(receive(f, extra), 0);
	(void)close(extra);
	(void)close(fds[0]);
	run_loop(f);
	extra = dial(f);
	ask(extra, PC_CTL_STATUS, NULL, 0);
	assert_int_equal(receive(f, extra), PC_CTL_TEXT);
	(void)close(extra);
	for (size_t i = 1; i < CONTROL_CLIENTS_MAX; i++)
		(void)close(fds[i]);
	run_loop(f);
	assert_int_equal(control_clients(f->control), 0);
}

static void log_gives_the_last_records_and_ends(void **state)
{
	struct fixture *f = *state;
	struct pc_ctl_log log = { .count = 2 };
	int fd = dial(f);

	add_records(f, 5);
	ask(fd, PC_CTL_LOG, &log, sizeof(log));
	assert_int_equal(receive(f, fd), PC_CTL_RECORD);
	assert_string_equal(packet.body, "{\"n\":3}");
	assert_int_equal(receive(f, fd), PC_CTL_RECORD);
	assert_string_equal(packet.body, "{\"n\":4}");
	assert_int_equal(receive(f, fd), PC_CTL_DONE);
	log.count = UINT32_MAX;
	ask(fd, PC_CTL_LOG, &log, sizeof(log));
	for (int i = 0; i < 5; i++)
		assert_int_equal(receive(f, fd), PC_CTL_RECORD);
	assert_int_equal(receive(f, fd), PC_CTL_DONE);
	(void)close(fd);
}

static void followers_get_what_comes(void **state)
{
	struct fixture *f = *state;
	struct pc_ctl_log log = { .count = 0, .is_following = 1 };
	int fd = dial(f);

	add_records(f, 2);
	ask(fd, PC_CTL_LOG, &log, sizeof(log));
	assert_int_equal(receive(f, fd), -1);
	add_records(f, 1);
	assert_int_equal(receive(f, fd), PC_CTL_RECORD);
	assert_string_equal(packet.body, "{\"n\":2}");
	assert_int_equal(receive(f, fd), -1);
	(void)close(fd);
	run_loop(f);
	assert_int_equal(control_clients(f->control), 0);
}

static void slow_followers_are_told_what_they_missed(void **state)
{
	struct fixture *f = *state;
	struct pc_ctl_log log = { .count = 0, .is_following = 1 };
	__u64 records = 0, skipped = 0, last;
	int fd = dial(f), type;

	ask(fd, PC_CTL_LOG, &log, sizeof(log));
	run_loop(f);
	for (int i = 0; i < 50; i++)
		add_records(f, 100);
	last = history_next(f->history);
	while ((type = receive(f, fd)) > 0) {
		struct pc_ctl_skipped hole;

		if (type == PC_CTL_RECORD)
			records++;
		if (type == PC_CTL_SKIPPED) {
			memcpy(&hole, packet.body, sizeof(hole));
			skipped += hole.count;
		}
	}
	assert_int_equal(type, -1);
	assert_true(skipped > 0);
	assert_int_equal(records + skipped, last);
	(void)close(fd);
}

static void readers_that_never_read_hold_nobody_up(void **state)
{
	struct fixture *f = *state;
	int lazy = dial(f), other = dial(f);

	status_length = CONTROL_TEXT_MAX;
	for (int i = 0; i < 10; i++)
		ask(lazy, PC_CTL_STATUS, NULL, 0);
	run_loop(f);
	status_length = 10;
	ask(other, PC_CTL_STATUS, NULL, 0);
	assert_int_equal(receive(f, other), PC_CTL_TEXT);
	assert_int_equal(receive(f, other), PC_CTL_DONE);
	(void)close(lazy);
	run_loop(f);
	assert_int_equal(control_clients(f->control), 1);
	(void)close(other);
}

static void history_is_bounded_by_lines_and_bytes(void **state)
{
	struct fixture *f = *state;
	char *line = calloc(1, 60000);
	size_t length;

	for (int i = 0; i < 3000; i++)
		history_add(f->history, "x", 1);
	assert_int_equal(history_next(f->history) - history_first(f->history), HISTORY_LINES);
	for (int i = 0; i < 100; i++)
		history_add(f->history, line, 60000);
	assert_int_equal(history_next(f->history) - history_first(f->history), HISTORY_BYTES / 60000);
	assert_null(history_line(f->history, history_first(f->history) - 1, &length));
	assert_null(history_line(f->history, history_next(f->history), &length));
	assert_non_null(history_line(f->history, history_first(f->history), &length));
	assert_int_equal(length, 60000);
	free(line);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(socket_is_closed_to_others),
		TEST(too_long_path_is_refused),
		TEST(status_comes_with_its_end),
		TEST(long_answer_comes_in_pieces),
		TEST(too_long_answer_is_cut_at_a_line_and_says_so),
		TEST(reload_brings_the_diagnostics_back),
		TEST(mode_is_handed_over),
		TEST(others_than_root_may_only_read),
		TEST(strangers_are_not_admitted),
		TEST(malformed_frame_closes_its_sender_only),
		TEST(connections_are_limited),
		TEST(log_gives_the_last_records_and_ends),
		TEST(followers_get_what_comes),
		TEST(slow_followers_are_told_what_they_missed),
		TEST(readers_that_never_read_hold_nobody_up),
		TEST(history_is_bounded_by_lines_and_bytes),
		TEST(stale_socket_is_replaced),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
