/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tally.h - which keys come most often, in bounded memory whatever comes.
 *
 * The summary of J. Misra and D. Gries (Science of Computer Programming 2, 1982), its decrements done for many keys at
 * once: a table of `size` keys that is full loses the half of least weight, and the rest that weight. A key that is not
 * there, or was not always, has come tally_slack() times more than is told at most; that is never more than all that
 * came, divided by half the size. Until more than `size` different keys have come all is exact.
 */
#pragma once

#include "record.h"

/* Texts of records are kept, and keys told apart, by so many bytes. */
#define TALLY_TEXT_MAX 1024

struct tally_entry {
	char *key;          /* owned */
	struct record last; /* a copy */
	__u64 first_time;   /* of the first and the last record; ns since 1970 */
	__u64 last_time;
	double counts[PC_NO_VERDICT]; /* by enum pc_verdict, since it is in the table */
	double recent;                /* the same, of all verdicts, but fading: see tally_fade() */
	double weight;                /* what it stays in the table by */
};

enum tally_order {
	TALLY_MOST,   /* by all counts */
	TALLY_RECENT, /* by what is recent */
	TALLY_NEWEST, /* by the first record, latest first */
};

struct tally;

/* `size` is at least 2 and even. NULL: no memory. */
struct tally *tally_new(size_t size);
struct tally *tally_free(struct tally *tally);
static inline void tally_freep(struct tally **tally)
{
	(void)tally_free(*tally);
}
void tally_clear(struct tally *tally);
/* The record counts as often as it repeats, and so often times `freshness` as recent. −ENOMEM: it does not. */
int tally_add(struct tally *tally, const char *key, const struct record *record, double freshness);
/* What came becomes less: the keys of now are to be seen, not those of yesterday. The slack fades as well. */
void tally_fade(struct tally *tally, double factor);
size_t tally_count(const struct tally *tally);
double tally_slack(const struct tally *tally);
/* All that came. */
double tally_total(const struct tally *tally);
/* The first `most` entries in that order to `list`; returns how many. They are valid until something is added. */
size_t tally_list(struct tally *tally, enum tally_order order, const struct tally_entry **list, size_t most);
/* Of all verdicts. */
double tally_entry_count(const struct tally_entry *entry);
