/* SPDX-License-Identifier: GPL-2.0-only */
/* watch.c - notices changed links (inotify on their folders) and changed mounts (poll on mountinfo). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>

#include "link_list.h"
#include "log.h"
#include "ownership.h"
#include "watch.h"

/* `ln -sfn` removes a link and makes another: what happens within this time is one change. */
#define SETTLE_US 300000ULL
/* Mounts come and go with every container, and each look costs a reading of the policy. */
#define INTERVAL_US 5000000ULL
/* Folders are other people's too: no policy takes all of the user's inotify watches. */
#define FOLDERS_MAX 1024

#define FOLDER_EVENTS (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct watch {
	sd_event *event;
	watch_fn *fn;
	void *userdata;
	struct policy_links links;
	sd_event_source *folders; /* owns its inotify descriptor; NULL: no links */
	sd_event_source *mounts;  /* owns its descriptor */
	sd_event_source *timer;
	uint64_t looked; /* when it last ran out, CLOCK_MONOTONIC, µs */
	bool are_mounts_changed;
};

/* A look after a moment; one that is due already is not put off. */
static void arm(struct watch *watch)
{
	int is_armed = 0;
	uint64_t now = 0;

	(void)sd_event_now(watch->event, CLOCK_MONOTONIC, &now);
	if (sd_event_source_get_enabled(watch->timer, &is_armed) < 0 || is_armed != SD_EVENT_OFF)
		return;
	now += SETTLE_US;
	if (now < watch->looked + INTERVAL_US)
		now = watch->looked + INTERVAL_US;
	(void)sd_event_source_set_time(watch->timer, now);
	(void)sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
}

static const char *base_of(const char *name)
{
	return strrchr(name, '/') + 1;
}

/* What is there is no link, or nothing: "". */
static void read_target(const char *name, char target[PATH_MAX])
{
	ssize_t length = readlink(name, target, PATH_MAX - 1);

	target[length > 0 ? length : 0] = '\0';
}

/* The first link that holds something else, in words. */
static bool find_changed_link(const struct watch *watch, char *what, size_t size)
{
	for (size_t i = 0; i < watch->links.count; i++) {
		const struct policy_link *link = &watch->links.list[i];
		char target[PATH_MAX];

		read_target(link->name, target);
		if (!strcmp(target, link->target))
			continue;
		if (!target[0])
			(void)snprintf(what, size, "the link '%s' to '%s' is gone", link->name, link->target);
		else if (!link->target[0])
			(void)snprintf(what, size, "'%s' is a link to '%s' now", link->name, target);
		else
			(void)snprintf(what, size, "the link '%s' leads to '%s', no longer to '%s'", link->name, target,
				       link->target);
		return true;
	}
	return false;
}

static int on_time(sd_event_source *source, uint64_t time, void *userdata)
{
	struct watch *watch = userdata;
	char what[3 * PATH_MAX] = "the mounts changed";

	(void)source;
	watch->looked = time;
	if (find_changed_link(watch, what, sizeof(what)) || watch->are_mounts_changed) {
		watch->are_mounts_changed = false;
		watch->fn(what, watch->userdata);
	}
	return 0;
}

static bool is_of_a_link(const struct watch *watch, const struct inotify_event *event)
{
	/* A folder itself was moved or removed, or there were more events than could be kept. */
	if (event->len == 0)
		return true;
	for (size_t i = 0; i < watch->links.count; i++)
		if (!strcmp(base_of(watch->links.list[i].name), event->name))
			return true;
	return false;
}

static int on_folder(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	_Alignas(struct inotify_event) char buffer[16384];
	const struct inotify_event *event;
	ssize_t length = read(fd, buffer, sizeof(buffer));

	(void)source;
	(void)events;
	for (ssize_t at = 0; at < length; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const struct inotify_event *)(buffer + at);
		if (is_of_a_link(userdata, event))
			arm(userdata);
	}
	return 0;
}

static int on_mounts(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct watch *watch = userdata;

	(void)source;
	(void)fd;
	(void)events;
	watch->are_mounts_changed = true;
	arm(watch);
	return 0;
}

/* One watch a folder: the links are sorted, so those of a folder mostly stand together; the kernel knows the others. */
static void watch_folders(struct watch *watch, int fd)
{
	size_t watched = 0, unwatched = 0;

	for (size_t i = 0; i < watch->links.count; i++) {
		const char *name = watch->links.list[i].name;
		_cleanup_free_ char *folder = strndup(name, base_of(name) - name);

		if (!folder || watched >= FOLDERS_MAX || inotify_add_watch(fd, folder, FOLDER_EVENTS) < 0)
			unwatched++;
		else
			watched++;
	}
	if (unwatched > 0)
		log_warning("%zu of %zu links that the policy's names pass through are not watched: reload when they change",
			    unwatched, watch->links.count);
}

void watch_links(struct watch *watch, struct policy_links *links)
{
	int fd;
	char what[3 * PATH_MAX];

	policy_links_done(&watch->links);
	watch->links = *links;
	*links = (struct policy_links){};
	watch->folders = sd_event_source_disable_unref(watch->folders);
	if (watch->links.count == 0)
		return;
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0 || sd_event_add_io(watch->event, &watch->folders, fd, EPOLLIN, on_folder, watch) < 0) {
		log_warning("links that the policy's names pass through are not watched: reload when they change");
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	(void)sd_event_source_set_io_fd_own(watch->folders, true);
	watch_folders(watch, fd);
	if (find_changed_link(watch, what, sizeof(what)))
		arm(watch);
}

static void watch_freep(struct watch **watch)
{
	(void)watch_free(*watch);
}

static int watch_mounts(struct watch *watch)
{
	_cleanup_close_ int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = sd_event_add_io(watch->event, &watch->mounts, fd, EPOLLPRI, on_mounts, watch);
	if (r < 0)
		return r;
	(void)sd_event_source_set_io_fd_own(watch->mounts, true);
	(void)take_fd(&fd);
	return 0;
}

int watch_new(sd_event *event, watch_fn *fn, void *userdata, struct watch **ret_watch)
{
	_cleanup_(watch_freep) struct watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (!watch)
		return -ENOMEM;
	watch->event = event;
	watch->fn = fn;
	watch->userdata = userdata;
	r = watch_mounts(watch);
	if (r >= 0)
		r = sd_event_add_time(event, &watch->timer, CLOCK_MONOTONIC, 0, 0, on_time, watch);
	if (r >= 0)
		r = sd_event_source_set_enabled(watch->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	*ret_watch = take_ptr(watch);
	return 0;
}

struct watch *watch_free(struct watch *watch)
{
	if (!watch)
		return NULL;
	(void)sd_event_source_disable_unref(watch->folders);
	(void)sd_event_source_disable_unref(watch->mounts);
	(void)sd_event_source_disable_unref(watch->timer);
	policy_links_done(&watch->links);
	free(watch);
	return NULL;
}
