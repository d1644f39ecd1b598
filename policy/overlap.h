/* SPDX-License-Identifier: GPL-2.0-only */
/* overlap.h - whether two patterns match some name in common. */
#pragma once

#include "pattern.h"

/* 1 or 0, or −ENOMEM. */
int pattern_overlap(const struct pattern *a, const struct pattern *b);
/* The same of any of each. */
int patterns_overlap(const struct patterns *a, const struct patterns *b);
/* Whether what one of them names before its first wildcard, a folder or the object itself, is matched by `below`. */
int patterns_name_below(const struct patterns *patterns, const struct pattern *below);
