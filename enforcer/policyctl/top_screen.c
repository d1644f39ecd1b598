/* SPDX-License-Identifier: GPL-2.0-only */
/* top_screen.c - `policyctl top` on a terminal. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "moment.h"
#include "output.h"
#include "ownership.h"
#include "top_line.h"
#include "top_rows.h"
#include "top_screen.h"

/* Rows of a table that can be reached. */
#define ROWS_MAX 256
/* Less than is shown of a number. */
#define SLACK_SHOWN 0.05
/* A denial is new for so long. */
#define FLASH_SECONDS 5
/* From here on all four tables are shown. */
#define GRID_COLUMNS 120
#define GRID_LINES 24

int top_screen_open(struct top_screen *screen)
{
	*screen = (struct top_screen){};
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !newterm(NULL, stdout, stdin))
		return -ENOTTY;
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)set_escdelay(25);
	(void)curs_set(0);
	if (!getenv("NO_COLOR") && has_colors()) {
		(void)start_color();
		(void)use_default_colors();
		(void)init_pair(PAIR_DENY, COLOR_RED, -1);
		(void)init_pair(PAIR_AUDIT, COLOR_YELLOW, -1);
		(void)init_pair(PAIR_ALLOW, COLOR_GREEN, -1);
		(void)init_pair(PAIR_FILTER, COLOR_CYAN, -1);
	}
	return 0;
}

void top_screen_close(struct top_screen *screen)
{
	(void)endwin();
	for (unsigned int i = 0; i < TOP_TABLES; i++)
		free(screen->keys[i]);
	free(screen->filter);
	free(screen->message);
	free(screen->prompt);
	free(screen->page);
}

void top_screen_set_page(struct top_screen *screen, char *text)
{
	free(screen->page);
	screen->page = text;
	screen->page_line = 0;
}

/* ---- Rates ---- */

static bool has_come(const struct rates *rates, unsigned int hook, unsigned int verdict)
{
	return rates->counts[hook][verdict] > 0;
}

/* Returns how many lines it took. */
static int draw_rates(const struct top_model *model, const struct area *area)
{
	struct top_line line;
	int number = 1;

	if (!top_line_open(&line))
		return 0;
	top_rows_write_rate_heading(line.out, (size_t)area->columns);
	top_line_show(&line, area, 0, A_DIM);
	/* Denials first: where there is little room, they are what is to be seen. */
	for (unsigned int verdict = 0; verdict < PC_NO_VERDICT; verdict++) {
		for (unsigned int hook = 0; hook < PC_SECTIONS && number < area->lines; hook++) {
			if (!has_come(&model->rates, hook, verdict) || !top_line_open(&line))
				continue;
			top_rows_write_rate(line.out, &model->rates, hook, verdict, (size_t)area->columns);
			top_line_show(&line, area, number++, top_line_colour(verdict));
		}
	}
	if (number == 1)
		top_line_text(area, number++, "nothing has been decided yet", A_DIM);
	return number;
}

/* ---- Tables ---- */

/* The row whose key was selected, wherever it is now; the first one if it is gone. */
static size_t find_selected(struct top_screen *screen, enum top_table table,
			    const struct tally_entry *const *list, size_t count)
{
	for (size_t i = 0; screen->keys[table] && i < count; i++)
		if (strcmp(list[i]->key, screen->keys[table]) == 0)
			return i;
	free(take_ptr(screen->keys[table]));
	return 0;
}

static bool is_new(enum top_table table, const struct tally_entry *entry)
{
	return table == TOP_DENIALS && entry->first_time + FLASH_SECONDS * MOMENT_SECOND > moment_now();
}

static attr_t attributes_of(enum top_table table, const struct tally_entry *entry, bool is_selected)
{
	unsigned int verdict = entry->counts[PC_DENY] > 0    ? PC_DENY
			       : entry->counts[PC_AUDIT] > 0 ? PC_AUDIT
							     : PC_ALLOW;
	attr_t attributes = table == TOP_DENIALS ? top_line_colour(entry->last.verdict) : top_line_colour(verdict);

	if (is_new(table, entry))
		attributes |= A_BOLD | A_BLINK;
	return is_selected ? attributes | A_REVERSE : attributes;
}

static void draw_rows(struct top_screen *screen, struct top_model *model, enum top_table table,
		      const struct area *area)
{
	const struct tally_entry *list[ROWS_MAX];
	size_t count = top_model_list(model, table, list, ROWS_MAX),
	       at = find_selected(screen, table, list, count);
	size_t room = area->lines > 0 ? (size_t)area->lines : 0,
	       first = at >= room && room > 0 ? at - room + 1 : 0;
	struct top_line line;

	for (size_t i = 0; i < room; i++) {
		bool is_selected = table == screen->table && first + i == at;

		if (first + i >= count) {
			top_line_text(area, (int)i, i == 0 ? "nothing yet" : "", A_DIM);
			continue;
		}
		if (!top_line_open(&line))
			return;
		top_rows_write(line.out, table, model, list[first + i], (size_t)area->columns);
		top_line_show(&line, area, (int)i, attributes_of(table, list[first + i], is_selected));
	}
}

static bool is_grid(void)
{
	return COLS >= GRID_COLUMNS && LINES >= GRID_LINES;
}

/* How far the counts may be off, once the table had to forget. */
static void write_title(FILE *out, const struct top_model *model, enum top_table table, size_t columns)
{
	double slack = top_model_slack(model, table);
	char text[128];

	(void)snprintf(text, sizeof(text), slack >= SLACK_SHOWN ? "%u %s (/min: up to %.1f more)" : "%u %s",
		       (unsigned int)table + 1, top_rows_title(table), slack);
	(void)output_fit(out, text, strlen(text), columns);
}

/* Where one table has all the room, the others can be chosen. */
static void write_titles(FILE *out, const struct top_model *model, enum top_table table, size_t columns)
{
	double slack = top_model_slack(model, table);
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	for (unsigned int i = 0; i < TOP_TABLES; i++)
		fprintf(memory, i == table ? "[%u %s]  " : "%u %s  ", i + 1, top_rows_title(i));
	if (slack >= SLACK_SHOWN)
		fprintf(memory, "/min: up to %.1f more", slack);
	if (fclose(memory) == 0)
		(void)output_fit(out, text, size, columns);
}

static void draw_table(struct top_screen *screen, struct top_model *model, enum top_table table,
		       struct area area)
{
	struct top_line line;

	if (top_line_open(&line)) {
		if (is_grid())
			write_title(line.out, model, table, (size_t)area.columns);
		else
			write_titles(line.out, model, table, (size_t)area.columns);
		top_line_show(&line, &area, 0,
			  table == screen->table ? A_BOLD | A_REVERSE : A_BOLD | A_UNDERLINE);
	}
	if (area.lines > 4 && top_line_open(&line)) {
		top_rows_write_heading(line.out, table, (size_t)area.columns);
		top_line_show(&line, &area, 1, A_DIM);
		area.line++;
		area.lines--;
	}
	area.line++;
	area.lines--;
	draw_rows(screen, model, table, &area);
}

static void draw_grid(struct top_screen *screen, struct top_model *model, const struct area *area)
{
	int lines = area->lines / 2, columns = area->columns / 2;

	for (unsigned int i = 0; i < TOP_TABLES; i++) {
		bool is_right = i % 2, is_below = i / 2;
		struct area part = {
			.line = area->line + (is_below ? lines : 0),
			.column = area->column + (is_right ? columns + 1 : 0),
			.lines = is_below ? area->lines - lines : lines - 1,
			.columns = is_right ? area->columns - columns - 1 : columns - 1,
		};

		draw_table(screen, model, i, part);
	}
}

/* ---- The rest ---- */

static void draw_head(const struct top_screen *screen, const struct top_model *model, const struct area *area)
{
	struct top_line line;

	if (!top_line_open(&line))
		return;
	if (screen->trouble)
		(void)output_fit(line.out, screen->trouble, strlen(screen->trouble), (size_t)area->columns);
	else if (screen->is_paused)
		(void)output_fit(line.out, "PAUSED; p goes on", strlen("PAUSED; p goes on"),
				 (size_t)area->columns);
	else
		top_rows_write_head(line.out, model, (size_t)area->columns);
	top_line_show(&line, area, 0, screen->trouble ? A_REVERSE | (attr_t)COLOR_PAIR(PAIR_DENY) : A_BOLD);
}

static void draw_filter(const struct top_screen *screen, const struct area *area)
{
	_cleanup_free_ char *text = NULL;

	if (!screen->filter)
		return;
	if (asprintf(&text, "only %s", screen->filter) < 0) {
		text = NULL;
		return;
	}
	top_line_text(area, 0, text, (attr_t)COLOR_PAIR(PAIR_FILTER));
}

static void draw_foot(const struct top_screen *screen, const struct area *area)
{
	_cleanup_free_ char *text = NULL;

	if (screen->message) {
		top_line_text(area, 0, screen->message, A_BOLD);
		return;
	}
	if (!screen->prompt) {
		top_line_text(area, 0,
			  area->columns < 70
				  ? "q / tab enter e; ? help"
				  : "q quit  p pause  / filter  tab table  enter rule  e explain  ? help",
			  A_DIM);
		return;
	}
	if (asprintf(&text, "filter: %s_", screen->prompt) < 0) {
		text = NULL;
		return;
	}
	top_line_text(area, 0, text, A_BOLD);
}

static void draw_page(struct top_screen *screen, const struct area *area)
{
	const char *at = screen->page;
	size_t line = 0;
	int number = 0;

	for (; *at; line++) {
		size_t length = strcspn(at, "\n");
		struct top_line row;

		if (line >= screen->page_line && number < area->lines && top_line_open(&row)) {
			(void)output_fit(row.out, at, length, (size_t)area->columns);
			top_line_show(&row, area, number++, A_NORMAL);
		}
		at += length + (at[length] == '\n');
	}
	/* Scrolled past its end. */
	if (screen->page_line > 0 && screen->page_line >= line)
		screen->page_line = line - 1;
}

void top_screen_draw(struct top_screen *screen, struct top_model *model)
{
	struct area all = { 0, 0, LINES, COLS }, head = { 0, 0, 1, COLS }, foot = { LINES - 1, 0, 1, COLS };
	struct area body = { 1, 0, LINES - 2, COLS };
	int rates;

	(void)erase();
	draw_head(screen, model, &head);
	draw_foot(screen, &foot);
	if (screen->page) {
		draw_page(screen, &body);
		(void)refresh();
		return;
	}
	body.lines = all.lines < 16 ? 4 : all.lines / 3 + 1;
	rates = draw_rates(model, &body);
	body = (struct area){ 1 + rates, 0, 1, COLS };
	draw_filter(screen, &body);
	body = (struct area){ 2 + rates, 0, LINES - 3 - rates, COLS };
	if (is_grid())
		draw_grid(screen, model, &body);
	else
		draw_table(screen, model, screen->table, body);
	(void)refresh();
}

const struct tally_entry *top_screen_selected(struct top_screen *screen, struct top_model *model)
{
	const struct tally_entry *list[ROWS_MAX];
	size_t count = top_model_list(model, screen->table, list, ROWS_MAX);

	return count > 0 ? list[find_selected(screen, screen->table, list, count)] : NULL;
}

void top_screen_move(struct top_screen *screen, struct top_model *model, int rows)
{
	const struct tally_entry *list[ROWS_MAX];
	size_t count = top_model_list(model, screen->table, list, ROWS_MAX), at;

	if (count == 0)
		return;
	at = find_selected(screen, screen->table, list, count);
	if (rows < 0)
		at = at > (size_t)-rows ? at - (size_t)-rows : 0;
	else
		at = at + (size_t)rows < count ? at + (size_t)rows : count - 1;
	free(screen->keys[screen->table]);
	/* At the top one stays at the top: that is where what is new comes. */
	screen->keys[screen->table] = at > 0 ? strdup(list[at]->key) : NULL;
}
