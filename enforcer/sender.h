/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sender.h - gives records to an output that may make its caller wait, by a thread of its own.
 *
 * Records wait in a bounded buffer, and nobody waits for the output: what finds no room there, or is not taken, is counted.
 */
#pragma once

#include <linux/types.h>
#include <stddef.h>

struct sender_output {
	const char *name; /* for messages, such as "the journal" */
	/* Called by the thread, one record at a time; may write to it. −errno: the record was not taken. */
	int (*send)(void *state, char *line, size_t length);
	void (*free)(void *state);
	void *state;
};

struct sender;

/* Takes over the state, on failure too. NULL: out of memory. */
struct sender *sender_new(const struct sender_output *output);
/* The thread has what its caller may do at this moment: privileges are to have been dropped. Until then records wait. */
int sender_start(struct sender *sender);
/* Takes the record whole, or counts it as lost. It may wait for sender_flush(). */
void sender_add(struct sender *sender, const char *line, size_t length);
void sender_flush(struct sender *sender);
/* Gives the output a second for what still waits; the rest is counted as lost. Nothing is added any more. */
void sender_end(struct sender *sender);
/* Accepts NULL; returns NULL. One whose output still holds the thread is left to the end of the process. */
struct sender *sender_free(struct sender *sender);

__u64 sender_written(struct sender *sender);
__u64 sender_lost(struct sender *sender);
