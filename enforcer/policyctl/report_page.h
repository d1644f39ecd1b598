/* SPDX-License-Identifier: GPL-2.0-only */
/* report_page.h - a report as one page of HTML that needs nothing else and runs nothing. */
#pragma once

#include "args.h"
#include "report_data.h"

struct report_page {
	const struct args *args;
	struct report_data *data;
	bool is_incomplete; /* some lines were no records */
};

/* −errno: there are no random numbers. What the stream refuses is found by who closes it. */
int report_page_write(FILE *out, const struct report_page *page);

/* The style sheet, and the picture of decisions over time: parts of the page. */
extern const char report_style[];
void report_chart_write(FILE *out, const struct timeline *timeline);
