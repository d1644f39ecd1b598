/* SPDX-License-Identifier: GPL-2.0-only */
/* trust.c - whether anybody but root could change what a file says. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ownership.h"
#include "trust.h"

#define WRITABLE_BY_OTHERS (S_IWGRP | S_IWOTH)

static int trust_stat(const char *path, const struct stat *st, mode_t forbidden, struct diags *d,
		      const struct loc *loc)
{
	const char *kind = S_ISDIR(st->st_mode) ? "directory" : "file";

	if (st->st_uid != 0) {
		diag_add(d, loc, DIAG_ERROR, "%s '%s' belongs to user %u, not to root; run: chown root %s",
			 kind, path, st->st_uid, path);
		return -EINVAL;
	}
	if (st->st_mode & forbidden) {
		diag_add(d, loc, DIAG_ERROR,
			 "%s '%s' can be written by others than root (mode %04o); run: chmod go-w %s", kind,
			 path, st->st_mode & 07777, path);
		return -EINVAL;
	}
	return 0;
}

static int trust_one(const char *path, struct diags *d, const struct loc *loc)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		diag_add(d, loc, DIAG_ERROR, "cannot look at '%s': %s", path, strerror(errno));
		return -EINVAL;
	}
	return trust_stat(path, &st, st.st_mode & S_ISVTX ? 0 : WRITABLE_BY_OTHERS, d, loc);
}

/* Every directory on the way to `path`, `path` not included. */
static int trust_way(const char *path, struct diags *d, const struct loc *loc)
{
	char prefix[PATH_MAX];
	int r;

	r = trust_one(path[0] == '/' ? "/" : ".", d, loc);
	for (size_t i = 1; r == 0 && path[i] && i < sizeof(prefix); i++) {
		if (path[i] != '/' || path[i - 1] == '/')
			continue;
		memcpy(prefix, path, i);
		prefix[i] = '\0';
		r = trust_one(prefix, d, loc);
	}
	return r;
}

static int trust_ways(const char *path, struct diags *d, const struct loc *loc)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	int r;

	if (!real) {
		diag_add(d, loc, DIAG_ERROR, "cannot look at '%s': %s", path, strerror(errno));
		return -EINVAL;
	}
	r = trust_way(path, d, loc);
	return r < 0 ? r : trust_way(real, d, loc);
}

int trust_file(const char *path, int fd, struct diags *d, const struct loc *loc)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0) {
		diag_add(d, loc, DIAG_ERROR, "cannot look at '%s': %s", path, strerror(errno));
		return -EINVAL;
	}
	r = trust_stat(path, &st, WRITABLE_BY_OTHERS, d, loc);
	return r < 0 ? r : trust_ways(path, d, loc);
}

int trust_directory(const char *path, struct diags *d, const struct loc *loc)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		diag_add(d, loc, DIAG_ERROR, "cannot look at '%s': %s", path, strerror(errno));
		return -EINVAL;
	}
	if (S_ISLNK(st.st_mode)) {
		diag_add(d, loc, DIAG_ERROR, "'%s' is a symbolic link; make it a directory", path);
		return -EINVAL;
	}
	return trust_stat(path, &st, WRITABLE_BY_OTHERS, d, loc);
}
