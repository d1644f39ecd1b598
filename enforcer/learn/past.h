/* SPDX-License-Identifier: GPL-2.0-only */
/* past.h - from a record to the question that its decision answered. */
#pragma once

#include "image.h"
#include "policyctl/record.h"

struct past {
	struct question question; /* points into this, and into the record */
	const char *
		word; /* the object as a rule writes it, if it has no name and is one of a kind: "anon:"; or NULL */
	__u8 address[16];
	__u8 byte;
	bool is_raw; /* of a raw socket, whose protocol the record does not say: class is PC_CLASS_RAW */
};

/*
 * The question to `policy`, in the profile that the record names. Names are canonical already: nothing is looked up.
 * −EINVAL: it can't be asked, *ret_why (a static string) says why; −ENOMEM. Filled in place.
 */
int past_question(const struct record *record, const struct policy *policy, struct past *ret_past,
		  const char **ret_why);
/*
 * The answer of the image, which must be of that policy. −EINVAL: the record does not say enough to tell, as above.
 */
int past_ask(const struct past *past, const struct image *image, struct pc_answer *ret_answer,
	     const char **ret_why);
