/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor.h - the parts of `policyctl doctor`: each adds what it finds. */
#pragma once

#include "args.h"
#include "findings.h"

/* Release, LSM, types, JIT, lockdown, file systems, clock. */
void doctor_look_at_kernel(struct findings *findings);
/* The daemon and what it tells: mode, hooks, pins, losses; or else what it left behind. */
void doctor_look_at_daemon(const struct args *args, struct findings *findings);
