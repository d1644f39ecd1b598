/* SPDX-License-Identifier: GPL-2.0-only */
/* protected.c - rules that nobody wrote: what a policy is made of is not for others to write. */
#include "protected.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "links.h"
#include "ownership.h"
#include "sources.h"

/* A link of the kernel's, which is no name of what it leads to. */
#define OWN_PROGRAM "/proc/self/exe"

/* As a rule has to name it: what is there by its folder's canonical name and its own, or NULL and errno. */
static char *name_of(const char *path)
{
	_cleanup_free_ char *text = strdup(path), *folder = NULL;
	char *name = NULL, *end;

	if (!text)
		return NULL;
	if (strcmp(text, OWN_PROGRAM) == 0)
		return realpath(text, NULL);
	for (end = text + strlen(text); end > text + 1 && end[-1] == '/'; end--)
		end[-1] = '\0';
	end = strrchr(text, '/');
	if (strcmp(end ? end + 1 : text, ".") == 0 || strcmp(end ? end + 1 : text, "..") == 0)
		return realpath(text, NULL);
	if (end)
		*end = '\0';
	folder = realpath(!end ? "." : end == text ? "/" : text, NULL);
	if (!folder || asprintf(&name, "%s/%s", folder[1] ? folder : "", end ? end + 1 : text) < 0)
		return NULL;
	return name;
}

/* A file, or a folder with all that is in it. Where a link leads is protected, too: see links.h. */
static int print_rule(FILE *out, const char *path, bool is_folder)
{
	_cleanup_free_ char *name = name_of(path), *glob = name ? glob_quote(name) : NULL;
	struct stat st;

	/* It lies where nothing is, so there is nothing to protect. */
	if (!glob)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	fprintf(out, "deny.write = %s\n", glob);
	if (is_folder || (stat(name, &st) == 0 && S_ISDIR(st.st_mode)))
		fprintf(out, "deny.write = %s/**\n", glob);
	return 0;
}

static int print_rules(FILE *out, const struct policy *policy, const char *const *others)
{
	_cleanup_free_ char *drop_ins = source_beside(policy->files[0], SOURCES_DROP_INS);
	int r = drop_ins ? print_rule(out, drop_ins, true) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < policy->file_count; i++)
		r = print_rule(out, policy->files[i], false);
	for (; r == 0 && *others; others++)
		r = print_rule(out, *others, false);
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
