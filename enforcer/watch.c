/* SPDX-License-Identifier: GPL-2.0-only */
/* watch.c - notices changed links (inotify on their folders) and changed mounts (poll on mountinfo). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>

#include "log.h"
#include "ownership.h"
#include "watch.h"

/* `ln -sfn` removes a link and makes another: what happens within this time is one change. */
#define SETTLE_US 300000ULL
/* Mounts come and go with every container, and each look costs a reading of the policy. */
#define INTERVAL_US 5000000ULL
struct watch {
	sd_event *event;
	watch_fn *fn;
	void *userdata;
	struct watched watched;
	sd_event_source *folders; /* of watched.fd */
	sd_event_source *mounts;  /* owns its descriptor */
	sd_event_source *timer;
	uint64_t looked; /* when it last ran out, CLOCK_MONOTONIC, µs */
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

static int on_time(sd_event_source *source, uint64_t time, void *userdata)
{
	struct watch *watch = userdata;

	(void)source;
	watch->looked = time;
	watch->fn(watch->userdata);
	return 0;
}

/* A folder itself was moved or removed, or there were more events than could be kept: then there is no name. */
static bool is_of_a_link(const struct watch *watch, const struct inotify_event *event)
{
	return event->len == 0 || watched_has_name(&watch->watched, event->name);
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
	(void)source;
	(void)fd;
	(void)events;
	arm(userdata);
	return 0;
}

void watch_take(struct watch *watch, struct watched *watched)
{
	int r;

	watch->folders = sd_event_source_disable_unref(watch->folders);
	watched_done(&watch->watched);
	watch->watched = *watched;
	*watched = (struct watched){ .fd = -1 };
	if (watch->watched.fd < 0)
		return;
	r = sd_event_add_io(watch->event, &watch->folders, watch->watched.fd, EPOLLIN, on_folder, watch);
	if (r < 0)
		log_error_errno(r, "links that the policy's names pass through are not watched: reload when they change");
	if (watch->watched.is_moved)
		arm(watch);
}

static void describe_link(const struct policy_link *was, const struct policy_link *is, char *what, size_t size)
{
	if (!is->target[0])
		(void)snprintf(what, size, "the link '%s' to '%s' is gone", was->name, was->target);
	else if (!was->target[0])
		(void)snprintf(what, size, "'%s' is a link to '%s' now", is->name, is->target);
	else
		(void)snprintf(what, size, "the link '%s' leads to '%s', no longer to '%s'", is->name, is->target, was->target);
}

void watch_describe(const struct watch *watch, const struct policy_links *now, char *what, size_t size)
{
	const struct policy_links *was = &watch->watched.links;
	size_t i = 0, k = 0;

	(void)snprintf(what, size, "the mounts changed");
	while (i < was->count && k < now->count) {
		int order = strcmp(was->list[i].name, now->list[k].name);

		if (order == 0 && strcmp(was->list[i].target, now->list[k].target) != 0) {
			describe_link(&was->list[i], &now->list[k], what, size);
			return;
		}
		i += order <= 0;
		k += order >= 0;
	}
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
	watch->watched.fd = -1;
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
	watched_done(&watch->watched);
	free(watch);
	return NULL;
}
