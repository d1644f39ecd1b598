/* SPDX-License-Identifier: GPL-2.0-only */
/* brace.h - expands the braces of a glob. */
#pragma once

#include <stddef.h>

struct brace_list {
	char **texts; /* braces gone, quoting kept */
	size_t count;
};

/*
 * {a,b} gives two texts; braces nest and may hold '/'. Quoting with '\' makes '{', ',' and '}' plain; a ','
 * outside braces is plain anyway. −EINVAL: *ret_why (a static string) says what is wrong.
 */
int brace_expand(const char *glob, struct brace_list *ret_list, const char **ret_why);
void brace_list_done(struct brace_list *list);
