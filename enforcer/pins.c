/* SPDX-License-Identifier: GPL-2.0-only */
/* pins.c - the folder of a BPF file system that holds what outlives the daemon. */
#include "pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/membarrier.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ownership.h"

#define BPF_FS_MAGIC 0xcafe4a11
#define LINKS_MAX 256
/* For the kernel to free what it no longer waits for. */
#define FREED_US 50000

static int make_path(char *path, size_t size, const char *dir, const char *name)
{
	return (size_t)snprintf(path, size, "%s/%s", dir, name) < size ? 0 : -ENAMETOOLONG;
}

/* ---- By the bare system call: policyctl has no libbpf. ---- */

static int pin_get(const char *path)
{
	union bpf_attr attr = { .pathname = (uintptr_t)path };

	return (int)syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
}

/*
 * Programs of whatever build decide nothing without an image: so it is no matter which of them ends first, while one may
 * still call for another.
 */
static void image_remove(const char *folder)
{
	union bpf_attr attr = {};
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	__u32 live = 0;

	if (make_path(path, sizeof(path), folder, PINS_IMAGES) < 0)
		return;
	fd = pin_get(path);
	attr.map_fd = (__u32)fd;
	attr.key = (uintptr_t)&live;
	if (fd >= 0)
		(void)syscall(SYS_bpf, BPF_MAP_DELETE_ELEM, &attr, sizeof(attr));
}

/*
 * Ends links whose pins are gone. A pin lets go of its link some time later, and a link that is let go of so ends later still;
 * who closes the last descriptor of it waits until it has ended. So ours are closed when the pins have let go.
 */
static void links_end(const int *fds, size_t count)
{
	/* The kernel's own wait until all have left what they were in the middle of (RCU); then it frees what was unlinked. */
	for (int i = 0; count > 0 && i < 2; i++) {
		(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		(void)usleep(FREED_US);
	}
	while (count > 0)
		(void)close(fds[--count]);
}

/* ---- Folders. ---- */

enum pin_kind {
	PIN_HOOK,
	PIN_STUB,
	PIN_MAP,
};

static enum pin_kind kind_of(const char *name)
{
	if (strncmp(name, PINS_STUB, strlen(PINS_STUB)) == 0)
		return PIN_STUB;
	return strncmp(name, PINS_HOOK, strlen(PINS_HOOK)) == 0 ? PIN_HOOK : PIN_MAP;
}

static int unlink_pins(DIR *stream, const char *folder, enum pin_kind kind, int *fds, size_t *count)
{
	const struct dirent *entry;
	char path[PATH_MAX];

	rewinddir(stream);
	while ((errno = 0, entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || kind_of(entry->d_name) != kind)
			continue;
		if (make_path(path, sizeof(path), folder, entry->d_name) < 0)
			return -ENAMETOOLONG;
		if (kind != PIN_MAP && *count < LINKS_MAX) {
			fds[*count] = pin_get(path);
			*count += fds[*count] >= 0;
		}
		if (unlink(path) < 0)
			return -errno;
	}
	return -errno;
}

static int remove_pins(DIR *stream, const char *folder, enum pin_kind kind)
{
	int fds[LINKS_MAX];
	size_t count = 0;
	int r = unlink_pins(stream, folder, kind, fds, &count);

	links_end(fds, count);
	return r;
}

/* The folder and the pins in it; there are no folders in it. First the hooks: no stub is to be without what stands in for it. */
static int remove_folder(const char *dir, const char *name)
{
	_cleanup_closedir_ DIR *stream = NULL;
	char path[PATH_MAX];
	int r = make_path(path, sizeof(path), dir, name);

	if (r)
		return r;
	stream = opendir(path);
	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	image_remove(path);
	for (enum pin_kind kind = PIN_HOOK; !r && kind <= PIN_MAP; kind++)
		r = remove_pins(stream, path, kind);
	if (!r && rmdir(path) < 0)
		r = -errno;
	return r;
}

int pins_drop_next(const char *dir)
{
	return remove_folder(dir, PINS_NEXT);
}

/* Whether it is a folder that pins may be in, and root's alone. */
static int check(const char *dir)
{
	struct statfs fs;
	struct stat st;

	if (lstat(dir, &st) < 0 || statfs(dir, &fs) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode) || fs.f_type != BPF_FS_MAGIC)
		return -EINVAL;
	return st.st_uid != 0 || st.st_mode & 077 ? -EACCES : 0;
}

int pins_prepare(const char *dir)
{
	bool is_new = mkdir(dir, 0700) == 0;
	int r;

	if (!is_new && errno != EEXIST)
		return -errno;
	r = check(dir);
	if (r && is_new)
		(void)rmdir(dir);
	return r ? r : pins_drop_next(dir);
}

int pins_begin(const char *dir)
{
	char path[PATH_MAX];
	int r = pins_drop_next(dir);

	if (!r)
		r = make_path(path, sizeof(path), dir, PINS_NEXT);
	if (!r && mkdir(path, 0700) < 0)
		r = -errno;
	return r;
}

int pins_swap(const char *dir)
{
	char next[PATH_MAX], live[PATH_MAX];
	int r = make_path(next, sizeof(next), dir, PINS_NEXT);

	if (!r)
		r = make_path(live, sizeof(live), dir, PINS_LIVE);
	if (r)
		return r;
	if (renameat2(AT_FDCWD, next, AT_FDCWD, live, RENAME_EXCHANGE) == 0)
		return 0;
	return errno == ENOENT && rename(next, live) == 0 ? 0 : -errno;
}

bool pins_are_live(const char *dir)
{
	return pins_have(dir, "");
}

bool pins_have(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/" PINS_LIVE "/%s", dir, name) < sizeof(path) && access(path, F_OK) == 0;
}

int pins_remove(const char *dir)
{
	int r = check(dir);

	if (!r)
		r = remove_folder(dir, PINS_NEXT);
	if (!r)
		r = remove_folder(dir, PINS_LIVE);
	if (!r && rmdir(dir) < 0)
		r = -errno;
	return r;
}
