/* SPDX-License-Identifier: GPL-2.0-only */
/* start.h - the daemon's start. */
#pragma once

#include "apply.h"
#include "daemon.h"

/*
 * In the documented order, up to the point where it is asked. The candidate (zero before, the caller's) is the first policy.
 * 0 or −errno, which is told; −ENOTSUP: the kernel or the machine did not do it.
 */
int start_steps(struct daemon *daemon, struct candidate *candidate);
