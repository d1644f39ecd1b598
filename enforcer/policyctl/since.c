/* SPDX-License-Identifier: GPL-2.0-only */
/* since.c - the beginning of a time span, as records write times. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "since.h"

static int seconds_of(char unit)
{
	static const struct {
		char unit;
		int seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == unit)
			return units[i].seconds;
	return 0;
}

/* −EINVAL: no number with a unit. */
static int parse_ago(const char *text, time_t *ret_time)
{
	size_t digits = strspn(text, "0123456789");
	int unit =
		digits > 0 && digits < 7 && text[digits] && !text[digits + 1] ? seconds_of(text[digits]) : 0;

	if (!unit)
		return -EINVAL;
	*ret_time = time(NULL) - (time_t)strtoul(text, NULL, 10) * unit;
	return 0;
}

static int parse_date(const char *text, time_t *ret_time)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%dT%H:%M:%SZ" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {};
		const char *end = strptime(text, forms[i], &tm);

		if (!end || *end)
			continue;
		*ret_time = timegm(&tm);
		return 0;
	}
	return -EINVAL;
}

int since_parse(const char *text, char ret_time[SINCE_MAX])
{
	struct tm tm;
	time_t when;

	if (parse_ago(text, &when) < 0 && parse_date(text, &when) < 0) {
		fprintf(stderr,
			"policyctl: '%s' is no time; write 30m, 24h, 7d, 2026-11-21 or 2026-11-21T10:00 (UTC)\n",
			text);
		return -EINVAL;
	}
	(void)gmtime_r(&when, &tm);
	(void)strftime(ret_time, SINCE_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	return 0;
}
