/* SPDX-License-Identifier: GPL-2.0-only */
/* report_data.h - what a report is made of, taken from the records one by one. */
#pragma once

#include "filter.h"
#include "source.h"
#include "tally.h"
#include "timeline.h"

enum report_table {
	REPORT_BROKEN, /* what enforce mode would have refused: program, object and rule */
	REPORT_DENIED, /* what was refused, likewise */
	REPORT_PROGRAMS,
	REPORT_RULES,
	REPORT_OBJECTS,
	REPORT_TABLES,
};

/* Gaps that are told one by one. */
#define REPORT_GAPS_MAX 20

/* Records whose numbers are missing between two others. */
struct report_gap {
	const char *name; /* of the file; NULL: the daemon */
	__u64 from, to;   /* times of those two */
	__u64 missing;
};

struct report_data {
	struct filter filter;
	struct rulebook *book;
	struct timeline timeline;
	struct tally *tables[REPORT_TABLES];
	double counts[PC_NO_VERDICT]; /* decisions */
	double watched;               /* of PC_AUDIT: by rules that never refuse */
	__u64 records;
	__u64 first, last;             /* times of the records */
	struct report_source *sources; /* owned */
	size_t source_count;
	struct report_gap gaps[REPORT_GAPS_MAX];
	__u64 gap_count;
	__u64 missing; /* in all gaps */
};

/* Of so many files; 0: the daemon. −ENOMEM. */
int report_data_init(struct report_data *data, size_t sources);
void report_data_done(struct report_data *data);
void report_data_add(struct report_data *data, const struct record *record, const struct source_line *line);
