/* SPDX-License-Identifier: GPL-2.0-only */
/* link_list.h - the symbolic links that the names of a policy pass through. */
#pragma once

#include "model.h"

/* Copies both. 0 or −ENOMEM. */
int policy_links_add(struct policy_links *links, const char *name, const char *target);
/* By name; what is there twice goes. */
void policy_links_sort(struct policy_links *links);
void policy_links_done(struct policy_links *links);
