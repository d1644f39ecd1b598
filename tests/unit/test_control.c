/* SPDX-License-Identifier: GPL-2.0-only */
/* test_control.c - the control socket serves, refuses, and never waits for anybody. */
#include "control_client.h"

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

/* ---- Rules ---- */

#define RULES 5000U

static struct generations *policies;

/* One that the tests can replace. */
static void add_policy(__u64 id, __u32 rule_count)
{
	struct generation *g = calloc(1, sizeof(*g));

	g->id = id;
	g->rule_count = g->rule_end = rule_count + 1;
	g->rules = calloc(g->rule_count, sizeof(*g->rules));
	g->first_rules = calloc(PC_SECTIONS, sizeof(*g->first_rules));
	for (__u32 i = 0; i < g->rule_count; i++)
		g->rules[i].line = i;
	generations_add(policies, g);
}

static enum pc_ctl_result rules(void *userdata, FILE *out, struct rule_list **ret_list)
{
	(void)userdata;
	fprintf(out, "head\n");
	assert_int_equal(rule_list_new(policies, calloc(RULES + 1, sizeof(struct pc_hit)), ret_list), 0);
	return PC_CTL_FINE;
}

static int ask_rules(struct fixture *f)
{
	int fd = dial(f);

	policies = generations_new();
	add_policy(1, RULES);
	f->handler.rules = rules;
	ask(fd, PC_CTL_RULES, NULL, 0);
	return fd;
}

static unsigned int count_lines(const char *text)
{
	unsigned int count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

static void rules_come_behind_their_head_and_come_to_an_end(void **state)
{
	struct fixture *f = *state;
	int fd = ask_rules(f), type;
	unsigned int lines = 0;

	assert_int_equal(receive(f, fd), PC_CTL_TEXT);
	assert_string_equal(packet.body, "head\n");
	while ((type = receive(f, fd)) == PC_CTL_TEXT)
		lines += count_lines(packet.body);
	assert_int_equal(type, PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_FINE);
	assert_int_equal(lines, RULES);
	ask(fd, PC_CTL_STATUS, NULL, 0);
	assert_int_equal(receive(f, fd), PC_CTL_TEXT);
	assert_string_equal(packet.body, "ssssssssss");
	(void)close(fd);
	run_loop(f);
	(void)generations_free(policies);
}

static void others_have_their_turn_between_two_pieces_of_rules(void **state)
{
	struct fixture *f = *state;
	int fd = ask_rules(f), turns = 0;
	ssize_t n;

	do {
		assert_true(sd_event_run(f->event, 0) >= 0);
		for (int frames = 0; (n = recv(fd, &packet, sizeof(packet), 0)) > 0; frames++)
			assert_true(frames == 0 || packet.header.type == PC_CTL_DONE);
		turns++;
	} while (packet.header.type != PC_CTL_DONE);
	assert_in_range(turns, 5, 1000);
	(void)close(fd);
	run_loop(f);
	(void)generations_free(policies);
}

static void who_leaves_amid_the_rules_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int fd = ask_rules(f);

	assert_int_equal(receive(f, fd), PC_CTL_TEXT);
	(void)close(fd);
	run_loop(f);
	assert_int_equal(control_clients(f->control), 0);
	(void)generations_free(policies);
}

static void rules_that_are_gone_meanwhile_are_told_as_such(void **state)
{
	struct fixture *f = *state;
	int fd = ask_rules(f), type;

	assert_true(sd_event_run(f->event, 0) > 0);
	for (__u64 id = 2; id < 40; id++)
		add_policy(id, 0);
	while ((type = receive(f, fd)) == PC_CTL_TEXT && strncmp(packet.body, "error: ", strlen("error: ")) != 0)
		;
	assert_string_equal(packet.body, "error: the policy was replaced while its rules were told; ask again\n");
	assert_int_equal(receive(f, fd), PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_FAILED);
	(void)close(fd);
	run_loop(f);
	(void)generations_free(policies);
}

static const struct pc_ctl_reload no_wish;

static void reload_is_answered_when_it_is_done(void **state)
{
	struct fixture *f = *state;
	int first = dial(f), second = dial(f);

	ask(first, PC_CTL_RELOAD, &no_wish, sizeof(no_wish));
	assert_int_equal(receive(f, first), -1);
	ask(second, PC_CTL_RELOAD, &no_wish, sizeof(no_wish));
	assert_int_equal(receive(f, second), -1);
	control_answer(f->control, 1, PC_CTL_REFUSED, "p.ini:1: error: no\n");
	assert_int_equal(receive(f, second), -1);
	assert_int_equal(receive(f, first), PC_CTL_TEXT);
	assert_string_equal(packet.body, "p.ini:1: error: no\n");
	assert_int_equal(receive(f, first), PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_REFUSED);
	control_answer(f->control, 2, PC_CTL_FINE, "loaded\n");
	assert_int_equal(receive(f, first), -1);
	assert_int_equal(receive(f, second), PC_CTL_TEXT);
	assert_string_equal(packet.body, "loaded\n");
	assert_int_equal(receive(f, second), PC_CTL_DONE);
	assert_int_equal(result(), PC_CTL_FINE);
	(void)close(first);
	(void)close(second);
}

static void who_leaves_while_waiting_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	ask(fd, PC_CTL_RELOAD, &no_wish, sizeof(no_wish));
	assert_int_equal(receive(f, fd), -1);
	(void)close(fd);
	run_loop(f);
	assert_int_equal(control_clients(f->control), 0);
	control_answer(f->control, 1, PC_CTL_FINE, "loaded\n");
}

static void a_reload_s_wishes_are_handed_over(void **state)
{
	struct pc_ctl_reload wish = { .confirm_within = 60, .is_forced = 1 };
	int fd = dial(*state);

	ask(fd, PC_CTL_RELOAD, &wish, sizeof(wish));
	assert_int_equal(receive(*state, fd), -1);
	assert_int_equal(reload_wish.confirm_within, 60);
	assert_int_equal(reload_wish.is_forced, 1);
	(void)close(fd);
}

static void confirm_is_handed_over(void **state)
{
	int fd = dial(*state);

	ask(fd, PC_CTL_CONFIRM, NULL, 0);
	assert_int_equal(receive(*state, fd), PC_CTL_TEXT);
	assert_string_equal(packet.body, "confirmed\n");
	(void)close(fd);
}

static void mode_is_handed_over(void **state)
{
	struct fixture *f = *state;
	struct pc_ctl_mode mode = { .is_audit_forced = 1, .seconds = 60 };
	int fd = dial(f);

	ask(fd, PC_CTL_MODE, &mode, sizeof(mode));
	assert_int_equal(receive(f, fd), PC_CTL_TEXT);
	assert_string_equal(packet.body, "forced 1 for 60\n");
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
	struct client_options options = {
		.peer = { .uid = 65533, .is_reader = true }, .handler = &f->handler, .closed = on_closed, .userdata = f
	};
	struct pc_ctl_mode mode = {};
	struct client *client;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(client_new(pair[0], f->event, &options, &client), 0);
	ask(pair[1], PC_CTL_RELOAD, &no_wish, sizeof(no_wish));
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

/* Those whom portcullisd.conf names, and who are in no group of readers. */
static void who_may_run_may_ask_for_nothing_else(void **state)
{
	static const enum pc_ctl_type others[] = { PC_CTL_STATUS, PC_CTL_TASKS, PC_CTL_RULES, PC_CTL_LOG, PC_CTL_RELOAD,
						     PC_CTL_MODE, PC_CTL_CONFIRM };
	struct fixture *f = *state;
	struct client_options options = { .peer = { .uid = 65533 }, .handler = &f->handler, .closed = on_closed, .userdata = f };
	struct pc_ctl_join join = { .pid = 7, .profile = "web" };
	struct pc_ctl_log bodies = {};
	struct client *client;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(client_new(pair[0], f->event, &options, &client), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		bool has_body = others[i] == PC_CTL_LOG || others[i] == PC_CTL_MODE || others[i] == PC_CTL_RELOAD;

		ask(pair[1], others[i], &bodies, has_body ? sizeof(bodies) : 0);
		assert_int_equal(receive(f, pair[1]), PC_CTL_TEXT);
		assert_non_null(strstr(packet.body, "permission denied"));
		assert_int_equal(receive(f, pair[1]), PC_CTL_DONE);
		assert_int_equal(result(), PC_CTL_REFUSED);
	}
	assert_int_equal(reload_count, 0);
	ask(pair[1], PC_CTL_JOIN, &join, sizeof(join));
	assert_int_equal(receive(f, pair[1]), PC_CTL_TEXT);
	assert_string_equal(packet.body, "65533 asks for 7 in web\n");
	(void)close(pair[1]);
	run_loop(f);
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
		{ { PC_CTL_MAGIC, PC_CTL_VERSION + 1, PC_CTL_STATUS, 0 }, 16 },
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(socket_is_closed_to_others),
		TEST(stale_socket_is_replaced),
		TEST(too_long_path_is_refused),
		TEST(status_comes_with_its_end),
		TEST(long_answer_comes_in_pieces),
		TEST(too_long_answer_is_cut_at_a_line_and_says_so),
		TEST(rules_come_behind_their_head_and_come_to_an_end),
		TEST(others_have_their_turn_between_two_pieces_of_rules),
		TEST(who_leaves_amid_the_rules_is_forgotten),
		TEST(rules_that_are_gone_meanwhile_are_told_as_such),
		TEST(reload_is_answered_when_it_is_done),
		TEST(who_leaves_while_waiting_is_forgotten),
		TEST(a_reload_s_wishes_are_handed_over),
		TEST(confirm_is_handed_over),
		TEST(mode_is_handed_over),
		TEST(others_than_root_may_only_read),
		TEST(who_may_run_may_ask_for_nothing_else),
		TEST(strangers_are_not_admitted),
		TEST(malformed_frame_closes_its_sender_only),
		TEST(connections_are_limited),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
