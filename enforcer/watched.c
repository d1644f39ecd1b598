/* SPDX-License-Identifier: GPL-2.0-only */
/* watched.c - puts the folders of a policy's links under inotify. */
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>

#include "link_list.h"
#include "log.h"
#include "ownership.h"
#include "watch.h"

/* Folders are other people's too: no policy takes all of the user's inotify watches. */
#define FOLDERS_MAX 1024

#define FOLDER_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

static const char *base_of(const char *name)
{
	return strrchr(name, '/') + 1;
}

/* Whether both are in the same folder. */
static bool is_beside(const char *a, const char *b)
{
	size_t length = base_of(a) - a;

	return length == (size_t)(base_of(b) - b) && !strncmp(a, b, length);
}

/* One watch a folder: sorted links of a folder mostly stand together, and the kernel knows the others again. */
static void watch_folders(int fd, const struct policy_links *links)
{
	size_t watched = 0, unwatched = 0;

	for (size_t i = 0; i < links->count; i++) {
		const char *name = links->list[i].name;
		_cleanup_free_ char *folder = NULL;

		if (i > 0 && is_beside(links->list[i - 1].name, name))
			continue;
		folder = strndup(name, base_of(name) - name);
		if (!folder || watched >= FOLDERS_MAX || inotify_add_watch(fd, folder, FOLDER_EVENTS) < 0)
			unwatched++;
		else
			watched++;
	}
	if (unwatched > 0)
		log_warning("%zu folders with links that the policy's names pass through are not watched: reload when they change",
			    unwatched);
}

/* What is there but no link counts as nothing: "". */
static bool is_moved(const struct policy_link *link)
{
	char target[PATH_MAX];
	ssize_t length = readlink(link->name, target, sizeof(target) - 1);

	target[length > 0 ? length : 0] = '\0';
	return strcmp(target, link->target) != 0;
}

void watched_open(struct policy_links *links, int fd, struct watched *ret_watched)
{
	struct watched watched = { .links = *links, .fd = fd };

	*links = (struct policy_links){};
	watch_folders(watched.fd, &watched.links);
	for (size_t i = 0; i < watched.links.count && !watched.is_moved; i++)
		watched.is_moved = is_moved(&watched.links.list[i]);
	*ret_watched = watched;
}

void watched_done(struct watched *watched)
{
	if (watched->links.count > 0 && watched->fd >= 0)
		(void)close(watched->fd);
	policy_links_done(&watched->links);
	watched->fd = -1;
}

bool watched_has_name(const struct watched *watched, const char *base)
{
	for (size_t i = 0; i < watched->links.count; i++)
		if (!strcmp(base_of(watched->links.list[i].name), base))
			return true;
	return false;
}
