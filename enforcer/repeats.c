/* SPDX-License-Identifier: GPL-2.0-only */
/* repeats.c - tells decisions that were counted, once in a window. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "ownership.h"
#include "repeats.h"

/* Windows that end that near to one another end together: the daemon wakes up once. */
#define ACCURACY_US 200000

/* Of a place in the kernel's table. */
struct followed {
	char *line; /* owned; NULL: nobody's */
	size_t length;
	__u32 version;
	__u64 due; /* CLOCK_BOOTTIME, ns */
};

struct repeats {
	struct repeats_options options;
	sd_event_source *timer;
	__u64 armed; /* when it rings; 0: it doesn't */
	struct followed followed[PC_REPEATS];
};

static void forget(struct followed *followed)
{
	free(followed->line);
	*followed = (struct followed){};
}

static void arm(struct repeats *repeats, __u64 due)
{
	int r = sd_event_source_set_time(repeats->timer, due / 1000);

	if (r >= 0)
		r = sd_event_source_set_enabled(repeats->timer, SD_EVENT_ONESHOT);
	if (r < 0)
		log_error_errno(r, "cannot set the timer for decisions that repeat: they are told when the daemon ends");
	repeats->armed = due;
}

/* The window is over: what was counted is told, and counted on; where nothing was, the next one is recorded. */
static void end_window(struct repeats *repeats, unsigned int place, __u64 now)
{
	struct followed *followed = &repeats->followed[place];
	long count = kernel_take_repeats(repeats->options.kernel, place, followed->version);

	if (count <= 0) {
		forget(followed);
		return;
	}
	repeats->options.fn(followed->line, followed->length, (__u64)count, repeats->options.userdata);
	followed->due = now + repeats->options.window;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct repeats *repeats = userdata;
	__u64 now = clock_boottime(), next = 0;

	(void)source;
	(void)usec;
	for (unsigned int i = 0; i < PC_REPEATS; i++) {
		struct followed *followed = &repeats->followed[i];

		if (followed->line && followed->due <= now)
			end_window(repeats, i, now);
		if (followed->line && (!next || followed->due < next))
			next = followed->due;
	}
	repeats->armed = 0;
	if (next)
		arm(repeats, next);
	return 0;
}

int repeats_new(sd_event *event, const struct repeats_options *options, struct repeats **ret_repeats)
{
	struct repeats *repeats = calloc(1, sizeof(*repeats));
	int r;

	if (!repeats)
		return -ENOMEM;
	repeats->options = *options;
	r = sd_event_add_time(event, &repeats->timer, CLOCK_BOOTTIME, 0, ACCURACY_US, on_time, repeats);
	if (r >= 0)
		r = sd_event_source_set_enabled(repeats->timer, SD_EVENT_OFF);
	if (r < 0) {
		(void)repeats_free(repeats);
		return r;
	}
	*ret_repeats = repeats;
	return 0;
}

struct repeats *repeats_free(struct repeats *repeats)
{
	if (!repeats)
		return NULL;
	(void)sd_event_source_disable_unref(repeats->timer);
	for (unsigned int i = 0; i < PC_REPEATS; i++)
		forget(&repeats->followed[i]);
	free(repeats);
	return NULL;
}

/* Until nobody counts there any more. */
static void give_up(struct repeats *repeats, unsigned int place, __u32 version, const char *line, size_t length)
{
	long count;

	while ((count = kernel_take_repeats(repeats->options.kernel, place, version)) > 0)
		repeats->options.fn(line, length, (__u64)count, repeats->options.userdata);
}

void repeats_follow(struct repeats *repeats, const struct pc_event *event, const char *line, size_t length)
{
	unsigned int place = event->repeat - 1U;
	struct followed *followed;
	char *copy;

	if (place >= PC_REPEATS)
		return;
	copy = strndup(line, length);
	if (!copy) {
		give_up(repeats, place, event->repeat_version, line, length);
		return;
	}
	followed = &repeats->followed[place];
	/* One whose place it takes had nothing that waited to be told. */
	forget(followed);
	*followed = (struct followed){
		.line = copy,
		.length = length,
		.version = event->repeat_version,
		.due = clock_boottime() + repeats->options.window,
	};
	if (!repeats->armed)
		arm(repeats, followed->due);
}

bool repeats_has(const struct repeats *repeats, unsigned int place)
{
	return repeats->followed[place].line;
}

void repeats_end(struct repeats *repeats)
{
	for (unsigned int i = 0; i < PC_REPEATS; i++) {
		struct followed *followed = &repeats->followed[i];

		if (followed->line)
			give_up(repeats, i, followed->version, followed->line, followed->length);
		forget(followed);
	}
}
