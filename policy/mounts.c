/* SPDX-License-Identifier: GPL-2.0-only */
/* mounts.c - the host's mounts: which of several names of a file is the one that the kernel side gives it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mounts.h"
#include "ownership.h"

/* Those that bpf/lsm/mounts.h knows by their magic numbers: each instance is named as the host's. */
static const char *const instance_types[] = {
	"proc",    "sysfs",   "securityfs", "bpf",      "devpts",    "mqueue",
	"cgroup2", "tracefs", "debugfs",    "configfs", "selinuxfs", "binfmt_misc",
};

/* Those that always compare names in their own way, not by an option or a flag. */
static const char *const folding_types[] = { "vfat", "msdos", "exfat", "hfs", "hfsplus", "hpfs", "affs" };

static bool is_one_of(const char *type, const char *const *types, size_t count)
{
	for (size_t i = 0; type && i < count; i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

static bool mount_is_instance(const struct mount *mount)
{
	return is_one_of(mount->type, instance_types, sizeof(instance_types) / sizeof(instance_types[0]));
}

bool mount_is_folding(const struct mount *mount)
{
	return is_one_of(mount->type, folding_types, sizeof(folding_types) / sizeof(folding_types[0]));
}

/* mountinfo writes blanks and backslashes as \ooo. In place. */
static void unquote(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		unsigned int byte;

		if (p[0] == '\\' && sscanf(p + 1, "%3o", &byte) == 1 && strnlen(p, 4) == 4) {
			*out++ = (char)byte;
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
}

/* 1: parsed; 0: not a mount that can name files. */
static int mount_parse(const char *line, struct mount *ret_mount)
{
	_cleanup_free_
	char *root = NULL, *point = NULL, *type = NULL;
	const char *rest = strstr(line, " - ");
	struct mount mount = {};
	int got;

	got = sscanf(line, "%u %u %u:%u %ms %ms", &mount.id, &mount.parent, &mount.major, &mount.minor, &root,
		     &point);
	if (got != 6) /* also where memory is short: a mount unknown, an alias less */
		return 0;
	unquote(root);
	unquote(point);
	if (root[0] != '/' || point[0] != '/' || strstr(root, "//deleted"))
		return 0;
	if (rest)
		(void)sscanf(rest, " - %ms", &type);
	mount.type = take_ptr(type);
	mount.root = take_ptr(root);
	mount.point = take_ptr(point);
	*ret_mount = mount;
	return 1;
}

int mounts_parse(const char *text, struct mounts *ret_mounts)
{
	struct mounts mounts = {};

	while (*text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_
		char *line = strndup(text, len);
		struct mount *grown = array_grow(mounts.list, mounts.count, sizeof(*grown));

		if (grown)
			mounts.list = grown;
		if (!line || !grown) {
			mounts_done(&mounts);
			return -ENOMEM;
		}
		mounts.count += (size_t)mount_parse(line, &grown[mounts.count]);
		text += len + (text[len] == '\n');
	}
	*ret_mounts = mounts;
	return 0;
}

int mounts_load(struct mounts *ret_mounts)
{
	_cleanup_free_
	char *text = NULL;
	size_t room = 0;
	ssize_t got;
	FILE *file = fopen("/proc/1/mountinfo", "re");

	if (!file)
		file = fopen("/proc/self/mountinfo", "re");
	if (!file) {
		*ret_mounts = (struct mounts){};
		return 0;
	}
	got = getdelim(&text, &room, '\0', file);
	(void)fclose(file);
	return mounts_parse(got > 0 ? text : "", ret_mounts);
}

void mounts_done(struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		free(mounts->list[i].root);
		free(mounts->list[i].point);
		free(mounts->list[i].type);
	}
	free(mounts->list);
	*mounts = (struct mounts){};
}

static bool mount_is_known(const struct mounts *mounts, unsigned int id)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->list[i].id == id)
			return true;
	return false;
}

const struct mount *mounts_enter(const struct mounts *mounts, const struct mount *mount, const char *name)
{
	/* Mounts on one another's root form a pile; the loop ends where nothing lies on top. */
	for (size_t i = 0, piled = 0; mount && i < mounts->count && piled < mounts->count; i++) {
		const struct mount *other = &mounts->list[i];

		if (other->parent != mount->id || other == mount || strcmp(other->point, name))
			continue;
		mount = other;
		piled++;
		i = (size_t)-1;
	}
	return mount;
}

const struct mount *mounts_top(const struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->list[i];

		if (!strcmp(mount->point, "/") &&
		    (mount->parent == mount->id || !mount_is_known(mounts, mount->parent)))
			return mounts_enter(mounts, mount, "/");
	}
	return NULL;
}

static size_t count_names(const char *path)
{
	size_t names = 0;

	for (; *path; path++)
		names += path[0] == '/' && path[1] != '\0';
	return names;
}

/* What of `path` is behind `directory`, its slash included; NULL: it isn't below. */
static const char *path_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	if (!strcmp(directory, "/"))
		return path;
	if (strncmp(path, directory, len) || (path[len] != '/' && path[len] != '\0'))
		return NULL;
	return path + len;
}

/* directory + rest, where each may be "/" or empty. */
static char *path_join(const char *directory, const char *rest)
{
	char *joined;

	if (!strcmp(rest, "/"))
		rest = "";
	if (!strcmp(directory, "/"))
		directory = "";
	if (asprintf(&joined, "%s%s", directory, rest) < 0)
		return NULL;
	if (*joined == '\0') {
		free(joined);
		return strdup("/");
	}
	return joined;
}

/* Whether `other` may name what lies at `inner` in the file system of `mount`. */
static bool mount_can_name(const struct mount *other, const struct mount *mount, const char *inner)
{
	if (mount_is_instance(mount))
		return other->type && !strcmp(other->type, mount->type) && !strcmp(other->root, "/");
	return other->major == mount->major && other->minor == mount->minor && path_below(inner, other->root);
}

static bool mount_outranks(const struct mount *a, const struct mount *b)
{
	size_t a_root = strcmp(a->root, "/") ? strlen(a->root) : 0,
	       b_root = strcmp(b->root, "/") ? strlen(b->root) : 0;
	size_t a_names = count_names(a->point), b_names = count_names(b->point);

	if (a_names != b_names)
		return a_names < b_names;
	if (a_root != b_root)
		return a_root > b_root;
	return a->id < b->id;
}

char *mounts_canonical(const struct mounts *mounts, const struct mount *mount, const char *name)
{
	const char *below = path_below(name, mount->point);
	_cleanup_free_
	char *inner = below ? path_join(mount->root, below) : NULL;
	const struct mount *best = mount;

	if (!below)
		return strdup(name);
	if (!inner)
		return NULL;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *other = &mounts->list[i];

		if (mount_can_name(other, mount, inner) && mount_outranks(other, best))
			best = other;
	}
	return path_join(best->point, path_below(inner, best->root));
}
