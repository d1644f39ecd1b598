/* SPDX-License-Identifier: GPL-2.0-only */
/* sensitive.h - what no log is reason enough to allow: a person must look. */
#pragma once

#include "pattern.h"
#include "policy.h"

struct sensitive;

/* The lists of policy/lists/ as they were when this was built. 0 or −ENOMEM. */
int sensitive_load(struct sensitive **ret_sensitive);
struct sensitive *sensitive_free(struct sensitive *sensitive);

/* Why (a static string); NULL: nothing speaks against it. */
const char *sensitive_why(const struct sensitive *sensitive, const struct question *question);
/* Whether such patterns, for an object of that kind, match anything of the kind. 1, 0 or −ENOMEM. */
int sensitive_overlap(const struct sensitive *sensitive, const struct question *question,
		      const struct patterns *patterns);
/* Whether anything of the kind is named to lie where `below` matches. 1, 0 or −ENOMEM. */
int sensitive_below(const struct sensitive *sensitive, const struct question *question,
		    const struct pattern *below);
/* Whether any of those addresses lies in the network: so many bits of the address that is asked about. */
bool sensitive_in_network(const struct sensitive *sensitive, const struct question *question,
			  unsigned int prefix);
