/* SPDX-License-Identifier: GPL-2.0-only */
/* crossing.c - warns of patterns whose wildcards lead on through links only: no file has such a name. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "crossing.h"
#include "ownership.h"
#include "pattern.h"

/* Directories with more names are not read to their end: some of them are no links. */
#define NAMES_MAX 10000

void crossing_done(struct crossing *crossing)
{
	free(crossing->head);
	free(crossing->first_link);
}

/*
 * Where the first name with a wildcard begins (its slash) and ends; false: there is none, it is `**`, or no
 * name follows.
 */
static bool find_wild_name(const char *glob, size_t *ret_slash, size_t *ret_end)
{
	bool is_wild = false;
	size_t slash = 0;

	for (size_t i = 1; glob[i]; i++) {
		if (glob[i] == '\\' && glob[i + 1]) {
			i++;
		} else if (glob[i] == '/' && is_wild) {
			*ret_slash = slash;
			*ret_end = i;
			return strncmp(glob + slash, "/**/", 4) != 0;
		} else if (glob[i] == '/') {
			slash = i;
		} else {
			is_wild |= strchr("*?[", glob[i]) != NULL;
		}
	}
	return false;
}

static bool is_link(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_LNK;
	return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* A name that the pattern matches, all such names being links; empty: none. */
static void find_link(DIR *dir, const struct pattern *pattern, char *name, size_t size)
{
	struct dirent *entry;

	*name = '\0';
	for (size_t i = 0; (entry = readdir(dir)); i++) {
		char path[1 + sizeof(entry->d_name)];
		int len = snprintf(path, sizeof(path), "/%s", entry->d_name);

		if (!strcmp(path, "/.") || !strcmp(path, "/.."))
			continue;
		if (i < NAMES_MAX && !pattern_matches(pattern, path, (size_t)len))
			continue;
		if (i == NAMES_MAX || !is_link(dir, entry)) {
			*name = '\0';
			return;
		}
		if (!*name || strcmp(path, name) < 0)
			(void)snprintf(name, size, "%s", path);
	}
}

/* The names in `directory` that `wild`, a slash and one name, stands for. */
static int look_into(struct crossing *crossing, const char *directory, const char *wild)
{
	_cleanup_(patterns_freep) struct patterns *patterns = NULL;
	_cleanup_(place_done) struct place place = {};
	_cleanup_closedir_ DIR *dir = NULL;
	struct diags none = {};
	char name[512];
	int r;

	r = places_find(crossing->places, directory, &place);
	if (r == 0)
		r = pattern_parse(wild, PATTERN_PATH, &none, NULL, &patterns);
	diags_done(&none);
	if (r < 0)
		return r;
	dir = places_list(crossing->places, &place);
	if (!dir)
		return 0;
	find_link(dir, &patterns->list[0], name, sizeof(name));
	if (*name && asprintf(&crossing->first_link, "%s%s", place.name[1] ? place.name : "", name) < 0) {
		crossing->first_link = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* What `head`, a glob whose last name alone has wildcards, matches. */
static int look_at(struct crossing *crossing, const char *head, size_t slash)
{
	_cleanup_free_ char *fixed = strndup(head, slash ? slash : 1), *directory = NULL;
	size_t length;
	int r;

	if (crossing->head && !strcmp(crossing->head, head))
		return 0;
	crossing_done(crossing);
	crossing->first_link = NULL;
	crossing->head = strdup(head);
	if (!crossing->head || !fixed)
		return -ENOMEM;
	r = pattern_literal(fixed, PATTERN_PATH, &directory, &length);
	return r > 0 ? look_into(crossing, directory, head + slash) : r;
}

int crossing_warn(struct crossing *crossing, const char *glob, const struct loc *loc)
{
	_cleanup_(place_done) struct place target = {};
	_cleanup_free_ char *head = NULL;
	size_t slash, end;
	int r;

	if (!find_wild_name(glob, &slash, &end))
		return 0;
	head = strndup(glob, end);
	if (!head)
		return -ENOMEM;
	r = look_at(crossing, head, slash);
	if (r < 0 || !crossing->first_link)
		return r;
	r = places_find(crossing->places, crossing->first_link, &target);
	if (r < 0)
		return r;
	diag_add(
		crossing->d, loc, DIAG_WARNING,
		"'%s' matches links only, such as '%s', and no file has a name through a link; write where it leads: '%s'",
		head, crossing->first_link, target.name);
	return 0;
}
