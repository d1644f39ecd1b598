/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_canary.h - proves that each hook really runs. */
#pragma once

#include <portcullis/abi.h>
#include <stddef.h>
#include <sys/types.h>

struct canary {
	volatile __u32 *tgid;	     /* where the programs look for the task whose requests prove something */
	const volatile __u32 *seen;  /* PC_HOOKS of them: what it was seen in, zero before */
	const char *const *programs; /* those that are attached, NULL behind the last */
};

/*
 * Does in a child, once each, what the hooks are there to see. -ENOTCONN: a hook that must have run did not; `why`
 * names it. What the kernel would not let the child do proves nothing either way.
 */
int canary_run(const struct canary *canary, char *why, size_t why_size);

/* Into PC_HOOKS names the attached ones that the last run did not reach; returns how many. */
size_t canary_untried(const struct canary *canary, const char **ret_names);

/*
 * From now on a process of its own makes the children: it has the rights that this one has now, and ends with it. Whatever
 * this one gives up afterwards, each hook can be proven. 0 or −errno.
 */
int canary_keep(void);

enum canary_act {
	CANARY_CHILD,
	CANARY_PROGRAM,
};

/* A child of this process that acts, by itself or by who was kept for that; it closes `other`. −1: there is none. */
pid_t canary_make(enum canary_act which, int go, int tell, int other);
void canary_act(enum canary_act which, int go, int tell);

/* The child: waits for a byte from `go`, does all but the next, and tells by a bit a hook what has come as far as that. */
void canary_child(int go, int tell);
/* Another one, which starts a program that ends with CANARY_PROGRAM_RAN; comes back if it can't. */
void canary_program(int go, int tell);
#define CANARY_PROGRAM_RAN 77
