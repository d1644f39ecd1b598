/* SPDX-License-Identifier: GPL-2.0-only */
/* protected.c - rules that nobody wrote: what a policy is made of is not for others to write. */
#include "protected.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "links.h"
#include "ownership.h"
#include "sources.h"

/* As a rule has to name it; a list may be named from the policy's folder, by "..". NULL and errno. */
static char *name_of(const char *path)
{
	bool is_plain = *path == '/' && !strstr(path, "/./") && !strstr(path, "/../") && !strstr(path, "//");

	return is_plain ? strdup(path) : realpath(path, NULL);
}

/* A folder with all that is in it. Where a link leads is protected, too: see links.h. */
static int print_rule(FILE *out, const char *path)
{
	_cleanup_free_ char *absolute = name_of(path), *glob = NULL;
	struct stat st;

	if (absolute)
		glob = glob_quote(absolute);
	if (!glob)
		return -errno;
	fprintf(out, "deny.write = %s\n", glob);
	if (stat(absolute, &st) == 0 && S_ISDIR(st.st_mode))
		fprintf(out, "deny.write = %s/**\n", glob);
	return 0;
}

static int print_rules(FILE *out, const struct policy *policy, const char *const *others)
{
	_cleanup_free_ char *drop_ins = source_beside(policy->files[0], SOURCES_DROP_INS);
	int r = drop_ins ? 0 : -ENOMEM;

	if (r == 0 && access(drop_ins, F_OK) == 0)
		r = print_rule(out, drop_ins);

	for (size_t i = 0; r == 0 && i < policy->file_count; i++)
		r = print_rule(out, policy->files[i]);
	for (; r == 0 && *others; others++)
		r = print_rule(out, *others);
	return r;
}

int protected_rules(const struct policy *policy, const char *const *others, char **ret_text, size_t *ret_length)
{
	FILE *out = open_memstream(ret_text, ret_length);
	int r;

	if (!out)
		return -ENOMEM;
	fprintf(out, "[open]\n");
	r = print_rules(out, policy, others);
	if (fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0) {
		free(*ret_text);
		*ret_text = NULL;
	}
	return r;
}
