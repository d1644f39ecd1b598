/* SPDX-License-Identifier: GPL-2.0-only */
/* timeline.c - decisions over time in few slots. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "moment.h"
#include "timeline.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY 86400U

/* Each is a multiple of the one before; wider ones are twice as many days. */
static const __u64 widths[] = { 1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, DAY };

static __u64 next_width(__u64 width)
{
	for (size_t i = 0; i + 1 < COUNT(widths); i++)
		if (widths[i] == width)
			return widths[i + 1];
	return 2 * width;
}

static void widen(struct timeline *timeline)
{
	__u64 width = next_width(timeline->width), factor = width / timeline->width,
	      first = timeline->first / factor;
	double slots[TIMELINE_SLOTS][PC_NO_VERDICT] = {};

	for (size_t i = 0; i < timeline->used; i++)
		for (size_t k = 0; k < PC_NO_VERDICT; k++)
			slots[(timeline->first + i) / factor - first][k] += timeline->slots[i][k];
	timeline->used = (size_t)((timeline->first + timeline->used - 1) / factor - first + 1);
	timeline->first = first;
	timeline->width = width;
	memcpy(timeline->slots, slots, sizeof(slots));
}

/* A slot before the first one. */
static void move_back(struct timeline *timeline, __u64 number)
{
	size_t distance = (size_t)(timeline->first - number);

	memmove(timeline->slots + distance, timeline->slots, timeline->used * sizeof(timeline->slots[0]));
	memset(timeline->slots, 0, distance * sizeof(timeline->slots[0]));
	timeline->used += distance;
	timeline->first = number;
}

static __u64 number_of(const struct timeline *timeline, __u64 time)
{
	__s64 seconds = (__s64)(time / MOMENT_SECOND) + timeline->offset;

	return seconds > 0 ? (__u64)seconds / timeline->width : 0;
}

static void begin(struct timeline *timeline, __u64 time)
{
	time_t seconds = (time_t)(time / MOMENT_SECOND);
	struct tm tm = {};

	(void)localtime_r(&seconds, &tm);
	timeline->offset = tm.tm_gmtoff;
	timeline->width = widths[0];
	timeline->first = number_of(timeline, time);
	timeline->used = 1;
}

static bool has_room(const struct timeline *timeline, __u64 number)
{
	__u64 last = timeline->first + timeline->used - 1;
	__u64 from = number < timeline->first ? number : timeline->first, to = number > last ? number : last;

	return to - from < TIMELINE_SLOTS;
}

void timeline_add(struct timeline *timeline, __u64 time, enum pc_verdict verdict, double count)
{
	__u64 number;

	if (timeline->used == 0)
		begin(timeline, time);
	while (!has_room(timeline, number_of(timeline, time)))
		widen(timeline);
	number = number_of(timeline, time);
	if (number < timeline->first)
		move_back(timeline, number);
	if (number - timeline->first >= timeline->used)
		timeline->used = (size_t)(number - timeline->first + 1);
	timeline->slots[number - timeline->first][verdict] += count;
}

__u64 timeline_start(const struct timeline *timeline, size_t slot)
{
	__s64 seconds = (__s64)((timeline->first + slot) * timeline->width) - timeline->offset;

	return seconds > 0 ? (__u64)seconds * MOMENT_SECOND : 0;
}

const char *timeline_describe_width(const struct timeline *timeline, char *out, size_t size)
{
	static const struct {
		__u64 seconds;
		const char *name;
	} units[] = { { DAY, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	size_t i = 0;

	while (timeline->width < units[i].seconds)
		i++;
	(void)snprintf(out, size, "%llu %s%s", (unsigned long long)(timeline->width / units[i].seconds),
		       units[i].name, timeline->width == units[i].seconds ? "" : "s");
	return out;
}
