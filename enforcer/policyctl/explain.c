/* SPDX-License-Identifier: GPL-2.0-only */
/* explain.c - `policyctl explain`: the verdict about an object, and why. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explain.h"
#include "explain_output.h"
#include "inquiry.h"
#include "ownership.h"
#include "profile.h"
#include "suggest.h"
#include "verbs.h"

struct subject {
	struct policy *policy;
	struct image *image;
	struct inquiry inquiry;
	struct explanation explanation; /* of the question whose answer is the strictest */
	const char *profile;		/* behind `as`; NULL: none */
};

static void subject_done(struct subject *subject)
{
	explanation_done(&subject->explanation);
	inquiry_done(&subject->inquiry);
	(void)image_free(subject->image);
	(void)policy_free(subject->policy);
}

static int compile(const struct args *args, struct subject *subject, struct diags *d)
{
	struct policy_options options = { .root = args->root };
	int r;

	r = policy_load(args->policy, &options, d, &subject->policy);
	if (r < 0)
		return r;
	return image_compile(subject->policy, d, &subject->image);
}

/* Takes "as PROFILE" off the end; the number of words that are left. */
static int take_profile(const struct args *args, struct subject *subject)
{
	int count = args->operand_count;

	if (count < 4 || strcmp(args->operands[count - 2], "as"))
		return count;
	subject->profile = args->operands[count - 1];
	return count - 2;
}

static int find_profile(struct subject *subject, struct diags *d)
{
	static const struct loc here = { .file = "policyctl" };
	const struct profile *profile;
	const char **known;
	size_t count = 0;

	if (!subject->profile)
		return 0;
	profile = policy_profile(subject->policy, subject->profile);
	for (size_t i = 0; profile && i < subject->inquiry.count; i++)
		subject->inquiry.questions[i].profile = (size_t)(profile - subject->policy->profiles) + 1;
	if (profile)
		return 0;
	known = calloc(subject->policy->profile_count + 1, sizeof(*known));
	for (; known && count < subject->policy->profile_count; count++)
		known[count] = subject->policy->profiles[count].name;
	diag_add(d, &here, DIAG_ERROR, "there is no [profile %s]%s", subject->profile,
		 known ? suggest(subject->profile, known).text : "");
	free(known);
	return -EINVAL;
}

static int ask(struct subject *subject)
{
	for (size_t i = 0; i < subject->inquiry.count; i++) {
		struct explanation explanation = {};
		int r = policy_explain(subject->policy, subject->image, &subject->inquiry.questions[i], &explanation);

		if (r < 0)
			return r;
		if (i > 0 && explanation.verdict >= subject->explanation.verdict) {
			explanation_done(&explanation);
			continue;
		}
		explanation_done(&subject->explanation);
		subject->explanation = explanation;
	}
	return 0;
}

/* Of a policy that is wrong all errors are shown; of one that is fine, nothing: that is what check is for. */
static int prepare(const struct args *args, struct subject *subject)
{
	struct policy_options options = { .root = args->root };
	struct diags d = {};
	int r;

	r = inquiry_parse(args->operands, take_profile(args, subject), &options, &d, &subject->inquiry);
	if (r == 0)
		r = compile(args, subject, &d);
	if (r == 0)
		r = find_profile(subject, &d);
	if (r == 0)
		r = ask(subject);
	if (r < 0) {
		diags_sort(&d);
		diags_print(&d, stderr);
		if (d.errors == 0)
			fprintf(stderr, "policyctl: cannot explain by %s: %s\n", args->policy, strerror(-r));
		if (!(args->given & ARGS_POLICY) && access(args->policy, R_OK) < 0)
			fprintf(stderr, "policyctl: %s is the policy if no other is named by --policy FILE\n", args->policy);
	}
	diags_done(&d);
	return r;
}

int explain_run(const struct args *args)
{
	_cleanup_(subject_done) struct subject subject = {};
	struct explain_view view;

	if (prepare(args, &subject) < 0)
		return EXIT_REFUSED;
	view = (struct explain_view){
		.policy = subject.policy,
		.explanation = &subject.explanation,
		.typed = args->operands[1],
		.judged = subject.inquiry.shown,
		.note = subject.inquiry.note,
		.profile = subject.profile,
		.section = subject.inquiry.section,
		.access = subject.inquiry.questions[0].access,
	};
	if (args->given & ARGS_JSON)
		explain_show_json(&view);
	else
		explain_show(&view);
	return subject.explanation.verdict == PC_DENY ? EXIT_REFUSED : EXIT_FINE;
}
