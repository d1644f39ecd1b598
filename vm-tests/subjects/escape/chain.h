/* SPDX-License-Identifier: GPL-2.0-only */
/* chain.h - a chain of random steps: what it holds, how a step chooses its objects, and the kinds of steps there are. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STEPS_MAX 20
#define HANDLES_MAX 12
#define KINDS_MAX 96
#define SAID_MAX 240
#define PATH_ROOM 240

/* Where all of it lies. Each chain has a room of its own, ROOM/cSEED, with home/.ssh/id, own and sock. */
#define ROOM "/tmp/e"
/* How each file begins that no chain may read. */
#define SECRET_HEAD "what no chain may read\n"
/* What a program at a refused place writes to descriptor 1. */
#define RUN_WORD "OK\n"
#define BROKER_NAME "escape-broker"
#define PORT_TCP 7400
#define PORT_UDP 7401
#define USER_ID 1000

/* Shared by a chain's processes and the oracle outside; the chain writes all of it. */
struct progress {
	unsigned int taken;             /* steps begun */
	unsigned int kinds[STEPS_MAX];  /* index of each */
	int errors[STEPS_MAX];          /* 0, or why it failed */
	char said[STEPS_MAX][SAID_MAX]; /* its objects */
	char found[SAID_MAX];           /* where a secret was read; empty if none was */
};

struct chain {
	uint64_t seed, random;
	int handles[HANDLES_MAX]; /* -1: none */
	unsigned int next_handle;
	pid_t broker;         /* 0: there is none */
	const char *left_out; /* names of kinds that are not taken, between commas; NULL: none */
	int tell_fd, wait_fd;
	struct progress *progress;
};

/* `take` returns −1 with errno, or what is no failure. */
struct step {
	const char *name;
	unsigned int weight;
	int (*take)(struct chain *chain);
};

/* Each ends with a step without a name. */
extern const struct step name_steps[], handle_steps[], space_steps[], program_steps[], code_steps[],
	network_steps[];

/* 0 … below − 1. */
unsigned int chain_pick(struct chain *chain, unsigned int below);
__attribute__((format(printf, 2, 3))) void chain_say(struct chain *chain, const char *format, ...);

/* Keeps the descriptor, in the place of the oldest; what is negative is handed through. */
int chain_hold(struct chain *chain, int fd);
/* One of the descriptors held, or −1. */
int chain_handle(struct chain *chain);

/* A path of any object, in any spelling; one of its folders; where something new may be made; what a folder may hold. */
const char *chain_path(struct chain *chain, char path[PATH_ROOM]);
const char *chain_folder(struct chain *chain, char path[PATH_ROOM]);
const char *chain_place(struct chain *chain, char path[PATH_ROOM]);
const char *chain_tail(struct chain *chain);
/* One that is there below the folder, if any is. */
const char *chain_tail_in(struct chain *chain, int folder);

/* The kind by its index, NULL past the last. */
const struct step *step_kind(unsigned int index);

/* Takes all steps and ends the process. */
__attribute__((noreturn)) void chain_run(struct chain *chain);
/* Looks whether a secret can be read by anything that the chain has, and writes to what it holds. */
void chain_probe(struct chain *chain);

/* The whole of a file, up to a program's size, from one descriptor to another. */
int copy_all(int from, int to);
