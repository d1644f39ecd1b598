/* SPDX-License-Identifier: GPL-2.0-only */
/* verify.c - whether a draft compiles, allows what was accepted, and nothing else that was seen. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "learn/draft.h"
#include "learn/verify.h"
#include "ownership.h"

/* More are told by their number. */
#define FAULTS_SHOWN 20

static int compile(const char *path, const struct policy_options *options, struct diags *d,
		   struct image **ret_image)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(image_freep) struct image *image = NULL;
	int r = policy_load(path, options, d, &policy);

	if (r == 0)
		r = image_compile(policy, d, &image);
	if (r == 0)
		r = policy_check_expectations(policy, image, d);
	if (r == 0)
		*ret_image = take_ptr(image);
	return r;
}

static void show_errors(struct diags *d)
{
	diags_sort(d);
	for (size_t i = 0; i < d->count; i++)
		if (d->entries[i].level == DIAG_ERROR)
			fprintf(stderr, "policyctl: %s:%u: %s\n",
				d->entries[i].loc.file ? d->entries[i].loc.file : "", d->entries[i].loc.line,
				d->entries[i].text);
}

/* What the proposals allow, by address: sorted. */
static int collect_accepted(const struct proposals *proposals, const struct sighting ***ret_list,
			    size_t *ret_count)
{
	const struct sighting **list;
	size_t count = 0;

	for (size_t i = 0; i < proposals->count; i++)
		count += proposals->list[i].count;
	list = calloc(count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < proposals->count; i++)
		for (size_t k = 0; proposals->list[i].fate == PROPOSAL_ALLOW && k < proposals->list[i].count;
		     k++)
			list[count++] = proposals->list[i].members[k];
	*ret_list = list;
	*ret_count = count;
	return 0;
}

static int compare_pointers(const void *a, const void *b)
{
	const struct sighting *x = *(const struct sighting *const *)a,
			      *y = *(const struct sighting *const *)b;

	return (x > y) - (x < y);
}

static void show_fault(const struct sighting *sighting, const struct policy *policy, bool is_accepted)
{
	fprintf(stderr, "policyctl: ");
	draft_name_sighting(sighting, policy, stderr);
	fputs(is_accepted ? " was accepted, but would still be denied"
			  : " was not accepted, but would be allowed",
	      stderr);
	if (sighting->rule) {
		fputs(": ", stderr);
		draft_name_reason(sighting, policy, stderr);
	}
	fputc('\n', stderr);
}

static int check_sightings(const struct sightings *sightings, const struct proposals *proposals,
			   const struct image *image)
{
	_cleanup_free_ const struct sighting **accepted = NULL;
	size_t count, faults = 0;
	int r = collect_accepted(proposals, &accepted, &count);

	if (r < 0)
		return r;
	qsort(accepted, count, sizeof(*accepted), compare_pointers);
	for (size_t i = 0; i < sightings->count; i++) {
		const struct sighting *sighting = sightings->list[i];
		bool is_accepted =
			bsearch(&sighting, accepted, count, sizeof(*accepted), compare_pointers) != NULL;

		if (is_accepted == (sighting_verdict(sighting, image) == PC_ALLOW))
			continue;
		if (faults++ < FAULTS_SHOWN)
			show_fault(sighting, sightings->policy, is_accepted);
	}
	if (faults > FAULTS_SHOWN)
		fprintf(stderr, "policyctl: and so with %zu more\n", faults - FAULTS_SHOWN);
	return faults > 0 ? -EINVAL : 0;
}

int verify_draft(const char *path, const struct policy_options *options, const struct policy_draft *draft,
		 const struct sightings *sightings, const struct proposals *proposals)
{
	struct policy_options with_draft = *options;
	_cleanup_(image_freep) struct image *image = NULL;
	struct diags d = {};
	int r;

	with_draft.draft = draft;
	r = compile(path, &with_draft, &d, &image);
	if (r < 0)
		show_errors(&d);
	diags_done(&d);
	return r < 0 ? r : check_sightings(sightings, proposals, image);
}
