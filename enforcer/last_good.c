/* SPDX-License-Identifier: GPL-2.0-only */
/* last_good.c - the last policy that was loaded and not taken back, as text. */
#include "last_good.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "ownership.h"
#include "print.h"
#include "text/atomic_file.h"

#define NEXT_FILE "next.ini"
#define TRIAL_FILE "trial.ini"
#define UNCONFIRMED_FILE "unconfirmed"

static const char *path_of(const char *dir, const char *name, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%s/%s", dir, name);
	return path;
}

void last_good_write(const char *dir, const struct policy *policy, FILE *out)
{
	_cleanup_(atomic_file_done) struct atomic_file file = {};
	char path[PATH_MAX];
	int r = atomic_file_open(path_of(dir, NEXT_FILE, path), &file);

	if (r >= 0) {
		policy_print(policy, file.out);
		r = atomic_file_commit(&file);
	}
	if (r < 0)
		fprintf(out, "warning: %s cannot be written: %s: a start that can't load the policy will not find this one\n", path,
			strerror(-r));
}

void last_good_prepare(const char *dir)
{
	if (dir && mkdir(dir, 0700) < 0 && errno != EEXIST)
		log_error_errno(-errno, "cannot make %s, where the last good policy is to be kept", dir);
}

static void forget_unconfirmed(const char *dir)
{
	char path[PATH_MAX];

	if (unlink(path_of(dir, UNCONFIRMED_FILE, path)) < 0 && errno != ENOENT)
		log_error_errno(-errno, "cannot remove %s: the policy may be taken for one that was not confirmed", path);
}

static void take_place(const char *dir, const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];

	if (rename(path_of(dir, from, old), path_of(dir, to, new)) < 0)
		log_error_errno(-errno, "cannot keep the policy as %s", new);
}

void last_good_keep(const char *dir)
{
	if (!dir)
		return;
	take_place(dir, NEXT_FILE, LAST_GOOD_FILE);
	forget_unconfirmed(dir);
}

void last_good_confirm(const char *dir)
{
	if (!dir)
		return;
	take_place(dir, TRIAL_FILE, LAST_GOOD_FILE);
	forget_unconfirmed(dir);
}

void last_good_try(const char *dir, const struct policy_marks *marks)
{
	_cleanup_(atomic_file_done) struct atomic_file file = {};
	char path[PATH_MAX];
	int r;

	if (!dir)
		return;
	take_place(dir, NEXT_FILE, TRIAL_FILE);
	r = atomic_file_open(path_of(dir, UNCONFIRMED_FILE, path), &file);
	if (r >= 0) {
		fprintf(file.out, "%016llx\n", (unsigned long long)marks->text);
		r = atomic_file_commit(&file);
	}
	if (r < 0)
		log_error_errno(r, "cannot write %s: a start during the trial would load the policy that is on trial", path);
}

void last_good_drop(const char *dir)
{
	char path[PATH_MAX];

	if (dir && unlink(path_of(dir, TRIAL_FILE, path)) < 0 && errno != ENOENT)
		log_error_errno(-errno, "cannot remove %s", path);
}

bool last_good_is_unconfirmed(const char *dir, const struct policy_marks *marks)
{
	char path[PATH_MAX];
	FILE *file = dir ? fopen(path_of(dir, UNCONFIRMED_FILE, path), "re") : NULL;
	unsigned long long mark = 0;
	bool is_read;

	if (!file)
		return false;
	is_read = fscanf(file, "%16llx", &mark) == 1;
	(void)fclose(file);
	return is_read && mark == marks->text;
}

char *last_good_path(const char *dir)
{
	char path[PATH_MAX];

	if (!dir || access(path_of(dir, LAST_GOOD_FILE, path), F_OK) < 0)
		return NULL;
	return strdup(path);
}
