/* SPDX-License-Identifier: GPL-2.0-only */
/* test_followers.c - records over the control socket: the last ones, those that come, those that were missed. */
#include "control_client.h"

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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(log_gives_the_last_records_and_ends),
		TEST(followers_get_what_comes),
		TEST(slow_followers_are_told_what_they_missed),
		TEST(readers_that_never_read_hold_nobody_up),
		TEST(history_is_bounded_by_lines_and_bytes),
	};

	return cmocka_run_group_tests_name("followers", tests, NULL, NULL);
}
