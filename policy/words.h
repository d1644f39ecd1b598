/* SPDX-License-Identifier: GPL-2.0-only */
/* words.h - values that are one of a few words. */
#pragma once

#include "reader.h"

#include <portcullis/abi.h>

/* A table of them ends with a NULL name. */
struct word {
	const char *name;
	int value;
};

/* allow, audit, deny → enum pc_verdict. */
extern const struct word verdict_words[];

/* exec, open and so on → enum pc_section_id: the names of the sections, and of what their rules decide. */
extern const struct word section_words[];

/* "exec" */
const char *section_name(enum pc_section_id section);

/* The value's number. −EINVAL: reported as an unknown `what`, with the nearest word. */
int word_parse(const struct word *words, const char *what, const char *text, struct diags *d,
	       const struct loc *loc);
