/* SPDX-License-Identifier: GPL-2.0-only */
/* world.h - what the chains are not to read, change, run or reach, and the look from outside whether they did. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define PROTECTED_COUNT 9
#define LISTENERS_COUNT 7

enum escape {
	ESCAPE_READ,
	ESCAPE_WRITE,
	ESCAPE_RUN,
	ESCAPE_REACH,
	ESCAPES,
};

struct world {
	struct stat known[PROTECTED_COUNT]; /* as it is to stay */
	int listeners[LISTENERS_COUNT];
	int run_fd;     /* what is written here was run */
	int run_end_fd; /* the chain's end of it */
	pid_t broker;
};

/* The files that all chains share. */
int world_make(void);
/* The listeners that all chains share, and how the files look now. */
int world_open(struct world *world);
/* The room of one chain: its files and its own listeners. */
int world_make_room(struct world *world, uint64_t seed);
void world_remove_room(struct world *world, uint64_t seed);
/* Whether there was an escape of that sort since the last look; ESCAPE_READ is not seen from here. */
bool world_was_escaped(struct world *world, enum escape escape, const char **ret_what);
/* Makes files again that are not what they were. */
int world_mend(struct world *world);

/* The process that had opened all of it before there was a policy, and hands it to who asks. */
int broker_run(void);
/* Its pid, 0 if there is none. */
pid_t broker_find(void);
