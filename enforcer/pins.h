/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pins.h - the folder of a BPF file system that holds what outlives the daemon.
 *
 * DIR/live has the links and maps of the programs that decide. What is in DIR/next is in the making, or on its way out:
 * whoever finds it there removes it. One rename puts the one in the other's place. Functions return 0 or −errno.
 */
#pragma once

#include <stdbool.h>

#define PINS_PATH "/sys/fs/bpf/portcullis"
#define PINS_LIVE "live"
#define PINS_NEXT "next"
/* The map that holds the live image. */
#define PINS_IMAGES "images"
/* Where that is, nobody but who made the others is to end or change them. */
#define PINS_SEALED "sealed"
/* How the names of links begin: of programs at hooks, and of those that stand in for stubs (kernel_shared.h). */
#define PINS_HOOK "on_"
#define PINS_STUB "stub"

/* The folder is there, and DIR/next is not. −EINVAL: it is on no BPF file system; −EACCES: it is not root's alone. */
int pins_prepare(const char *dir);
/* An empty DIR/next. */
int pins_begin(const char *dir);
/* DIR/next becomes DIR/live; what was that becomes DIR/next. */
int pins_swap(const char *dir);
/* Ends what is held by DIR/next alone, and waits for that. */
int pins_drop_next(const char *dir);
/* Whether something there decides; whoever may not look is told that nothing does. */
bool pins_are_live(const char *dir);
bool pins_have(const char *dir, const char *name);
/* Likewise ends all that is held by the folder alone, and the folder. −ENOENT: there is none; else as pins_prepare(). */
int pins_remove(const char *dir);
