/* SPDX-License-Identifier: GPL-2.0-only */
/* log_line.h - a record for people: one line where there is room for it, else two. */
#pragma once

#include <stdio.h>

#include "rulebook.h"

struct log_layout {
	size_t columns; /* 0: no terminal, so nothing is cut */
	size_t object;
	size_t reason;
	size_t program; /* 0: reason and program have a line of their own */
};

struct log_layout log_layout_for_stdout(void);
/* `book` may be NULL. */
void log_line_write(FILE *out, const struct log_layout *layout, const struct rulebook *book,
		    const struct record *record);
/* "open read", "open rename", "exec". */
void log_line_what(const struct record *record, char *out, size_t size);
/* "cat[4711] uid 1000 as web ×3; args: sh -c id". Owned by the caller; NULL: no memory. */
char *log_line_program(const struct record *record);
