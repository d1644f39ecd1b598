/* SPDX-License-Identifier: GPL-2.0-only */
/* output.h - what people read: colour on a terminal only, names that cannot talk to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum colour {
	COLOUR_NONE,
	COLOUR_BAD,  /* red */
	COLOUR_WARN, /* yellow */
	COLOUR_GOOD, /* green */
	COLOUR_FAINT,
};

/* The sequence that starts the colour, or "" where stdout is no terminal or NO_COLOR is set. */
const char *colour_start(enum colour colour);
const char *colour_end(void);
/* Of "deny", "audit", "allow". */
enum colour colour_of_verdict(const char *verdict);

/*
 * Writes bytes that anybody may have chosen: control characters, those that turn the writing round, and what is not
 * UTF-8 as \xHH. Returns how many columns.
 */
size_t output_safe(FILE *out, const char *bytes, size_t length);
/* The same in `columns` columns at most, with "…" for what is left out in the middle. */
size_t output_fit(FILE *out, const char *bytes, size_t length, size_t columns);
/* How many columns output_safe() would take. */
size_t output_columns(const char *bytes, size_t length);
void output_blanks(FILE *out, size_t count);
/* Columns of the terminal that stdout is; 0: it is none. */
size_t output_terminal(void);
