/* SPDX-License-Identifier: GPL-2.0-only */
/* reload.c - the policy read, compiled and put into the kernel by a thread of its own. */
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "ownership.h"
#include "reload.h"

/* What a turn is for; the larger includes the smaller. */
enum task {
	TASK_NONE,
	TASK_CHECK,
	TASK_LOAD,
};

struct reload {
	sd_event *event;
	struct reload_options options;
	int fd; /* the thread says here that it has ended */
	sd_event_source *source;
	__u64 number; /* of the turn that runs, or else of the last one */
	__u64 started;
	enum task running;
	enum task waiting;
	struct pc_ctl_reload wish; /* of the turn that runs */
	struct pc_ctl_reload next_wish;
	/* The thread's own while one runs. */
	pthread_t thread;
	bool has_thread;
	struct policy_marks known;
	struct candidate candidate;
	enum reload_result result;
	char *text;
	size_t length;
};

static enum reload_result result_of(int r)
{
	switch (r) {
	case -EALREADY:
		return RELOAD_UNCHANGED;
	case -ESTALE:
		return RELOAD_EDITED;
	case -ENOMEM:
	case -ETIME:
		return RELOAD_FAILED;
	default:
		return r < 0 ? RELOAD_REFUSED : RELOAD_READY;
	}
}

static void *work(void *userdata)
{
	struct reload *reload = userdata;
	struct candidate_source source = reload->options.source;
	FILE *out = open_memstream(&reload->text, &reload->length);

	source.known = reload->running == TASK_CHECK ? &reload->known : NULL;
	source.is_forced = reload->wish.is_forced;
	reload->result = RELOAD_FAILED;
	if (out) {
		reload->result = result_of(candidate_load(&source, out, &reload->candidate));
		if (reload->result == RELOAD_READY &&
		    candidate_prepare(&reload->candidate, reload->options.kernel, out) < 0)
			reload->result = RELOAD_FAILED;
		if (fclose(out) != 0)
			reload->result = RELOAD_FAILED;
	}
	(void)eventfd_write(reload->fd, 1);
	return NULL;
}

static void start(struct reload *reload, enum task task)
{
	struct timespec now;

	reload->running = task;
	reload->number++;
	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	reload->started = (__u64)now.tv_sec * 1000000000U + (__u64)now.tv_nsec;
	reload->known = *reload->options.marks;
	reload->wish = task == TASK_LOAD ? reload->next_wish : (struct pc_ctl_reload){ .is_forced = reload->options.source.is_forced };
	reload->has_thread = pthread_create(&reload->thread, NULL, work, reload) == 0;
	/* No thread is to be had: then the loop waits, but the policy is loaded. */
	if (!reload->has_thread)
		(void)work(reload);
}

static void ask(struct reload *reload, enum task task)
{
	if (reload->running == TASK_NONE)
		start(reload, task);
	else if (reload->waiting < task)
		reload->waiting = task;
}

static void add_wish(struct pc_ctl_reload *all, const struct pc_ctl_reload *wish)
{
	if (wish->confirm_within && (!all->confirm_within || wish->confirm_within < all->confirm_within))
		all->confirm_within = wish->confirm_within;
	all->is_forced &= wish->is_forced;
}

__u64 reload_ask(struct reload *reload, const struct pc_ctl_reload *wish)
{
	__u64 number = reload->number + 1;

	if (reload->waiting == TASK_LOAD)
		add_wish(&reload->next_wish, wish);
	else
		reload->next_wish = *wish;
	ask(reload, TASK_LOAD);
	return number;
}

void reload_check(struct reload *reload)
{
	ask(reload, TASK_CHECK);
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct reload *reload = userdata;
	struct reload_end end = { .number = reload->number, .started = reload->started };
	enum task next;
	eventfd_t count;

	(void)source;
	(void)events;
	(void)eventfd_read(fd, &count);
	if (reload->has_thread)
		(void)pthread_join(reload->thread, NULL);
	end.is_check = reload->running == TASK_CHECK;
	end.wish = reload->wish;
	end.result = reload->result;
	end.candidate = &reload->candidate;
	end.text = reload->text;
	reload->options.fn(&end, reload->options.userdata);
	candidate_done(&reload->candidate);
	free(reload->text);
	reload->text = NULL;
	/* What a compilation used is many times what the daemon needs at rest. */
	(void)malloc_trim(0);
	next = reload->waiting;
	reload->running = reload->waiting = TASK_NONE;
	if (next != TASK_NONE)
		start(reload, next);
	return 0;
}

bool reload_is_idle(const struct reload *reload)
{
	return reload->running == TASK_NONE;
}

static void reload_freep(struct reload **reload)
{
	(void)reload_free(*reload);
}

int reload_new(sd_event *event, const struct reload_options *options, struct reload **ret_reload)
{
	_cleanup_(reload_freep) struct reload *reload = calloc(1, sizeof(*reload));
	int r;

	if (!reload)
		return -ENOMEM;
	reload->event = event;
	reload->options = *options;
	reload->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reload->fd < 0)
		return -errno;
	r = sd_event_add_io(event, &reload->source, reload->fd, EPOLLIN, on_end, reload);
	if (r < 0)
		return r;
	*ret_reload = take_ptr(reload);
	return 0;
}

struct reload *reload_free(struct reload *reload)
{
	if (!reload)
		return NULL;
	assert(reload_is_idle(reload));
	(void)sd_event_source_disable_unref(reload->source);
	if (reload->fd >= 0)
		(void)close(reload->fd);
	free(reload);
	return NULL;
}
