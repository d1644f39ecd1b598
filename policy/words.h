/* SPDX-License-Identifier: GPL-2.0-only */
/* words.h - values that are one of a few words. */
#pragma once

#include "reader.h"

/* A table of them ends with a NULL name. */
struct word {
	const char *name;
	int value;
};

/* allow, audit, deny → enum pc_verdict. */
extern const struct word verdict_words[];

/* The value's number. −EINVAL: reported as an unknown `what`, with the nearest word. */
int word_parse(const struct word *words, const char *what, const char *text, struct diags *d,
	       const struct loc *loc);
