/* SPDX-License-Identifier: GPL-2.0-only */
/* draft.h - proposals as a drop-in file of a policy. */
#pragma once

#include "learn/proposals.h"

/* What its first lines say. */
struct draft_summary {
	unsigned long long decisions; /* that were looked at */
	unsigned long long unjudged;
};

/*
 * The text, owned by the caller. `number` is that of the file, by which its lists are named. The same proposals give
 * the same bytes. 0 or −ENOMEM.
 */
int draft_write(const struct proposals *proposals, const struct sightings *sightings,
		const struct draft_summary *summary, unsigned int number, char **ret_text,
		size_t *ret_length);
/* "allow.read = OBJECT" of a proposal as it stands; owned by the caller, NULL: no memory. */
char *draft_rule(const struct proposal *proposal);
/* "open /etc/passwd (read)", "exec anon: as web": for people; the name in the language's own escapes. */
void draft_name_sighting(const struct sighting *sighting, const struct policy *policy, FILE *out);
/* Why a person must look at it, or why it is left. */
void draft_name_reason(const struct sighting *sighting, const struct policy *policy, FILE *out);
