/* SPDX-License-Identifier: GPL-2.0-only */
/* suggest.h - "did you mean": the nearest of the known words. */
#pragma once

#include <stddef.h>

/* The end of a message about an unknown word: "; did you mean 'allow'?" or "; known: allow, audit, deny". */
struct hint {
	char text[320];
};

/* `known` ends with NULL. No known words: an empty hint. */
struct hint suggest(const char *word, const char *const *known);
/* The nearest word, upper and lower case being the same; NULL if none is near enough to have been meant. */
const char *suggest_nearest(const char *word, const char *const *known);
