/* SPDX-License-Identifier: GPL-2.0-only */
/* top_screen.h - `policyctl top` on a terminal. Every byte that is shown has gone through output_fit(). */
#pragma once

#include "top_model.h"

struct top_screen {
	enum top_table table;   /* that the keys are for */
	char *keys[TOP_TABLES]; /* of the selected entries; owned; NULL: the first one, whichever it is */
	bool is_paused;
	const char *trouble; /* with the daemon; NULL: none */
	char *filter;        /* in words; owned; NULL: none */
	char *message;       /* owned; until the next key */
	char *prompt;        /* what is being typed; owned; NULL: nothing */
	char *page;          /* a text over all else; owned; NULL: none */
	size_t page_line;    /* its first line that is shown */
};

/* −ENOTTY: there is no terminal, or none that curses knows. */
int top_screen_open(struct top_screen *screen);
void top_screen_close(struct top_screen *screen);
void top_screen_draw(struct top_screen *screen, struct top_model *model);
/* The entry that is selected; NULL: there is none. Valid until the model takes a record. */
const struct tally_entry *top_screen_selected(struct top_screen *screen, struct top_model *model);
/* Rows up (< 0) or down. */
void top_screen_move(struct top_screen *screen, struct top_model *model, int rows);
/* Takes the text. */
void top_screen_set_page(struct top_screen *screen, char *text);
