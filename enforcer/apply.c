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

static int compile(const char *path, struct diags *d, struct image **ret_image)
{
	static const struct policy_options options = { .must_be_trusted = true };
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(image_freep) struct image *image = NULL;
	int r;

	r = policy_load(path, &options, d, &policy);
	if (r < 0)
		return r;
	r = image_compile(policy, d, &image);
	if (r < 0)
		return r;
	r = policy_check_expectations(policy, image, d);
	if (r < 0)
		return r;
	*ret_image = take_ptr(image);
	return 0;
}

int candidate_load(const char *path, FILE *out, struct candidate *ret_candidate)
{
	_cleanup_(image_freep) struct image *image = NULL;
	struct generation *generation = NULL;
	struct diags d = {};
	int r;

	r = compile(path, &d, &image);
	diags_sort(&d);
	diags_print(&d, out);
	/* A bad policy has told it all line by line; anything else is told here, where the errno is known. */
	if (r < 0 && d.errors == 0)
		fprintf(out, "%s: error: cannot load: %s\n", path, strerror(-r));
	diags_done(&d);
	if (r < 0)
		return r;
	r = image_set_id(image);
	if (r < 0)
		return r;
	r = generation_from_image(image, &generation);
	if (r < 0)
		return r;
	ret_candidate->image = take_ptr(image);
	ret_candidate->generation = generation;
	return 0;
}

void candidate_done(struct candidate *candidate)
{
	candidate->image = image_free(candidate->image);
	candidate->generation = generation_free(candidate->generation);
}

int candidate_apply(struct candidate *candidate, struct kernel *kernel, struct generations *all, FILE *out)
{
	char why[512] = "";
	int r;

	r = kernel_apply(kernel, candidate->image->words, candidate->image->size, why, sizeof(why));
	if (r < 0) {
		fprintf(out, "the kernel did not take the policy: %s\n", why[0] ? why : strerror(-r));
		return r;
	}
	generations_add(all, take_ptr(candidate->generation));
	candidate->image = image_free(candidate->image);
	return 0;
}
