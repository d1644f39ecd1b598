/* SPDX-License-Identifier: GPL-2.0-only */
/* top_line.c - lines on the screen of `policyctl top`. */
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "top_line.h"

FILE *top_line_open(struct top_line *line)
{
	*line = (struct top_line){};
	line->out = open_memstream(&line->text, &line->size);
	return line->out;
}

void top_line_show(struct top_line *line, const struct area *area, int number, attr_t attributes)
{
	size_t used;

	if (fclose(line->out) == 0 && number < area->lines && area->columns > 0) {
		used = output_columns(line->text, line->size);
		(void)attrset(attributes);
		(void)mvaddstr(area->line + number, area->column, line->text);
		for (; used < (size_t)area->columns; used++)
			(void)addch(' ');
		(void)attrset(A_NORMAL);
	}
	free(line->text);
}

void top_line_text(const struct area *area, int number, const char *text, attr_t attributes)
{
	struct top_line line;

	if (!top_line_open(&line))
		return;
	(void)output_fit(line.out, text, strlen(text), (size_t)area->columns);
	top_line_show(&line, area, number, attributes);
}

attr_t top_line_colour(enum pc_verdict verdict)
{
	static const enum pair pairs[] = {
		[PC_DENY] = PAIR_DENY, [PC_AUDIT] = PAIR_AUDIT, [PC_ALLOW] = PAIR_ALLOW
	};

	return (attr_t)COLOR_PAIR(pairs[verdict]);
}
