/* SPDX-License-Identifier: GPL-2.0-only */
/* apply.c - a policy compiled aside is made live in one step. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "apply.h"
#include "compile.h"
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

/* A new generation, whose rules records will be read by. */
static int candidate_identify(struct candidate *candidate)
{
	int r = image_set_id(candidate->image);

	return r < 0 ? r : generation_from_image(candidate->image, &candidate->generation);
}

int candidate_load(const struct candidate_source *source, FILE *out, struct candidate *ret_candidate)
{
	_cleanup_(candidate_done) struct candidate candidate = {};
	int r = compile_apart(source, out, &candidate);

	if (r >= 0)
		r = candidate_identify(&candidate);
	if (r >= 0 || compile_compared(r)) {
		*ret_candidate = candidate;
		candidate = (struct candidate){};
	}
	return r;
}

int candidate_from_image(const struct pc_image_header *header, struct candidate *ret_candidate)
{
	_cleanup_(candidate_done) struct candidate candidate = { .watched = { .fd = -1 } };
	int r = image_allocate(header->size, &candidate.image);

	if (r < 0)
		return r;
	memcpy(candidate.image->words, header, header->size);
	r = candidate_identify(&candidate);
	if (r < 0)
		return r;
	*ret_candidate = candidate;
	candidate = (struct candidate){};
	return 0;
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
