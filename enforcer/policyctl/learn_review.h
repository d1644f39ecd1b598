/* SPDX-License-Identifier: GPL-2.0-only */
/* learn_review.h - walks a person through proposals. */
#pragma once

#include "learn/proposals.h"

/*
 * Shows each proposal on stderr and takes a key from stdin, a terminal or a pipe. What was not decided when the keys
 * end is left out. 0; −EINVAL: the person gave up, told; −ENOMEM.
 */
int learn_review(struct proposals *proposals, const struct sightings *sightings);
