/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reader.h - turns INI text into located lines, by inih behind a reader that refuses what inih would misread.
 *
 * inih splits long lines, cuts section names, merges sections and takes `:` for `=`, all without a word. So
 * every line is checked and cut here first; inih gets the clean line, and what it makes of it must be what
 * was found here.
 */
#pragma once

#include <stddef.h>

#include "diag.h"

/* A section's beginning (key NULL) or one `key = value` of it. Lives until the handler returns. */
struct reader_line {
	struct loc loc;
	const char *section;
	const char *key;
	const char *value; /* without blanks around it and without comment; never empty */
};

/* 0, or −errno to stop the reader with it. What is wrong with the text goes to the diagnostics. */
typedef int (*reader_handler)(void *user, const struct reader_line *line);

/*
 * Hands out every line of `text` that is in order; errors in the others go to `d`, and so do keys before the
 * first section and sections that stand twice. Keys below a section header that was refused are not handed
 * out. `file` stands in every loc and must outlive them. Returns 0 or what the handler returned.
 */
int reader_run(const char *file, const char *text, size_t length, struct diags *d, reader_handler handler,
	       void *user);

/* 0, or −errno to stop with it. */
typedef int (*reader_item_handler)(void *user, const struct loc *loc, const char *item);

/* The same for a list file: one item a line; `#` and `;` begin a line of comment, ` ;` one behind an item. */
int reader_run_items(const char *file, const char *text, size_t length, struct diags *d,
		     reader_item_handler handler, void *user);
