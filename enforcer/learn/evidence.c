/* SPDX-License-Identifier: GPL-2.0-only */
/* evidence.c - how often something was seen, of whom, and when. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "learn/evidence.h"

#define SUBJECTS_SHOWN 3

static void note_time(struct evidence *evidence, const char *first, const char *last)
{
	if (evidence->count == 0 || strcmp(first, evidence->first) < 0)
		(void)snprintf(evidence->first, sizeof(evidence->first), "%s", first);
	if (evidence->count == 0 || strcmp(last, evidence->last) > 0)
		(void)snprintf(evidence->last, sizeof(evidence->last), "%s", last);
}

static int note_subject(struct evidence *evidence, const char *program, unsigned int uid,
			unsigned long long count)
{
	struct evidence_subject *subject = evidence->subjects;
	size_t i = 0;

	while (i < evidence->subject_count &&
	       (subject[i].uid != uid || strcmp(subject[i].program, program) != 0))
		i++;
	if (i == EVIDENCE_SUBJECTS) {
		evidence->has_others = true;
		return 0;
	}
	if (i == evidence->subject_count) {
		subject[i] = (struct evidence_subject){ .program = strdup(program), .uid = uid };
		if (!subject[i].program)
			return -ENOMEM;
		evidence->subject_count++;
	}
	subject[i].count += count;
	return 0;
}

int evidence_add_record(struct evidence *evidence, const struct record *record)
{
	note_time(evidence, record->when, record->when);
	evidence->count += record->repeats;
	return note_subject(evidence, record_program(record), (unsigned int)strtoul(record->uid, NULL, 10),
			    record->repeats);
}

int evidence_add(struct evidence *evidence, const struct evidence *other)
{
	int r = 0;

	note_time(evidence, other->first, other->last);
	evidence->count += other->count;
	evidence->has_others |= other->has_others;
	for (size_t i = 0; r == 0 && i < other->subject_count; i++)
		r = note_subject(evidence, other->subjects[i].program, other->subjects[i].uid,
				 other->subjects[i].count);
	return r;
}

/* "2026-01-02T03:04:05.678901234Z" → "2026-01-02 03:04:05"; to the second is enough for people. */
static void write_time(const char *time, FILE *out)
{
	if (strlen(time) > 19 && time[10] == 'T')
		fprintf(out, "%.10s %.8s", time, time + 11);
	else
		fputs(time, out);
}

static int compare_subjects(const void *a, const void *b)
{
	const struct evidence_subject *x = a, *y = b;
	int order;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	order = strcmp(x->program, y->program);
	return order ? order : (x->uid > y->uid) - (x->uid < y->uid);
}

static void write_subjects(const struct evidence *evidence, FILE *out)
{
	struct evidence_subject sorted[EVIDENCE_SUBJECTS];
	size_t shown = evidence->subject_count < SUBJECTS_SHOWN ? evidence->subject_count : SUBJECTS_SHOWN;

	memcpy(sorted, evidence->subjects, sizeof(sorted));
	qsort(sorted, evidence->subject_count, sizeof(*sorted), compare_subjects);
	for (size_t i = 0; i < shown; i++) {
		fputs(i ? ", " : " by ", out);
		fprintf(out, "%s (uid %u)", sorted[i].program, sorted[i].uid);
	}
	if (evidence->has_others)
		fputs(" and many more", out);
	else if (evidence->subject_count > shown)
		fprintf(out, " and %zu more", evidence->subject_count - shown);
}

void evidence_write(const struct evidence *evidence, FILE *out)
{
	fprintf(out, "%llu time%s, ", evidence->count, evidence->count == 1 ? "" : "s");
	write_time(evidence->first, out);
	if (strcmp(evidence->first, evidence->last) != 0) {
		fputs(" to ", out);
		write_time(evidence->last, out);
	}
	fputc(',', out);
	write_subjects(evidence, out);
}

void evidence_done(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->subject_count; i++)
		free(evidence->subjects[i].program);
	evidence->subject_count = 0;
}
