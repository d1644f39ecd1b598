/* SPDX-License-Identifier: GPL-2.0-only */
/* confine.h - what the daemon forbids itself once it is ready: files by Landlock, system calls by seccomp. */
#pragma once

/*
 * From now on this process, and whatever it starts, writes to nothing but what lies below these folders (a list that ends with
 * NULL), starts no program, connects to nobody by TCP, and makes no system calls but those that it needs. Other threads must
 * not be there yet. 0 or −errno. A kernel without Landlock is told by −EOPNOTSUPP, when all else is done.
 */
int confine(const char *const *folders);
