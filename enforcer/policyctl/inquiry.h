/* SPDX-License-Identifier: GPL-2.0-only */
/* inquiry.h - from words on a command line to the questions that a hook would ask. */
#pragma once

#include "diag.h"
#include "object.h"
#include "policy.h"

/* A connection to `::` is judged as two. */
#define INQUIRY_QUESTIONS_MAX 2

struct inquiry {
	enum pc_section_id section;
	struct objects objects; /* as parsed; questions point into it */
	char *name;		/* paths: the canonical name, which questions point to */
	char *shown;		/* the object as it is judged */
	const char *note;	/* why it is not judged as typed; NULL: it is */
	__u8 addresses[INQUIRY_QUESTIONS_MAX][16];
	struct question questions[INQUIRY_QUESTIONS_MAX];
	size_t count;
};

/* `words`: HOOK OBJECT [read|write]. −EINVAL: told in `d` at the location "policyctl". */
int inquiry_parse(char *const *words, int count, const struct policy_options *options, struct diags *d,
		  struct inquiry *ret_inquiry);
void inquiry_done(struct inquiry *inquiry);
