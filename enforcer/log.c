/* SPDX-License-Identifier: GPL-2.0-only */
/* log.c - the daemon's own messages: one line each, written at once. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* stderr goes to the journal, which takes "<4>" for the priority and adds time and name by itself. */
static bool is_journal;

void log_open(void)
{
	is_journal = getenv("JOURNAL_STREAM") && !isatty(STDERR_FILENO);
}

static void write_line(enum log_level level, const char *format, va_list arguments, const char *suffix)
{
	char line[2048];
	size_t room = sizeof(line) - 1, used = 0;
	int n;

	n = is_journal ? snprintf(line, room, "<%d>", (int)level) : snprintf(line, room, "portcullisd: ");
	used = n;
	n = vsnprintf(line + used, room - used, format, arguments);
	if (n > 0)
		used += (size_t)n < room - used ? (size_t)n : room - used - 1;
	n = snprintf(line + used, room - used, "%s", suffix);
	if (n > 0)
		used += (size_t)n < room - used ? (size_t)n : room - used - 1;
	for (size_t i = 0; i < used; i++)
		if (line[i] == '\n')
			line[i] = ' ';
	line[used++] = '\n';
	/* Nobody is left to be told when stderr is gone. */
	(void)!write(STDERR_FILENO, line, used);
}

void log_message(enum log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(level, format, arguments, "");
	va_end(arguments);
}

int log_message_errno(enum log_level level, int error, const char *format, ...)
{
	char suffix[160];
	va_list arguments;

	(void)snprintf(suffix, sizeof(suffix), ": %s", strerror(abs(error)));
	va_start(arguments, format);
	write_line(level, format, arguments, suffix);
	va_end(arguments);
	return -abs(error);
}

void log_lines(enum log_level level, char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		log_message(level, "%s", line);
}
