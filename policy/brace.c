/* SPDX-License-Identifier: GPL-2.0-only */
/* brace.c - expands the braces of a glob. */
#include <stdbool.h>
#include <string.h>

#include <portcullis/limits.h>

#include "brace.h"
#include "ownership.h"

/* One character or quoted pair. */
static size_t step(const char *text)
{
	return text[0] == '\\' && text[1] ? 2 : 1;
}

/* Where the group that starts at `open` ends; NULL if nowhere. */
static const char *find_close(const char *open)
{
	size_t depth = 0;

	for (const char *p = open; *p; p += step(p)) {
		if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
	}
	return NULL;
}

/* Checks the braces as a whole. Each group adds a result or is pointless, so more groups than results are an
 * error. */
static const char *find_mistake(const char *glob)
{
	size_t depth = 0, groups = 0;

	for (const char *p = glob; *p; p += step(p)) {
		if (*p == '{') {
			depth++;
			groups++;
		} else if (*p == '}') {
			if (depth == 0)
				return "'}' without '{'; quote it as '\\}'";
			depth--;
		}
	}
	if (depth > 0)
		return "'{' without '}'; quote it as '\\{'";
	if (groups > PC_BRACE_MAX)
		return "braces expand to more than 64 patterns; use a [list]";
	return NULL;
}

void brace_list_done(struct brace_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
	*list = (struct brace_list){};
}

/* head + alternative + tail, where the alternative's and the tail's braces are still to be expanded. */
static char *splice(const char *text, const char *open, const char *first, const char *end, const char *close)
{
	size_t head = open - text, middle = end - first, tail = strlen(close + 1);
	char *joined = malloc(head + middle + tail + 1);

	if (!joined)
		return NULL;
	memcpy(joined, text, head);
	memcpy(joined + head, first, middle);
	memcpy(joined + head + middle, close + 1, tail + 1);
	return joined;
}

static int expand(const char *text, size_t plain, struct brace_list *list, const char **ret_why);

/* Every alternative between `open` and `close`, each spliced into the text and expanded further. */
static int expand_group(const char *text, const char *open, const char *close, struct brace_list *list,
			const char **ret_why)
{
	const char *first = open + 1;
	size_t depth = 0;
	int r;

	for (const char *p = first;; p += step(p)) {
		_cleanup_free_ char *joined = NULL;

		if (*p == '{')
			depth++;
		else if (*p == '}' && p != close)
			depth--;
		if (p != close && (*p != ',' || depth > 0))
			continue;
		joined = splice(text, open, first, p, close);
		if (!joined)
			return -ENOMEM;
		r = expand(joined, open - text, list, ret_why);
		if (r < 0 || p == close)
			return r;
		first = p + 1;
	}
}

/* The first `plain` bytes of the text are known to hold no brace. */
static int expand(const char *text, size_t plain, struct brace_list *list, const char **ret_why)
{
	const char *open = text + plain;
	char *copy;

	while (*open && *open != '{')
		open += step(open);
	if (*open)
		return expand_group(text, open, find_close(open), list, ret_why);
	if (list->count == PC_BRACE_MAX) {
		*ret_why = "braces expand to more than 64 patterns; use a [list]";
		return -EINVAL;
	}
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	list->texts[list->count++] = copy;
	return 0;
}

int brace_expand(const char *glob, struct brace_list *ret_list, const char **ret_why)
{
	_cleanup_(brace_list_done) struct brace_list list = {};
	int r;

	*ret_why = find_mistake(glob);
	if (*ret_why)
		return -EINVAL;
	list.texts = calloc(PC_BRACE_MAX, sizeof(*list.texts));
	if (!list.texts)
		return -ENOMEM;
	r = expand(glob, 0, &list, ret_why);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct brace_list){};
	return 0;
}
