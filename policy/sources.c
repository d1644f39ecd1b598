/* SPDX-License-Identifier: GPL-2.0-only */
/* sources.c - which files a policy is made of, and reads them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ownership.h"
#include "sources.h"
#include "trust.h"

/* A feed of a million addresses has 20 MiB; a larger file was named by mistake. */
#define SOURCE_MAX (64U << 20)

static bool is_drop_in(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && !strcmp(name + len - 4, ".ini");
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int paths_add(char ***paths, size_t *count, char *path)
{
	char **grown = path ? array_grow(*paths, *count, sizeof(path)) : NULL;

	if (!grown) {
		free(path);
		return -ENOMEM;
	}
	*paths = grown;
	grown[(*count)++] = path;
	return 0;
}

char **sources_free(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
	return NULL;
}

char *source_beside(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	char *path;

	if (name[0] == '/' || !slash)
		return strdup(name);
	if (asprintf(&path, "%.*s%s", (int)(slash - file) + 1, file, name) < 0)
		return NULL;
	return path;
}

static char *find_main_file(const char *path)
{
	size_t len = strlen(path);
	struct stat st;
	char *file;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return strdup(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (asprintf(&file, "%.*s%spolicy.ini", (int)len, path, path[len - 1] == '/' ? "" : "/") < 0)
		return NULL;
	return file;
}

/* Adds the drop-ins in `directory` to the paths, in byte order. */
static int add_drop_ins(const char *directory, struct diags *d, char ***paths, size_t *count)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	struct loc loc = { .file = directory };
	size_t first = *count;
	struct dirent *entry;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir) {
		diag_add(d, &loc, DIAG_ERROR, "cannot read the directory: %s", strerror(errno));
		return -EINVAL;
	}
	while ((entry = readdir(dir))) {
		char *path;
		int r;

		if (!is_drop_in(entry->d_name))
			continue;
		if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
			return -ENOMEM;
		r = paths_add(paths, count, path);
		if (r < 0)
			return r;
	}
	if (*count > first)
		qsort(*paths + first, *count - first, sizeof(**paths), compare_paths);
	return 0;
}

int sources_find(const char *path, bool must_be_trusted, struct diags *d, char ***ret_paths,
		 size_t *ret_count)
{
	_cleanup_free_ char *directory = NULL;
	char *file = find_main_file(path);
	char **paths = NULL;
	size_t count = 0;
	struct loc loc;
	int r;

	r = paths_add(&paths, &count, file);
	if (r < 0)
		return r;
	directory = source_beside(file, SOURCES_DROP_INS);
	loc = (struct loc){ .file = directory };
	r = directory ? 0 : -ENOMEM;
	if (r == 0 && must_be_trusted && access(directory, F_OK) == 0)
		r = trust_directory(directory, d, &loc);
	if (r == 0)
		r = add_drop_ins(directory, d, &paths, &count);
	if (r < 0 && r != -EINVAL) {
		sources_free(paths, count);
		return r;
	}
	*ret_paths = paths;
	*ret_count = count;
	return 0;
}

/* Opens a regular file; a FIFO or device must not hang or move anything. */
static int source_open(const char *path, bool must_be_trusted, struct diags *d, const struct loc *loc)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (must_be_trusted ? O_NOFOLLOW : 0);
	_cleanup_close_ int fd = open(path, flags);
	struct stat st;

	if (fd < 0 && errno == ELOOP && must_be_trusted) {
		diag_add(d, loc, DIAG_ERROR, "'%s' is a symbolic link; name the file that it leads to", path);
		return -EINVAL;
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		diag_add(d, loc, DIAG_ERROR, "cannot read '%s': %s", path, strerror(errno));
		return -EINVAL;
	}
	if (!S_ISREG(st.st_mode)) {
		diag_add(d, loc, DIAG_ERROR, "'%s' is not a regular file", path);
		return -EINVAL;
	}
	if (st.st_size > SOURCE_MAX) {
		diag_add(d, loc, DIAG_ERROR, "'%s' has %lld bytes, %u are allowed", path,
			 (long long)st.st_size, SOURCE_MAX);
		return -EINVAL;
	}
	return take_fd(&fd);
}

/* All that `fd` holds, however its size changes meanwhile. */
static int read_whole(int fd, char **ret_text, size_t *ret_length)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0, room = 0;
	ssize_t got;

	do {
		if (length + 1 >= room) {
			char *grown;

			room = room ? 2 * room : 65536;
			grown = realloc(text, room);
			if (!grown)
				return -ENOMEM;
			text = grown;
		}
		got = read(fd, text + length, room - length - 1);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			length += (size_t)got;
	} while (got != 0 && length <= SOURCE_MAX);
	if (length > SOURCE_MAX)
		return -EFBIG;
	text[length] = '\0';
	*ret_text = take_ptr(text);
	*ret_length = length;
	return 0;
}

int source_read(const char *path, bool must_be_trusted, struct diags *d, const struct loc *loc,
		char **ret_text, size_t *ret_length)
{
	_cleanup_close_ int fd = source_open(path, must_be_trusted, d, loc);
	int r;

	if (fd < 0)
		return fd;
	if (must_be_trusted) {
		r = trust_file(path, fd, d, loc);
		if (r < 0)
			return r;
	}
	r = read_whole(fd, ret_text, ret_length);
	if (r == -ENOMEM || r == 0)
		return r;
	diag_add(d, loc, DIAG_ERROR, "cannot read '%s': %s", path, strerror(-r));
	return -EINVAL;
}
