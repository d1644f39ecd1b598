/* SPDX-License-Identifier: GPL-2.0-only */
/* account.c - users and groups by name or number. */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "ownership.h"
#include "suggest.h"

/* Of the names in a file those that a suggestion is looked for among. */
#define NAMES_MAX 500

static const struct {
	const char *what;
	const char *file;
} accounts[] = {
	[ACCOUNT_USER] = { "user", "etc/passwd" },
	[ACCOUNT_GROUP] = { "group", "etc/group" },
};

struct search {
	const char *wanted;
	char *names[NAMES_MAX + 1]; /* owned: those that are not it */
	size_t count;
	bool is_found;
	__u32 number;
};

static void search_done(struct search *search)
{
	for (size_t i = 0; i < search->count; i++)
		free(search->names[i]);
}

static int search_take(struct search *search, const char *name, __u32 number)
{
	if (!strcmp(name, search->wanted)) {
		search->is_found = true;
		search->number = number;
	} else if (search->count < NAMES_MAX) {
		search->names[search->count] = strdup(name);
		if (!search->names[search->count])
			return -ENOMEM;
		search->count++;
	}
	return 0;
}

static int search_file(struct search *search, enum account account, FILE *file)
{
	const struct passwd *user;
	const struct group *group;
	int r = 0;

	while (r == 0 && !search->is_found) {
		if (account == ACCOUNT_USER) {
			user = fgetpwent(file);
			if (!user)
				break;
			r = search_take(search, user->pw_name, user->pw_uid);
		} else {
			group = fgetgrent(file);
			if (!group)
				break;
			r = search_take(search, group->gr_name, group->gr_gid);
		}
	}
	return r;
}

/* All of the text is a number; it may be one that no account has. */
static bool is_number(const char *text, __u32 *ret_number)
{
	unsigned long long number = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || number > UINT32_MAX)
			return false;
		number = 10 * number + (unsigned long long)(*p - '0');
	}
	*ret_number = (__u32)number;
	/* The last one stands for "no change" in system calls. */
	return number < UINT32_MAX;
}

int account_parse(enum account account, const char *text, const struct policy_options *options, struct diags *d,
		  const struct loc *loc, __u32 *ret_number)
{
	_cleanup_(search_done) struct search search = { .wanted = text };
	_cleanup_free_ char *path = NULL;
	FILE *file;
	int r;

	if (is_number(text, ret_number))
		return 0;
	if (options->is_offline) {
		diag_add(d, loc, DIAG_ERROR, "names of accounts are not looked up offline: '%s'; write its number", text);
		return -EINVAL;
	}
	if (asprintf(&path, "%s/%s", options->root && strcmp(options->root, "/") ? options->root : "",
		     accounts[account].file) < 0)
		return -ENOMEM;
	file = fopen(path, "re");
	if (!file) {
		diag_add(d, loc, DIAG_ERROR, "cannot read %s to find %s '%s': %s; write its number", path,
			 accounts[account].what, text, strerror(errno));
		return -EINVAL;
	}
	r = search_file(&search, account, file);
	(void)fclose(file);
	if (r < 0)
		return r;
	if (!search.is_found) {
		const char *nearest = suggest_nearest(text, (const char *const *)search.names);

		diag_add(d, loc, DIAG_ERROR, "unknown %s '%s': not in %s%s%s%s; a number does without",
			 accounts[account].what, text, path, nearest ? "; did you mean '" : "", nearest ?: "",
			 nearest ? "'?" : "");
		return -EINVAL;
	}
	*ret_number = search.number;
	return 0;
}
