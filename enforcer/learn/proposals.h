/* SPDX-License-Identifier: GPL-2.0-only */
/* proposals.h - rules that would allow what was seen. */
#pragma once

#include "learn/guard.h"

/* What is to become of it. */
enum proposal_fate {
	PROPOSAL_ALLOW,
	PROPOSAL_REVIEW, /* written as a comment */
	PROPOSAL_DENY,
	PROPOSAL_SKIP,
};

enum proposal_width {
	PROPOSAL_NARROW,   /* each object by itself */
	PROPOSAL_PROPOSED, /* one rule */
	PROPOSAL_FOLDER,   /* all of the last name's folder */
	PROPOSAL_TREE,     /* all below that */
	PROPOSAL_WIDTHS,
};

struct proposal {
	char *objects[PROPOSAL_WIDTHS]; /* owned: as a rule writes them; NULL: not to be had, as NARROW never is */
	struct sighting **members; /* owned list; of reading first, and in the order of the objects */
	size_t count;
	unsigned int access; /* enum pc_access bits */
	struct evidence evidence;
	enum proposal_fate fate;
	enum proposal_width width;
};

struct proposals {
	struct proposal *list;
	size_t count;
};

/* What stands before the name in an object of that kind: "unix:". */
const char *proposal_prefix(enum pc_kind kind);
/* By profile, section, kind and object; what is proposed before what needs a look. The sightings must outlive them. */
int proposals_make(const struct sightings *sightings, const struct guard *guard,
		   struct proposals *ret_proposals);
void proposals_done(struct proposals *proposals);
