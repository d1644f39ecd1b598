/* SPDX-License-Identifier: GPL-2.0-only */
/* links.h - rules whose names pass through links: the kernel side knows a file by its canonical name only. */
#pragma once

#include "policy.h"

/*
 * A rule whose fixed part (the bytes before the first wildcard, up to the last '/') passes through a symbolic
 * link or a bind mount gets a second rule behind it with the canonical name, and a note; objects of
 * expectations are replaced. Links that others than root can change, and those that are another one for each
 * process, get a warning instead. 0 or −errno.
 */
int links_apply(struct policy *policy, const struct policy_options *options, struct diags *d);

/* `bytes` as a glob that matches them alone; owned by the caller, NULL: no memory. */
char *glob_quote(const char *bytes);
