/* SPDX-License-Identifier: GPL-2.0-only */
/* top_line.h - lines on the screen of `policyctl top`. */
#pragma once

#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <portcullis/abi.h>
#include <stdio.h>

/* Colours, as numbers of pairs. */
enum pair {
	PAIR_DENY = 1,
	PAIR_AUDIT,
	PAIR_ALLOW,
	PAIR_FILTER,
};

/* A place on the screen. */
struct area {
	int line, column, lines, columns;
};

/* A line that is being made. */
struct top_line {
	char *text; /* owned */
	size_t size;
	FILE *out; /* NULL: no memory */
};

/* NULL: no memory. What is written must have gone through output_fit(). */
FILE *top_line_open(struct top_line *line);
/* Closes it and shows it, with blanks up to the end of its area, so that what stood there is gone. */
void top_line_show(struct top_line *line, const struct area *area, int number, attr_t attributes);
/* Any text, as much of it as fits. */
void top_line_text(const struct area *area, int number, const char *text, attr_t attributes);
attr_t top_line_colour(enum pc_verdict verdict);
