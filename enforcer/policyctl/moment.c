/* SPDX-License-Identifier: GPL-2.0-only */
/* moment.c - points in time. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "moment.h"

__u64 moment_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (__u64)now.tv_sec * MOMENT_SECOND + (__u64)now.tv_nsec;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As the pattern is: '0' is any digit, 'T' is one or a blank, all else itself. strptime() takes less exact ones. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++) {
		if (*form == '0'   ? !is_digit(*text)
		    : *form == 'T' ? *text != 'T' && *text != 't' && *text != ' '
				   : *text != *form)
			return false;
	}
	return true;
}

/* ".678" → ns; what is finer is left out. */
static const char *parse_fraction(const char *text, __u64 *ret_ns)
{
	__u64 unit = MOMENT_SECOND / 10;

	*ret_ns = 0;
	if (text[0] != '.' || !is_digit(text[1]))
		return text;
	for (text++; is_digit(*text); text++, unit /= 10)
		*ret_ns += (__u64)(*text - '0') * unit;
	return text;
}

/* What stands behind the seconds → seconds since 1970. */
static int add_zone(struct tm *tm, const char *zone, time_t *ret_seconds)
{
	long offset = 0;

	if (*zone == '\0') {
		tm->tm_isdst = -1;
		*ret_seconds = mktime(tm);
		return 0;
	}
	if (strcmp(zone, "Z") != 0 && strcmp(zone, "z") != 0) {
		if ((*zone != '+' && *zone != '-') || !has_form(zone + 1, "00:00") || zone[6] != '\0')
			return -EINVAL;
		offset = (atol(zone + 1) * 60 + atol(zone + 4)) * 60;
		if (*zone == '-')
			offset = -offset;
	}
	*ret_seconds = timegm(tm) - offset;
	return 0;
}

static int from_seconds(time_t seconds, __u64 ns, __u64 *ret_moment)
{
	if (seconds < 0 || (__u64)seconds >= (__u64)-1 / MOMENT_SECOND - 1)
		return -EINVAL;
	*ret_moment = (__u64)seconds * MOMENT_SECOND + ns;
	return 0;
}

int moment_parse(const char *text, __u64 *ret_moment)
{
	struct tm tm = {};
	time_t seconds;
	__u64 ns;
	int r;

	if (!has_form(text, "0000-00-00T00:00:00"))
		return -EINVAL;
	if (!strptime(text, "%Y-%m-%d", &tm) || !strptime(text + 11, "%H:%M:%S", &tm))
		return -EINVAL;
	r = add_zone(&tm, parse_fraction(text + 19, &ns), &seconds);
	if (r < 0)
		return r;
	return from_seconds(seconds, ns, ret_moment);
}

static int parse_ago(const char *text, __u64 now, __u64 *ret_moment)
{
	static const struct {
		char letter;
		__u64 seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	__u64 number;
	char *end;

	if (!is_digit(text[0]) || strlen(text) > 10)
		return -EINVAL;
	number = strtoull(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end[0] != units[i].letter || end[1] != '\0')
			continue;
		/* Longer ago than there is time: all of it. */
		*ret_moment = number > now / MOMENT_SECOND / units[i].seconds
				      ? 0
				      : now - number * units[i].seconds * MOMENT_SECOND;
		return 0;
	}
	return -EINVAL;
}

int moment_parse_option(const char *text, __u64 now, __u64 *ret_moment)
{
	struct tm tm = { .tm_isdst = -1 };

	if (parse_ago(text, now, ret_moment) == 0)
		return 0;
	if (strlen(text) == strlen("0000-00-00") && has_form(text, "0000-00-00") &&
	    strptime(text, "%Y-%m-%d", &tm))
		return from_seconds(mktime(&tm), 0, ret_moment);
	return moment_parse(text, ret_moment);
}

void moment_format_span(__u64 ns, char out[MOMENT_TEXT_MAX])
{
	unsigned long long seconds = ns / MOMENT_SECOND;

	if (seconds >= 86400)
		(void)snprintf(out, MOMENT_TEXT_MAX, "%llu d %llu h", seconds / 86400, seconds / 3600 % 24);
	else if (seconds >= 3600)
		(void)snprintf(out, MOMENT_TEXT_MAX, "%llu h %llu min", seconds / 3600, seconds / 60 % 60);
	else if (seconds >= 60)
		(void)snprintf(out, MOMENT_TEXT_MAX, "%llu min %llu s", seconds / 60, seconds % 60);
	else
		(void)snprintf(out, MOMENT_TEXT_MAX, "%llu s", seconds);
}

void moment_format(__u64 moment, const char *format, char out[MOMENT_TEXT_MAX])
{
	time_t seconds = (time_t)(moment / MOMENT_SECOND);
	struct tm tm;

	out[0] = '\0';
	if (localtime_r(&seconds, &tm))
		out[strftime(out, MOMENT_TEXT_MAX, format, &tm)] = '\0';
}
