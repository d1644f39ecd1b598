/* SPDX-License-Identifier: GPL-2.0-only */
/* evidence.h - how often something was seen, of whom, and when. */
#pragma once

#include "policyctl/record.h"

#include <stdio.h>

/* More are told by their number. */
#define EVIDENCE_SUBJECTS 16
#define EVIDENCE_TIME_MAX 40

struct evidence_subject {
	char *program; /* owned */
	unsigned int uid;
	unsigned long long count;
};

struct evidence {
	unsigned long long count;
	char first[EVIDENCE_TIME_MAX]; /* as in the records; cut if it is no time */
	char last[EVIDENCE_TIME_MAX];
	struct evidence_subject subjects[EVIDENCE_SUBJECTS];
	size_t subject_count;
	bool has_others; /* subjects that there was no room for */
};

/* 0 or −ENOMEM. */
int evidence_add_record(struct evidence *evidence, const struct record *record);
int evidence_add(struct evidence *evidence, const struct evidence *other);
/* "42 times, 2026-11-21 10:00:00 to 2026-11-21 11:00:00, by /usr/bin/x (uid 0)", with the names as they are. */
void evidence_write(const struct evidence *evidence, FILE *out);
void evidence_done(struct evidence *evidence);
