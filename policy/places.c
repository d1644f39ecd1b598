/* SPDX-License-Identifier: GPL-2.0-only */
/* places.c - where a path leads on this host: through links and mounts, and who could change that. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "link_list.h"
#include "ownership.h"
#include "places.h"

/* As in the kernel: more links on one way are a circle. */
#define LINKS_MAX 40
/* Rules with longer paths stay as they are. */
#define NAMES_MAX 256
/* Missing names are kept while there are no more than this many names in all: a list of a million bad files is no link. */
#define MISSING_MAX 1024

struct known_place {
	char *path; /* as asked for */
	struct place place;
};

struct places {
	int root; /* fd of the tree's root directory */
	struct mounts mounts;
	void *known; /* tsearch(3) tree of directories that were asked for: many rules share them */
	struct policy_links followed;
	unsigned int links;
	unsigned int names;
};

static int follow(struct places *places, const char *path, bool is_link_followed, struct place *ret_place);

void place_done(struct place *place)
{
	free(place->name);
	free(place->stop);
	*place = (struct place){};
}

static int place_copy(const struct place *place, struct place *ret_place)
{
	struct place copy = *place;

	copy.name = strdup(place->name);
	copy.stop = place->stop ? strdup(place->stop) : NULL;
	if (!copy.name || (place->stop && !copy.stop)) {
		place_done(&copy);
		return -ENOMEM;
	}
	*ret_place = copy;
	return 0;
}

static int compare_known(const void *a, const void *b)
{
	return strcmp(((const struct known_place *)a)->path, ((const struct known_place *)b)->path);
}

static void known_free(void *pointer)
{
	struct known_place *known = pointer;

	place_done(&known->place);
	free(known->path);
	free(known);
}

struct places *places_free(struct places *places)
{
	if (!places)
		return NULL;
	tdestroy(places->known, known_free);
	policy_links_done(&places->followed);
	mounts_done(&places->mounts);
	if (places->root >= 0)
		(void)close(places->root);
	free(places);
	return NULL;
}

int places_open(const struct policy_options *options, struct places **ret_places)
{
	struct places *places = calloc(1, sizeof(*places));
	int r = 0;

	if (!places)
		return -ENOMEM;
	places->root = open(options->root ? options->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (places->root < 0)
		r = -errno;
	else if (!options->root || !strcmp(options->root, "/"))
		r = mounts_load(&places->mounts);
	if (r < 0) {
		places_free(places);
		return r;
	}
	*ret_places = places;
	return 0;
}

static const char *relative(const char *name)
{
	return name[1] ? name + 1 : ".";
}

/* What a directory's own owner and mode mean for the names in it. */
static void place_set_openness(struct place *place, const struct stat *st)
{
	bool is_writable = st->st_uid != 0 || (st->st_mode & (S_IWGRP | S_IWOTH));

	place->is_sticky = is_writable && st->st_uid == 0 && (st->st_mode & S_ISVTX);
	place->is_open_to_others = is_writable && !place->is_sticky;
}

static int find_root(struct places *places, struct place *ret_place)
{
	struct place place = { .name = strdup("/"), .mount = mounts_top(&places->mounts) };
	struct stat st;

	if (!place.name)
		return -ENOMEM;
	if (fstat(places->root, &st) < 0)
		place.is_unknown = true;
	else
		place_set_openness(&place, &st);
	*ret_place = place;
	return 0;
}

/* A directory, remembered. The result belongs to `places`. */
static int find_directory(struct places *places, const char *path, const struct place **ret_place)
{
	struct known_place key = { .path = (char *)path }, *known;
	void *found = tfind(&key, &places->known, compare_known);
	int r;

	if (found) {
		*ret_place = &(*(struct known_place **)found)->place;
		return 0;
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	r = follow(places, path, true, &known->place);
	if (r == 0) {
		known->path = strdup(path);
		found = known->path ? tsearch(known, &places->known, compare_known) : NULL;
		if (!found)
			r = -ENOMEM;
	}
	/* A circle of links may have come by here and remembered it meanwhile. */
	if (r < 0 || *(struct known_place **)found != known)
		known_free(known);
	if (r == 0)
		*ret_place = &(*(struct known_place **)found)->place;
	return r;
}

static int join(const char *directory, const char *name, char **ret_joined)
{
	if (asprintf(ret_joined, "%s/%s", directory[1] ? directory : "", name) < 0)
		return -ENOMEM;
	return 0;
}

static bool is_in_proc(const struct places *places, const char *directory)
{
	_cleanup_close_ int fd = openat(places->root, relative(directory), O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct statfs fs;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* One name of a link's target, from where `place` is. */
static int step(struct places *places, struct place *place, const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct place next;
	char *slash;
	int r;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		path = strdup(place->name);
		if (!path)
			return -ENOMEM;
		slash = strrchr(path, '/');
		slash[slash == path] = '\0';
	} else {
		r = join(place->name, name, &path);
		if (r < 0)
			return r;
	}
	r = follow(places, path, true, &next);
	if (r < 0)
		return r;
	/* Once stopped, the rest of the way is only spelt. */
	if (place->stop && !next.stop) {
		next.stop = take_ptr(place->stop);
		next.is_stop_magic = place->is_stop_magic;
	}
	place_done(place);
	*place = next;
	return 0;
}

/* From the directory `from` along the target of a link in it. */
static int follow_target(struct places *places, const struct place *from, char *target,
			 struct place *ret_place)
{
	struct place place;
	char *rest = NULL;
	int r;

	r = target[0] == '/' ? find_root(places, &place) : place_copy(from, &place);
	if (r < 0)
		return r;
	for (char *name = strtok_r(target, "/", &rest); name && r == 0; name = strtok_r(NULL, "/", &rest))
		r = step(places, &place, name);
	if (r < 0) {
		place_done(&place);
		return r;
	}
	*ret_place = place;
	return 0;
}

/* `link` is a link in `directory`. Where it leads; or itself, where it is magic or anybody's to change. */
static int follow_link(struct places *places, const struct place *directory, struct place *link,
		       struct place *ret_place)
{
	char target[PATH_MAX];
	ssize_t len;
	int r;

	link->is_stop_magic = is_in_proc(places, directory->name);
	if (link->is_stop_magic || link->is_changeable) {
		link->stop = strdup(link->name);
		return link->stop ? place_copy(link, ret_place) : -ENOMEM;
	}
	len = readlinkat(places->root, relative(link->name), target, sizeof(target) - 1);
	if (len <= 0 || ++places->links > LINKS_MAX) {
		link->is_unknown = true;
		return place_copy(link, ret_place);
	}
	target[len] = '\0';
	r = policy_links_add(&places->followed, link->name, target);
	if (r < 0)
		return r;
	return follow_target(places, directory, target, ret_place);
}

/* A link may come to be there; but none that others than root could make is ever followed. */
static int keep_missing(struct places *places, const struct place *directory, const char *name)
{
	if (directory->is_changeable || directory->is_open_to_others || directory->is_sticky ||
	    places->followed.count >= MISSING_MAX)
		return 0;
	return policy_links_add(&places->followed, name, "");
}

/* The file `place->name` in `directory`, which is there. */
static int look(struct places *places, const struct place *directory, bool is_link_followed,
		struct place *place, struct place *ret_place)
{
	struct stat st;
	int r;

	if (fstatat(places->root, relative(place->name), &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
		place->is_missing = errno == ENOENT || errno == ENOTDIR;
		place->is_unknown = !place->is_missing;
		r = place->is_missing ? keep_missing(places, directory, place->name) : 0;
		return r < 0 ? r : place_copy(place, ret_place);
	}
	place->is_changeable = directory->is_changeable || directory->is_open_to_others ||
			       (directory->is_sticky && st.st_uid != 0);
	if (S_ISLNK(st.st_mode) && is_link_followed)
		return follow_link(places, directory, place, ret_place);
	place->mount = mounts_enter(&places->mounts, directory->mount, place->name);
	if (S_ISDIR(st.st_mode))
		place_set_openness(place, &st);
	return place_copy(place, ret_place);
}

/* Where a path without "." and ".." leads. */
static int follow(struct places *places, const char *path, bool is_link_followed, struct place *ret_place)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *parent = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	_cleanup_(place_done) struct place place = {};
	const struct place *directory;
	int r;

	if (!parent)
		return -ENOMEM;
	if (slash[1] == '\0')
		return find_root(places, ret_place);
	if (++places->names > NAMES_MAX * LINKS_MAX)
		return -ELOOP;
	r = find_directory(places, parent, &directory);
	if (r < 0)
		return r;
	r = join(directory->name, slash + 1, &place.name);
	if (r < 0)
		return r;
	place.mount = directory->mount;
	place.is_missing = directory->is_missing;
	place.is_unknown = directory->is_unknown;
	place.is_changeable = directory->is_changeable;
	place.is_stop_magic = directory->is_stop_magic;
	if (directory->stop) {
		place.stop = strdup(directory->stop);
		if (!place.stop)
			return -ENOMEM;
	}
	if (place.is_missing || place.is_unknown || place.stop)
		return place_copy(&place, ret_place);
	return look(places, directory, is_link_followed, &place, ret_place);
}

static size_t count_slashes(const char *path)
{
	size_t slashes = 0;

	for (; *path; path++)
		slashes += *path == '/';
	return slashes;
}

static int find(struct places *places, const char *path, bool is_link_followed, struct place *ret_place)
{
	struct place place = { .is_unknown = true };
	int r = -ELOOP;

	places->links = 0;
	places->names = 0;
	if (count_slashes(path) <= NAMES_MAX)
		r = follow(places, path, is_link_followed, &place);
	if (r == -ELOOP)
		place.name = strdup(path);
	if (!place.name)
		return r < 0 && r != -ELOOP ? r : -ENOMEM;
	*ret_place = place;
	return 0;
}

int places_find(struct places *places, const char *path, struct place *ret_place)
{
	return find(places, path, true, ret_place);
}

int places_find_name(struct places *places, const char *path, struct place *ret_place)
{
	return find(places, path, false, ret_place);
}

DIR *places_list(const struct places *places, const struct place *place)
{
	_cleanup_close_ int fd = -1;
	DIR *dir;

	if (place->stop || place->is_missing || place->is_unknown || is_in_proc(places, place->name))
		return NULL;
	fd = openat(places->root, relative(place->name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir)
		(void)take_fd(&fd);
	return dir;
}

char *places_canonical(const struct places *places, const struct place *place)
{
	return place->mount ? mounts_canonical(&places->mounts, place->mount, place->name)
			    : strdup(place->name);
}

void places_take_links(struct places *places, struct policy_links *ret_links)
{
	policy_links_sort(&places->followed);
	*ret_links = places->followed;
	places->followed = (struct policy_links){};
}
