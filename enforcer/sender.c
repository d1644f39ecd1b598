/* SPDX-License-Identifier: GPL-2.0-only */
/* sender.c - a bounded buffer, and the thread that empties it. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "log.h"
#include "ownership.h"
#include "sender.h"

/* Bytes that wait for an output, as in logfile.c; twice that while a batch is being sent. */
#define ROOM (1U << 20)
/* A burst is sent while it is still coming. */
#define WAKE_AT (1U << 16)
/* How long the end of the daemon waits for a slow output. */
#define LAST_SECONDS 1
/* An output that fails is told of, but not with each record. */
#define TELL_INTERVAL_NS (60 * 1000000000ULL)
#define STACK_SIZE (256U << 10)

/* Records behind one another, each after its length. */
struct batch {
	char *bytes;
	size_t used;
	size_t room;
};

struct sender {
	struct sender_output output;
	pthread_t thread;
	bool has_thread;
	struct batch sending;  /* the thread's own */
	pthread_mutex_t lock;  /* for all that follows */
	pthread_cond_t filled; /* or is_ending */
	pthread_cond_t ended;
	struct batch filling;
	bool is_ending;
	bool has_ended; /* the thread has */
	bool is_over;   /* the thread is no longer waited for, nor what it does counted */
	__u64 added;
	__u64 written;
	__u64 lost;
	__u64 told_full;   /* CLOCK_BOOTTIME, ns: when it was last told that there is no room; 0: never */
	__u64 told_failed; /* likewise, that a record was not taken */
};

struct sender *sender_new(const struct sender_output *output)
{
	struct sender *sender = calloc(1, sizeof(*sender));

	if (!sender) {
		output->free(output->state);
		return NULL;
	}
	sender->output = *output;
	(void)pthread_mutex_init(&sender->lock, NULL);
	(void)pthread_cond_init(&sender->filled, NULL);
	(void)pthread_cond_init(&sender->ended, NULL);
	return sender;
}

/* The lock is held. `error` 0: there was no room. */
static void lose(struct sender *sender, int error)
{
	__u64 *told = error ? &sender->told_failed : &sender->told_full;
	__u64 now = clock_boottime();

	sender->lost++;
	if (*told && now - *told < TELL_INTERVAL_NS)
		return;
	*told = now;
	if (error)
		log_error_errno(error, "cannot send records to %s: %llu are lost so far", sender->output.name,
				(unsigned long long)sender->lost);
	else
		log_error("%s takes records too slowly: %llu are lost so far", sender->output.name,
			  (unsigned long long)sender->lost);
}

static void send_batch(struct sender *sender)
{
	struct batch *batch = &sender->sending;
	size_t length;

	for (size_t at = 0; at < batch->used; at += length) {
		int r;

		memcpy(&length, batch->bytes + at, sizeof(length));
		at += sizeof(length);
		r = sender->output.send(sender->output.state, batch->bytes + at, length);
		(void)pthread_mutex_lock(&sender->lock);
		if (sender->is_over)
			at = batch->used;
		else if (r < 0)
			lose(sender, r);
		else
			sender->written++;
		(void)pthread_mutex_unlock(&sender->lock);
	}
	batch->used = 0;
}

static void *work(void *userdata)
{
	struct sender *sender = userdata;
	struct batch empty;

	(void)pthread_mutex_lock(&sender->lock);
	while (!sender->is_over) {
		while (sender->filling.used == 0 && !sender->is_ending)
			(void)pthread_cond_wait(&sender->filled, &sender->lock);
		if (sender->filling.used == 0)
			break;
		empty = sender->sending;
		sender->sending = sender->filling;
		sender->filling = empty;
		(void)pthread_mutex_unlock(&sender->lock);
		send_batch(sender);
		(void)pthread_mutex_lock(&sender->lock);
	}
	sender->has_ended = true;
	(void)pthread_cond_signal(&sender->ended);
	(void)pthread_mutex_unlock(&sender->lock);
	return NULL;
}

int sender_start(struct sender *sender)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r == 0)
		r = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	if (r == 0)
		r = pthread_create(&sender->thread, &attributes, work, sender);
	(void)pthread_attr_destroy(&attributes);
	sender->has_thread = r == 0;
	return -r;
}

static int append(struct batch *batch, const char *line, size_t length)
{
	size_t used = batch->used + sizeof(length) + length;

	if (used > ROOM || array_reserve(&batch->bytes, &batch->room, used, 1) < 0)
		return -ENOBUFS;
	memcpy(batch->bytes + batch->used, &length, sizeof(length));
	memcpy(batch->bytes + batch->used + sizeof(length), line, length);
	batch->used = used;
	return 0;
}

void sender_add(struct sender *sender, const char *line, size_t length)
{
	(void)pthread_mutex_lock(&sender->lock);
	sender->added++;
	if (append(&sender->filling, line, length) < 0)
		lose(sender, 0);
	if (sender->filling.used >= WAKE_AT)
		(void)pthread_cond_signal(&sender->filled);
	(void)pthread_mutex_unlock(&sender->lock);
}

void sender_flush(struct sender *sender)
{
	(void)pthread_mutex_lock(&sender->lock);
	if (sender->filling.used > 0)
		(void)pthread_cond_signal(&sender->filled);
	(void)pthread_mutex_unlock(&sender->lock);
}

void sender_end(struct sender *sender)
{
	struct timespec until;
	bool is_joinable;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LAST_SECONDS;
	(void)pthread_mutex_lock(&sender->lock);
	sender->is_ending = true;
	(void)pthread_cond_signal(&sender->filled);
	while (sender->has_thread && !sender->has_ended && !sender->is_over && r == 0)
		r = pthread_cond_clockwait(&sender->ended, &sender->lock, CLOCK_MONOTONIC, &until);
	sender->is_over = true;
	sender->lost = sender->added - sender->written;
	is_joinable = sender->has_thread && sender->has_ended;
	(void)pthread_mutex_unlock(&sender->lock);
	if (!is_joinable)
		return;
	(void)pthread_join(sender->thread, NULL);
	sender->has_thread = false;
}

struct sender *sender_free(struct sender *sender)
{
	if (!sender)
		return NULL;
	sender_end(sender);
	if (sender->has_thread)
		return NULL;
	sender->output.free(sender->output.state);
	free(sender->filling.bytes);
	free(sender->sending.bytes);
	free(sender);
	return NULL;
}

__u64 sender_written(struct sender *sender)
{
	__u64 written;

	(void)pthread_mutex_lock(&sender->lock);
	written = sender->written;
	(void)pthread_mutex_unlock(&sender->lock);
	return written;
}

__u64 sender_lost(struct sender *sender)
{
	__u64 lost;

	(void)pthread_mutex_lock(&sender->lock);
	lost = sender->lost;
	(void)pthread_mutex_unlock(&sender->lock);
	return lost;
}
