/* SPDX-License-Identifier: GPL-2.0-only */
/* diag.h - located diagnostics: policy/ never prints, it adds one of these and goes on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum diag_level {
	DIAG_ERROR,
	DIAG_WARNING,
	DIAG_NOTE,
};

/* Where something stands. `file` is the path as the user gave it, borrowed from the policy. */
struct loc {
	const char *file;
	unsigned int line; /* 0: the file as a whole */
};

struct diag_entry {
	struct loc loc; /* its file is the diagnostics' own copy: they outlive a policy that was refused */
	enum diag_level level;
	char *text; /* owned; lower case, no full stop */
};

struct diags {
	struct diag_entry *entries;
	size_t count;
	size_t errors;         /* all of them, those left out as well */
	size_t remarks;        /* warnings and notes, likewise */
	size_t left_out;       /* of both, being more than PC_DIAGS_MAX */
	bool is_out_of_memory; /* a diagnostic was lost: treat as an error */
	char **files;          /* owned, in the order that they are sorted in */
	size_t file_count;
};

/* Gives a file its place in the order; else it gets it with its first diagnostic. */
void diags_know_file(struct diags *d, const char *file);
/* `loc` may be NULL, or without a file: then the text stands alone. */
void diag_add(struct diags *d, const struct loc *loc, enum diag_level level, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Sorts by file (as they became known), line, level; drops what is said twice. */
void diags_sort(struct diags *d);
/* One line each: "file:line: error: text\n". Control bytes are shown as \xHH. */
void diags_print(const struct diags *d, FILE *out);
void diags_done(struct diags *d);
