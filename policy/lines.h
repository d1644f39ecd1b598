/* SPDX-License-Identifier: GPL-2.0-only */
/* lines.h - cuts a text into checked lines: what policy files and list files have in common. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

/* A text and where it is being read. */
struct lines {
	const char *next;
	const char *end;
	struct loc loc; /* of the line last read */
	size_t limit;   /* bytes of the longest line */
	struct diags *d;
};

/* A part of the text; not NUL-terminated. */
struct span {
	const char *start;
	size_t len;
};

void lines_start(struct lines *lines, const char *text, size_t length);
/*
 * The next line without its ending (LF or CR LF). False: there is none. A line with an error in it has been
 * reported and comes back empty. A NUL byte ends the text: it is not one.
 */
bool lines_next(struct lines *lines, struct span *ret_line);

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without blanks at both ends. */
struct span span_trim(struct span span);
/* Without a comment: it begins with a ';' behind a blank. */
struct span span_without_comment(struct span span);
