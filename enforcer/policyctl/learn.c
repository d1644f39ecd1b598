/* SPDX-License-Identifier: GPL-2.0-only */
/* learn.c - `policyctl learn`: rules that would allow what was seen. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "learn/draft.h"
#include "learn/verify.h"
#include "learn_review.h"
#include "logs.h"
#include "ownership.h"
#include "profile.h"
#include "sources.h"
#include "suggest.h"
#include "unjudged.h"
#include "verbs.h"

/* Behind all others that a person is likely to number. */
#define DROP_IN_FIRST 90
#define DROP_IN_LAST 99

struct learn {
	const struct args *args;
	struct policy_options options;
	struct filter filter;
	struct policy *policy;
	struct image *image;
	struct sensitive *sensitive;
	struct sightings sightings;
	struct unjudged unjudged;
	unsigned long long decisions;
	struct guard *guard;
	struct proposals proposals;
	char *path; /* of the drop-in that is proposed */
	unsigned int number;
	char *text;
	size_t length;
};

static void learn_done(struct learn *learn)
{
	filter_done(&learn->filter);
	free(learn->text);
	free(learn->path);
	proposals_done(&learn->proposals);
	(void)guard_free(learn->guard);
	sightings_done(&learn->sightings);
	(void)sensitive_free(learn->sensitive);
	(void)image_free(learn->image);
	(void)policy_free(learn->policy);
}

/* ---- The policy ---- */

static int check_profile(const struct learn *learn)
{
	const char *wanted = learn->args->profile;
	const char **known;
	size_t count = 0;

	if (!wanted || policy_profile(learn->policy, wanted))
		return 0;
	known = calloc(learn->policy->profile_count + 1, sizeof(*known));
	for (; known && count < learn->policy->profile_count; count++)
		known[count] = learn->policy->profiles[count].name;
	fprintf(stderr, "policyctl: there is no [profile %s] in %s%s\n", wanted, learn->args->policy,
		known ? suggest(wanted, known).text : "");
	free(known);
	return -EINVAL;
}

/* Of a policy that is wrong all errors are shown; of one that is fine, nothing: that is what check is for. */
static int load_policy(struct learn *learn)
{
	struct diags d = {};
	int r = policy_load(learn->args->policy, &learn->options, &d, &learn->policy);

	if (r == 0)
		r = image_compile(learn->policy, &d, &learn->image);
	if (r < 0) {
		diags_sort(&d);
		diags_print(&d, stderr);
		if (d.errors == 0)
			fprintf(stderr, "policyctl: cannot load %s: %s\n", learn->args->policy, strerror(-r));
		if (!(learn->args->given & ARGS_POLICY) && access(learn->args->policy, R_OK) < 0)
			fprintf(stderr, "policyctl: %s is the policy if no other is named by --policy FILE\n",
				learn->args->policy);
	}
	diags_done(&d);
	return r < 0 ? r : check_profile(learn);
}

/* The first free name: what was learned before stays as it is. */
static int choose_drop_in(struct learn *learn)
{
	for (unsigned int number = DROP_IN_FIRST; number <= DROP_IN_LAST; number++) {
		char name[48];

		(void)snprintf(name, sizeof(name), "policy.d/%u-learned.ini", number);
		free(learn->path);
		learn->path = source_beside(learn->policy->files[0], name);
		learn->number = number;
		if (!learn->path)
			return -ENOMEM;
		if (access(learn->path, F_OK) < 0)
			return 0;
	}
	fprintf(stderr, "policyctl: %s and the %u before it are all there; make one of them\n", learn->path,
		DROP_IN_LAST - DROP_IN_FIRST);
	return -EINVAL;
}

/* ---- The records ---- */

static int take_record(const struct record *record, const char *why, const struct loc *loc, void *userdata)
{
	struct learn *learn = userdata;
	unsigned long long count = record ? record->repeats : 1;
	int r = -EINVAL;

	if (record && !filter_matches(&learn->filter, record, NULL))
		return 0;
	learn->decisions += count;
	if (record)
		r = sightings_add(&learn->sightings, record, &why);
	if (r == -EINVAL)
		unjudged_add(&learn->unjudged, why, loc, count);
	return r == -EINVAL ? 0 : r;
}

/* Returns an enum exit_code. */
static int read_records(struct learn *learn)
{
	const struct args *args = learn->args;
	int r;

	if (args->operand_count == 0)
		return logs_ask(args->socket, take_record, learn);
	r = logs_read(args->operands, args->operand_count, take_record, learn);
	return r < 0 ? EXIT_REFUSED : EXIT_FINE;
}

/* ---- The proposal ---- */

static int propose(struct learn *learn)
{
	int r = sightings_sort(&learn->sightings);

	if (r == 0)
		r = guard_new(&learn->sightings, &learn->guard);
	if (r == 0)
		r = proposals_make(&learn->sightings, learn->guard, &learn->proposals);
	if (r == 0)
		r = choose_drop_in(learn);
	return r;
}

static int write_and_verify(struct learn *learn)
{
	struct draft_summary summary = { .decisions = learn->decisions, .unjudged = learn->unjudged.total };
	struct policy_draft draft = { .name = learn->path };
	int r = draft_write(&learn->proposals, &learn->sightings, &summary, learn->number, &learn->text,
			    &learn->length);

	if (r < 0)
		return r;
	draft.text = learn->text;
	draft.length = learn->length;
	r = verify_draft(learn->args->policy, &learn->options, &draft, &learn->sightings, &learn->proposals);
	if (r == -EINVAL)
		fprintf(stderr, "policyctl: the proposal does not hold, so nothing is written\n");
	return r;
}

/* A file that is not there yet: all lines are new. */
static void show_diff(const struct learn *learn)
{
	size_t lines = 0;

	for (size_t i = 0; i < learn->length; i++)
		lines += learn->text[i] == '\n';
	printf("--- /dev/null\n+++ %s\n@@ -0,0 +1,%zu @@\n", learn->path, lines);
	for (const char *line = learn->text; *line; line = strchr(line, '\n') + 1)
		printf("+%.*s\n", (int)(strchr(line, '\n') - line), line);
}

static void show_unjudged(const struct learn *learn)
{
	if (learn->unjudged.count == 0)
		return;
	fprintf(stderr, "policyctl: %llu of %llu decisions could not be judged\n", learn->unjudged.total,
		learn->decisions);
	unjudged_show(&learn->unjudged, stderr);
}

/* Returns an enum exit_code. */
static int run(struct learn *learn)
{
	int r = load_policy(learn);

	if (r == 0)
		r = sensitive_load(&learn->sensitive);
	if (r < 0)
		return EXIT_REFUSED;
	learn->sightings.policy = learn->policy;
	learn->sightings.image = learn->image;
	learn->sightings.sensitive = learn->sensitive;
	r = read_records(learn);
	if (r != EXIT_FINE)
		return r;
	show_unjudged(learn);
	r = propose(learn);
	if (r == 0 && learn->args->given & ARGS_INTERACTIVE)
		r = learn_review(&learn->proposals, &learn->sightings);
	if (r == 0)
		r = write_and_verify(learn);
	if (r < 0) {
		/* What is wrong with the input was told. */
		if (r != -EINVAL)
			fprintf(stderr, "policyctl: cannot learn: %s\n", strerror(-r));
		return EXIT_REFUSED;
	}
	if (learn->args->given & ARGS_DIFF)
		show_diff(learn);
	else
		(void)fwrite(learn->text, 1, learn->length, stdout);
	return EXIT_FINE;
}

int learn_run(const struct args *args)
{
	_cleanup_(learn_done) struct learn learn = { .args = args, .options = { .root = args->root } };
	bool has_stdin = false;

	for (int i = 0; i < args->operand_count; i++)
		has_stdin |= strcmp(args->operands[i], "-") == 0;
	if (has_stdin && args->given & ARGS_INTERACTIVE) {
		fprintf(stderr, "policyctl: --interactive reads keys from stdin, so no log can be '-'\n");
		return EXIT_REFUSED;
	}
	if (filter_from_args(args, &learn.filter) < 0)
		return EXIT_REFUSED;
	return run(&learn);
}
