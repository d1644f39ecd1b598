/* SPDX-License-Identifier: GPL-2.0-only */
/* loop.h - what the loop waits for besides its clients: signals and records. */
#pragma once

#include "daemon.h"

/* Makes daemon->event. From here on a signal waits for the loop: a reload asked for during the start is not lost. */
int loop_open(struct daemon *daemon);
/* Needs the kernel's side and daemon->records. */
int loop_add_records(struct daemon *daemon);
/* From time to time the hooks are tried, and what is in the kernel is looked at. */
int loop_add_proof(struct daemon *daemon);
/* What is counted instead of recorded is told in time. */
int loop_add_repeats(struct daemon *daemon);
