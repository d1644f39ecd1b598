/* SPDX-License-Identifier: GPL-2.0-only */
/* findings.h - what `policyctl doctor` found: fine, wrong, or not to be told. */
#pragma once

#include <stdio.h>

enum finding_mark {
	FINDING_FINE,
	FINDING_WRONG,
	FINDING_UNKNOWN, /* it cannot be told, or is worth a look */
};

#define FINDINGS_MAX 64

struct finding {
	enum finding_mark mark;
	char what[64];
	char found[512];
	char remedy[640]; /* "": nothing is to be done */
};

struct findings {
	struct finding list[FINDINGS_MAX];
	size_t count;
};

/* What was found is set by the caller; NULL would be one too many, of which there are none. */
struct finding *findings_add(struct findings *findings, enum finding_mark mark, const char *what);
void finding_say(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_advise(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

size_t findings_wrong(const struct findings *findings);
/* A line each, the remedy below. */
void findings_print(const struct findings *findings, FILE *out);
/* One JSON object. 0 or −errno. */
int findings_write(const struct findings *findings, FILE *out);
