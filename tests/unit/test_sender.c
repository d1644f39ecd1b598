/* SPDX-License-Identifier: GPL-2.0-only */
/* test_sender.c - a sender waits for its output, and nobody for the sender; each record is written or counted as lost. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "sender.h"

/* An output that takes what it is given while its gate is open. */
struct gate {
	pthread_mutex_t closed; /* held: nothing is taken */
	int result;
	unsigned int taken;
	bool is_wrong; /* a record was another than what is expected */
	bool is_freed;
};

static int take(void *state, char *line, size_t length)
{
	struct gate *gate = state;
	char expected[32];

	(void)pthread_mutex_lock(&gate->closed);
	(void)snprintf(expected, sizeof(expected), "record %u", gate->taken++);
	gate->is_wrong |= length != 200 || memcmp(line, expected, strlen(expected)) != 0;
	(void)pthread_mutex_unlock(&gate->closed);
	return gate->result;
}

static void free_gate(void *state)
{
	struct gate *gate = state;

	gate->is_freed = true;
}

static struct sender *start(struct gate *gate)
{
	struct sender_output output = { .name = "the gate", .send = take, .free = free_gate, .state = gate };
	struct sender *sender;

	*gate = (struct gate){ .closed = PTHREAD_MUTEX_INITIALIZER };
	sender = sender_new(&output);
	assert_non_null(sender);
	return sender;
}

static void add(struct sender *sender, unsigned int first, unsigned int count)
{
	for (unsigned int i = first; i < first + count; i++) {
		char line[200] = "";

		(void)snprintf(line, sizeof(line), "record %u", i);
		sender_add(sender, line, sizeof(line));
	}
	sender_flush(sender);
}

static void records_come_whole_and_in_order(void **state)
{
	struct gate gate;
	struct sender *sender = start(&gate);

	(void)state;
	add(sender, 0, 10);
	assert_int_equal(sender_start(sender), 0);
	for (unsigned int i = 10; i < 3000; i += 10)
		add(sender, i, 10);
	sender_end(sender);
	assert_int_equal(sender_written(sender), 3000);
	assert_int_equal(sender_lost(sender), 0);
	assert_int_equal(gate.taken, 3000);
	assert_false(gate.is_wrong);
	assert_null(sender_free(sender));
	assert_true(gate.is_freed);
}

static void what_is_not_taken_is_lost(void **state)
{
	struct gate gate;
	struct sender *sender = start(&gate);

	(void)state;
	gate.result = -ECONNREFUSED;
	assert_int_equal(sender_start(sender), 0);
	add(sender, 0, 100);
	sender_end(sender);
	assert_int_equal(sender_written(sender), 0);
	assert_int_equal(sender_lost(sender), 100);
	assert_null(sender_free(sender));
}

static void an_output_that_hangs_is_not_waited_for(void **state)
{
	struct gate gate;
	struct sender *sender = start(&gate);
	struct timespec before, after;
	__u64 lost;

	(void)state;
	assert_int_equal(sender_start(sender), 0);
	(void)pthread_mutex_lock(&gate.closed);
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	add(sender, 0, 20000);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(after.tv_sec - before.tv_sec, 0, 1);
	lost = sender_lost(sender);
	assert_in_range(lost, 20000 - 2 * (1 << 20) / 208, 20000 - (1 << 20) / 208);
	gate.is_wrong = false;
	(void)pthread_mutex_unlock(&gate.closed);
	sender_end(sender);
	assert_int_equal(sender_written(sender), 20000 - lost);
	assert_int_equal(sender_lost(sender), lost);
	assert_int_equal(gate.taken, 20000 - lost);
	assert_null(sender_free(sender));
}

/* Last: its thread is never heard of again. */
static void the_end_waits_for_a_second(void **state)
{
	static struct gate gate;
	struct sender *sender = start(&gate);
	struct timespec before, after;

	(void)state;
	assert_int_equal(sender_start(sender), 0);
	(void)pthread_mutex_lock(&gate.closed);
	add(sender, 0, 100);
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	sender_end(sender);
	sender_end(sender);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(after.tv_sec - before.tv_sec, 0, 3);
	assert_int_equal(sender_written(sender), 0);
	assert_int_equal(sender_lost(sender), 100);
	assert_null(sender_free(sender));
	assert_false(gate.is_freed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_whole_and_in_order),
		cmocka_unit_test(what_is_not_taken_is_lost),
		cmocka_unit_test(an_output_that_hangs_is_not_waited_for),
		cmocka_unit_test(the_end_waits_for_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
