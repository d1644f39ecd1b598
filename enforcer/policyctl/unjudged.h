/* SPDX-License-Identifier: GPL-2.0-only */
/* unjudged.h - records that nothing could be told of, by the reason: none is left out silently. */
#pragma once

#include "diag.h"

#define UNJUDGED_MAX 32

struct unjudged_reason {
	const char *why; /* static */
	unsigned long long count;
	struct loc first; /* its line */
};

struct unjudged {
	struct unjudged_reason list[UNJUDGED_MAX];
	size_t count;
	unsigned long long total;
};

/* `count` decisions of one record. `loc` must outlive it. */
void unjudged_add(struct unjudged *unjudged, const char *why, const struct loc *loc,
		  unsigned long long count);
/* A line each. */
void unjudged_show(const struct unjudged *unjudged, FILE *out);
