/* SPDX-License-Identifier: GPL-2.0-only */
/* top.c - `policyctl top`: what is decided, live. */
#define NCURSES_WIDECHAR 1
#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "feed.h"
#include "moment.h"
#include "ownership.h"
#include "top_pages.h"
#include "top_rows.h"
#include "top_screen.h"
#include "verbs.h"

#define PROMPT_MAX 500
/* Between two pictures, ms. */
#define PICTURE_EVERY 250
/* Rows of a table in a snapshot. */
#define ONCE_ROWS 20
#define ONCE_COLUMNS 160

struct top {
	struct top_model model;
	struct top_screen screen;
	struct feed feed;
	__u64 ticked; /* when the daemon was last asked; CLOCK_BOOTTIME, ns */
	bool is_over;
};

static volatile sig_atomic_t is_ending;

static void on_signal(int number)
{
	(void)number;
	is_ending = 1;
}

/* ---- What comes ---- */

static void on_record(const struct record *record, void *userdata)
{
	top_model_take_record(&((struct top *)userdata)->model, record);
}

static void on_skipped(unsigned long long count, void *userdata)
{
	((struct top *)userdata)->model.skipped += count;
}

static void on_status(const char *text, void *userdata)
{
	top_model_take_status(&((struct top *)userdata)->model, text);
}

/* While it is paused nothing is taken: the daemon keeps what it can hold, and tells what it could not. */
static void tick(struct top *top)
{
	__u64 now = clock_boottime();

	if (top->screen.is_paused || now - top->ticked < MOMENT_SECOND)
		return;
	top->ticked = now;
	top_model_fade(&top->model);
	feed_tick(&top->feed);
	if (top->feed.error)
		rates_break(&top->model.rates);
}

static void wait_and_take(struct top *top, int keyboard, int timeout)
{
	struct pollfd fds[FEED_CHANNELS + 1];

	for (unsigned int i = 0; i < FEED_CHANNELS; i++)
		fds[i] = (struct pollfd){ .fd = top->screen.is_paused ? -1 : top->feed.fds[i],
					  .events = POLLIN };
	fds[FEED_CHANNELS] = (struct pollfd){ .fd = keyboard, .events = POLLIN };
	if (poll(fds, FEED_CHANNELS + 1, timeout) <= 0)
		return;
	for (unsigned int i = 0; i < FEED_CHANNELS; i++)
		if (fds[i].revents)
			feed_take(&top->feed, i);
	/* The terminal is gone. */
	if (fds[FEED_CHANNELS].revents & (POLLHUP | POLLERR | POLLNVAL))
		top->is_over = true;
}

/* ---- Keys ---- */

static void say(struct top *top, const char *text)
{
	free(top->screen.message);
	top->screen.message = text ? strdup(text) : NULL;
}

static void take_filter(struct top *top)
{
	struct filter filter = {};
	struct diags d = {};

	if (filter_from_line(top->screen.prompt, &d, &filter) < 0) {
		say(top, d.count > 0 ? d.entries[0].text : "out of memory");
	} else {
		top_model_set_filter(&top->model, &filter);
		feed_restart(&top->feed);
		free(top->screen.filter);
		top->screen.filter = *top->screen.prompt ? strdup(top->screen.prompt) : NULL;
	}
	diags_done(&d);
	free(take_ptr(top->screen.prompt));
}

/* Bytes of UTF-8 come one by one; the last character is taken back as a whole. */
static void type(struct top *top, int key)
{
	char *prompt = top->screen.prompt;
	size_t length = strlen(prompt);

	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		take_filter(top);
	} else if (key == '\x1b') {
		free(take_ptr(top->screen.prompt));
	} else if (key == KEY_BACKSPACE || key == '\x7f' || key == '\b') {
		while (length > 0 && (prompt[length - 1] & 0xc0) == 0x80)
			length--;
		prompt[length > 0 ? length - 1 : 0] = '\0';
	} else if (key == 'U' - '@') {
		prompt[0] = '\0';
	} else if (key >= ' ' && key < 0x100 && length + 1 < PROMPT_MAX) {
		prompt[length] = (char)key;
		prompt[length + 1] = '\0';
	}
}

static void show_page(struct top *top,
		      char *(*make)(const struct top_model *model, const struct record *record))
{
	const struct tally_entry *entry = top_screen_selected(&top->screen, &top->model);

	if (!entry)
		say(top, "there is no line to look at yet");
	else if (make == top_page_explain &&
		 (top->screen.table == TOP_PROGRAMS || top->screen.table == TOP_RULES))
		say(top, "explain is about an object: choose a line of new denials or objects");
	else
		top_screen_set_page(&top->screen, make(&top->model, &entry->last));
}

static void read_page(struct top *top, int key)
{
	size_t *line = &top->screen.page_line, page = LINES > 3 ? (size_t)LINES - 3 : 1;

	if (key == KEY_DOWN || key == 'j')
		++*line;
	else if (key == KEY_NPAGE || key == ' ')
		*line += page;
	else if (key == KEY_UP || key == 'k')
		*line -= *line > 0;
	else if (key == KEY_PPAGE)
		*line -= *line > page ? page : *line;
	else if (key != KEY_RESIZE)
		top_screen_set_page(&top->screen, NULL);
}

static void select_row(struct top *top, int key)
{
	int page = LINES / 2;

	static const struct {
		int key, rows;
	} moves[] = {
		{ KEY_DOWN, 1 },       { 'j', 1 },          { KEY_UP, -1 }, { 'k', -1 },
		{ KEY_HOME, -100000 }, { KEY_END, 100000 },
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].key == key)
			top_screen_move(&top->screen, &top->model, moves[i].rows);
	if (key == KEY_NPAGE || key == KEY_PPAGE)
		top_screen_move(&top->screen, &top->model, key == KEY_NPAGE ? page : -page);
}

/* The filter of now is there to be changed. */
static void open_prompt(struct top_screen *screen)
{
	screen->prompt = calloc(1, PROMPT_MAX);
	if (screen->prompt && screen->filter)
		(void)snprintf(screen->prompt, PROMPT_MAX, "%s", screen->filter);
}

static void press(struct top *top, int key)
{
	struct top_screen *screen = &top->screen;

	if (key == 'q')
		top->is_over = true;
	else if (key == 'p')
		screen->is_paused = !screen->is_paused;
	else if (key == '/')
		open_prompt(screen);
	else if (key == '\t')
		screen->table = (screen->table + 1) % TOP_TABLES;
	else if (key >= '1' && key < '1' + TOP_TABLES)
		screen->table = (enum top_table)(key - '1');
	else if (key == '\r' || key == '\n' || key == KEY_ENTER)
		show_page(top, top_page_rule);
	else if (key == 'e')
		show_page(top, top_page_explain);
	else if (key == '?' || key == 'h')
		top_screen_set_page(screen, top_page_help());
	else
		select_row(top, key);
}

static void take_keys(struct top *top)
{
	int key;

	while (!top->is_over && (key = getch()) != ERR) {
		if (key != KEY_RESIZE)
			say(top, NULL);
		if (top->screen.prompt)
			type(top, key);
		else if (top->screen.page)
			read_page(top, key);
		else
			press(top, key);
	}
}

/* ---- Ways to run ---- */

/* The command line's filters, as they could be typed. */
static char *describe_filter(const struct args *args)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = args->value_count > 0 ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	for (int i = 0; i < args->value_count; i++)
		fprintf(out, "%s%s '%s'", i ? " " : "", args_option_name(args->values[i].option),
			args->values[i].text);
	return fclose(out) == 0 ? take_ptr(text) : NULL;
}

static void watch(struct top *top)
{
	while (!top->is_over && !is_ending) {
		tick(top);
		top->screen.trouble = feed_trouble(&top->feed);
		top_screen_draw(&top->screen, &top->model);
		wait_and_take(top, STDIN_FILENO, PICTURE_EVERY);
		take_keys(top);
	}
}

static void write_tables(struct top *top)
{
	const struct tally_entry *list[ONCE_ROWS];

	for (unsigned int table = 0; table < TOP_TABLES; table++) {
		size_t count = top_model_list(&top->model, table, list, ONCE_ROWS);

		printf("\n%s\n", top_rows_title(table));
		top_rows_write_heading(stdout, table, ONCE_COLUMNS);
		printf("\n");
		for (size_t i = 0; i < count; i++) {
			top_rows_write(stdout, table, &top->model, list[i], ONCE_COLUMNS);
			printf("\n");
		}
	}
}

static void write_snapshot(struct top *top)
{
	top_rows_write_head(stdout, &top->model, ONCE_COLUMNS);
	printf("\n\n");
	top_rows_write_rate_heading(stdout, ONCE_COLUMNS);
	printf("\n");
	for (unsigned int verdict = 0; verdict < PC_NO_VERDICT; verdict++) {
		for (unsigned int hook = 0; hook < PC_SECTIONS; hook++) {
			top_rows_write_rate(stdout, &top->model.rates, hook, verdict, ONCE_COLUMNS);
			printf("\n");
		}
	}
	write_tables(top);
}

/* A rate takes two looks at the counters. */
static void look_twice(struct top *top)
{
	__u64 begin = clock_boottime();

	while (!is_ending && !top->feed.error && clock_boottime() - begin < 3 * MOMENT_SECOND / 2) {
		tick(top);
		wait_and_take(top, -1, 100);
	}
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

static int run(struct top *top, const struct args *args)
{
	tick(top);
	if (top->feed.error)
		return connection_tell(args->socket, top->feed.error);
	catch_signals();
	if (args->given & ARGS_ONCE) {
		look_twice(top);
		if (top->feed.error)
			return connection_tell(args->socket, top->feed.error);
		write_snapshot(top);
		return EXIT_FINE;
	}
	if (top_screen_open(&top->screen) < 0) {
		fprintf(stderr,
			"policyctl: top needs a terminal; for a script there are policyctl top --once and policyctl log -f\n");
		return EXIT_REFUSED;
	}
	top->screen.filter = describe_filter(args);
	watch(top);
	top_screen_close(&top->screen);
	return EXIT_FINE;
}

int top_run(const struct args *args)
{
	struct feed_handler handler = { .record = on_record, .skipped = on_skipped, .status = on_status };
	struct top *top = calloc(1, sizeof(*top));
	int r = EXIT_REFUSED;

	if (!top)
		return EXIT_REFUSED;
	handler.userdata = top;
	feed_init(&top->feed, args->socket, &handler);
	if (top_model_init(&top->model, args) == 0)
		r = run(top, args);
	feed_done(&top->feed);
	top_model_done(&top->model);
	free(top);
	return r;
}
