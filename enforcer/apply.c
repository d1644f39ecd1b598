/* SPDX-License-Identifier: GPL-2.0-only */
/* apply.c - compiles a policy aside, makes it live in one step. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "apply.h"
#include "image.h"
#include "ownership.h"

static int image_set_id(struct image *image)
{
	struct pc_image_header *header = (struct pc_image_header *)image->words;
	__u64 id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			return -errno;
	header->id = id;
	return 0;
}

/* −EALREADY or −ESTALE: see candidate_load(). */
static int compare_marks(const struct policy_marks *known, const struct policy_marks *marks)
{
	if (!known)
		return 0;
	if (known->names == marks->names)
		return -EALREADY;
	return known->text == marks->text ? 0 : -ESTALE;
}

static int compile(const char *path, const struct policy_marks *known, struct diags *d, struct candidate *candidate)
{
	static const struct policy_options options = { .must_be_trusted = true };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	int r;

	r = policy_load(path, &options, d, &policy);
	if (r < 0)
		return r;
	watched_open(&policy->links, &candidate->watched);
	candidate->marks = policy->marks;
	r = compare_marks(known, &policy->marks);
	if (r < 0)
		return r;
	r = image_compile(policy, d, &candidate->image);
	if (r < 0)
		return r;
	return policy_check_expectations(policy, candidate->image, d);
}

static bool is_compared(int r)
{
	return r == -EALREADY || r == -ESTALE;
}

int candidate_load(const char *path, const struct policy_marks *known, FILE *out, struct candidate *ret_candidate)
{
	_cleanup_(candidate_done) struct candidate candidate = {};
	struct diags d = {};
	int r;

	r = compile(path, known, &d, &candidate);
	diags_sort(&d);
	if (!is_compared(r))
		diags_print(&d, out);
	/* A bad policy has told it all line by line; anything else is told here, where the errno is known. */
	if (r < 0 && d.errors == 0 && !is_compared(r))
		fprintf(out, "%s: error: cannot load: %s\n", path, strerror(-r));
	diags_done(&d);
	if (r >= 0)
		r = image_set_id(candidate.image);
	if (r >= 0)
		r = generation_from_image(candidate.image, &candidate.generation);
	if (r >= 0 || is_compared(r)) {
		*ret_candidate = candidate;
		candidate = (struct candidate){};
	}
	return r;
}

void candidate_done(struct candidate *candidate)
{
	candidate->prepared = kernel_image_free(candidate->prepared);
	candidate->image = image_free(candidate->image);
	candidate->generation = generation_free(candidate->generation);
	watched_done(&candidate->watched);
}

static int tell_kernel_error(int error, const char *why, FILE *out)
{
	fprintf(out, "the kernel did not take the policy: %s\n", why[0] ? why : strerror(-error));
	return error;
}

int candidate_prepare(struct candidate *candidate, struct kernel *kernel, FILE *out)
{
	const struct image *image = candidate->image;
	char why[512] = "";
	int r;

	r = kernel_prepare(kernel, image->words, image->size, &candidate->prepared, why, sizeof(why));
	if (r < 0)
		return tell_kernel_error(r, why, out);
	candidate->image = image_free(candidate->image);
	return 0;
}

int candidate_apply(struct candidate *candidate, struct kernel *kernel, struct generations *all, FILE *out)
{
	char why[512] = "";
	int r;

	r = kernel_apply(kernel, candidate->prepared, why, sizeof(why));
	if (r < 0)
		return tell_kernel_error(r, why, out);
	candidate->prepared = NULL;
	generations_add(all, take_ptr(candidate->generation));
	return 0;
}
