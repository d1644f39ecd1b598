/* SPDX-License-Identifier: GPL-2.0-only */
/* lock.h - one daemon at a time: a lock file beside the control socket. */
#pragma once

#include <sys/types.h>

/* "PATH.lock" of a socket's path. */
#define LOCK_SUFFIX ".lock"

/*
 * Makes the socket's directory if it isn't there, takes the lock and writes our pid into it; closing *ret_fd gives it
 * back. −EBUSY: *ret_holder is who has it, 0 if that could not be read.
 */
int lock_take(const char *socket_path, int *ret_fd, pid_t *ret_holder);
