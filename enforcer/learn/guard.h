/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.h - whether one rule may stand for several sightings: it must open nothing that was decided otherwise. */
#pragma once

#include "learn/sightings.h"

struct guard;

/* All must outlive it. 0 or −ENOMEM. */
int guard_new(const struct sightings *sightings, struct guard **ret_guard);
struct guard *guard_free(struct guard *guard);

/*
 * Whether a rule for `glob` may stand for sightings that are alike this one: 1, 0 or −errno. It must match nothing that
 * a `deny`, `never` or `audit` of the policy, or what needs a look, speaks of; a rule that already speaks against this
 * sighting doesn't count. Nor may it be about writing and match what was seen to run, or the other way round.
 * `directory`: see struct merge_options.
 */
int guard_may(const struct guard *guard, const struct sighting *like, const char *glob,
	      const char *directory);
/*
 * Whether a person may let a rule stand for all below a directory: as above, but of what needs a look only what is
 * named to be below it counts, not what may be anywhere.
 */
int guard_may_tree(const struct guard *guard, const struct sighting *like, const char *directory);
/* The same as guard_may() for a network: the sighting's address, so many bits of it, with its ports and protocol. */
int guard_may_network(const struct guard *guard, const struct sighting *like, unsigned int prefix);
