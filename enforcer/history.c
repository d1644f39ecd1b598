/* SPDX-License-Identifier: GPL-2.0-only */
/* history.c - the last records, in memory. */
#include <stdlib.h>
#include <string.h>

#include "history.h"

struct line {
	char *bytes; /* NULL: there was no memory for it */
	size_t length;
};

struct history {
	struct line lines[HISTORY_LINES]; /* record n at n % HISTORY_LINES */
	__u64 first;
	__u64 next;
	size_t bytes;
};

struct history *history_new(void)
{
	return calloc(1, sizeof(struct history));
}

static void drop_first(struct history *history)
{
	struct line *line = &history->lines[history->first % HISTORY_LINES];

	free(line->bytes);
	history->bytes -= line->length;
	*line = (struct line){};
	history->first++;
}

struct history *history_free(struct history *history)
{
	if (!history)
		return NULL;
	while (history->first < history->next)
		drop_first(history);
	free(history);
	return NULL;
}

void history_add(struct history *history, const char *line, size_t length)
{
	struct line *slot;

	while (history->next - history->first == HISTORY_LINES ||
	       (history->first < history->next && history->bytes + length > HISTORY_BYTES))
		drop_first(history);
	slot = &history->lines[history->next++ % HISTORY_LINES];
	slot->bytes = malloc(length ? length : 1);
	if (!slot->bytes)
		return;
	memcpy(slot->bytes, line, length);
	slot->length = length;
	history->bytes += length;
}

__u64 history_first(const struct history *history)
{
	return history->first;
}

__u64 history_next(const struct history *history)
{
	return history->next;
}

const char *history_line(const struct history *history, __u64 number, size_t *ret_length)
{
	const struct line *line = &history->lines[number % HISTORY_LINES];

	if (number < history->first || number >= history->next || !line->bytes)
		return NULL;
	*ret_length = line->length;
	return line->bytes;
}
