/* SPDX-License-Identifier: GPL-2.0-only */
/* apart.h - work in a child process: what it used of the memory goes back, and where it hangs nobody hangs with it. */
#pragma once

#include <stdio.h>

/* Writes what came of it to `out`. Runs in the child, which ends when this returns. */
typedef void apart_fn(FILE *out, void *userdata);

/*
 * Runs `fn` in a child and waits for it. What it wrote can be read from *ret_in, which is the caller's to close. Of the
 * daemon's descriptors the child has none but `keep` (−1: none), under the same number.
 * −ETIME: it took longer than PATIENCE allows, and was left to its fate. −EIO: it died.
 */
int apart_run(apart_fn *fn, void *userdata, int keep, FILE **ret_in);
