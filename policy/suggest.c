/* SPDX-License-Identifier: GPL-2.0-only */
/* suggest.c - "did you mean": the nearest of the known words. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "suggest.h"

/* Longer words were not mistyped from one of ours. */
#define WORD_MAX 48
#define FAR 100U

static bool is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Damerau-Levenshtein in its restricted form (optimal string alignment): insertions, deletions, replacements
 * and swaps of neighbours, each counting one. R. A. Wagner, R. Lowrance, JACM 22(2), 1975.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[WORD_MAX + 1][WORD_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return FAR;
	for (size_t i = 0; i <= a_len; i++) {
		for (size_t k = 0; k <= b_len; k++) {
			if (i == 0 || k == 0) {
				rows[i][k] = i + k;
				continue;
			}
			rows[i][k] = least(rows[i - 1][k], rows[i][k - 1]) + 1;
			rows[i][k] = least(rows[i][k], rows[i - 1][k - 1] + !is_same(a[i - 1], b[k - 1]));
			if (i > 1 && k > 1 && is_same(a[i - 1], b[k - 2]) && is_same(a[i - 2], b[k - 1]))
				rows[i][k] = least(rows[i][k], rows[i - 2][k - 2] + 1);
		}
	}
	return rows[a_len][b_len];
}

const char *suggest_nearest(const char *word, const char *const *known)
{
	size_t len = strlen(word);
	unsigned int best = len < 6 ? 2 : len / 3 + 1; /* the first distance that is too far */
	const char *nearest = NULL;

	for (; *known; known++) {
		unsigned int d = distance(word, *known);

		if (d < best && d < strlen(*known)) {
			best = d;
			nearest = *known;
		}
	}
	return nearest;
}

struct hint suggest(const char *word, const char *const *known)
{
	const char *nearest = suggest_nearest(word, known);
	struct hint hint = {};
	size_t used = 0;

	if (nearest) {
		(void)snprintf(hint.text, sizeof(hint.text), "; did you mean '%s'?", nearest);
		return hint;
	}
	for (size_t i = 0; known[i]; i++) {
		if (used + strlen(known[i]) + sizeof("; known: , ...") > sizeof(hint.text)) {
			(void)snprintf(hint.text + used, sizeof(hint.text) - used, ", ...");
			break;
		}
		used += (size_t)snprintf(hint.text + used, sizeof(hint.text) - used, "%s%s",
					 i ? ", " : "; known: ", known[i]);
	}
	return hint;
}
