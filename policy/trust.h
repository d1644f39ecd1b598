/* SPDX-License-Identifier: GPL-2.0-only */
/* trust.h - whether anybody but root could change what a file says. */
#pragma once

#include "diag.h"

/*
 * 0, or −EINVAL: reported at `loc`, with the remedy. Asked of the open file and of every directory on its
 * path, as written and with links followed. A sticky directory like /tmp may lead there, its owner being
 * root.
 */
int trust_file(const char *path, int fd, struct diags *d, const struct loc *loc);
/* A directory whose files are all read, itself without the way to it: sticky is not enough here, nor is a
 * link. */
int trust_directory(const char *path, struct diags *d, const struct loc *loc);
