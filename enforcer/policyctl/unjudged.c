/* SPDX-License-Identifier: GPL-2.0-only */
/* unjudged.c - records that nothing could be told of, by the reason. */
#include <assert.h>
#include <string.h>

#include "unjudged.h"

void unjudged_add(struct unjudged *unjudged, const char *why, const struct loc *loc, unsigned long long count)
{
	size_t i = 0;

	while (i < unjudged->count && strcmp(unjudged->list[i].why, why) != 0)
		i++;
	if (i == unjudged->count) {
		/* There are no more reasons in all of past.c and record.c. */
		assert(i < UNJUDGED_MAX);
		unjudged->list[unjudged->count++] = (struct unjudged_reason){ .why = why, .first = *loc };
	}
	unjudged->list[i].count += count;
	unjudged->total += count;
}

void unjudged_show(const struct unjudged *unjudged, FILE *out)
{
	for (size_t i = 0; i < unjudged->count; i++) {
		const struct unjudged_reason *reason = &unjudged->list[i];

		fprintf(out, "  %llu  %s, first at %s:%u\n", reason->count, reason->why, reason->first.file,
			reason->first.line);
	}
}
