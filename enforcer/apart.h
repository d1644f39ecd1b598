/* SPDX-License-Identifier: GPL-2.0-only */
/* apart.h - work in a child process: what it used of the memory goes back, and where it hangs nobody hangs with it. */
#pragma once

#include <stdio.h>
#include <sys/types.h>

/* Writes what came of it to `out`. Runs in the child, which ends when this returns. */
typedef void apart_fn(FILE *out, void *userdata);

struct apart {
	FILE *in; /* what the child has to say: the reader judges by that whether it came to its end */
	pid_t pid;
};

/*
 * Runs `fn` in a child, and returns when it begins to write, or has ended. Of the daemon's descriptors the child has none
 * but `keep` (−1: none), under the same number. It writes to a socket, which nobody else can open by /proc.
 * −ETIME: it took longer than PATIENCE allows, and was left to its fate.
 */
int apart_begin(apart_fn *fn, void *userdata, int keep, struct apart *ret);

/* Closes `in` and waits for the child. */
void apart_end(struct apart *apart);
