/* SPDX-License-Identifier: GPL-2.0-only */
/* image_seed.c - compiles policies into images that fuzz_image starts from: 'image_seed FOLDER POLICY…'. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"

/* A corpus of large images makes every run slow; the small ones have all the parts. */
#define SEED_SIZE_MAX (32 * 1024)

static int write_image(const char *folder, int number, const struct image *image)
{
	char path[PATH_MAX];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%05d.image", folder, number);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	n = fwrite(image->words, 1, image->size, file);
	return fclose(file) || n != image->size ? -EIO : 0;
}

/* A policy that is refused is no seed: not an error. */
static int seed(const char *folder, int number, const char *path)
{
	static char text[1 << 20];
	const struct policy_options options = { .is_offline = true };
	struct policy *policy = NULL;
	struct image *image = NULL;
	struct diags diags = {};
	FILE *file = fopen(path, "re");
	size_t length;
	int r = 0;

	if (!file)
		return -errno;
	length = fread(text, 1, sizeof(text), file);
	(void)fclose(file);
	if (!policy_parse(path, text, length, &options, &diags, &policy) &&
	    !image_compile(policy, &diags, &image) && image->size <= SEED_SIZE_MAX)
		r = write_image(folder, number, image);
	diags_done(&diags);
	image_free(image);
	policy_free(policy);
	return r;
}

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		int r = seed(argv[1], i, argv[i]);

		if (r < 0) {
			fprintf(stderr, "cannot make a seed of %s: %s\n", argv[i], strerror(-r));
			return 1;
		}
	}
	return 0;
}
