/* SPDX-License-Identifier: GPL-2.0-only */
/* log.h - the daemon's own messages, to stderr; with a journal's priority prefix where one reads them. */
#pragma once

/* syslog's levels, as in sd-daemon.h's SD_ERR and so on. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
};

/* Looks at stderr once; without this call messages carry no prefix. */
void log_open(void);
void log_message(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends ": strerror(error)" and returns −|error|, so that it can be returned. */
int log_message_errno(enum log_level level, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One message a line; `text` is cut up. */
void log_lines(enum log_level level, char *text);

#define log_error(...) log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_error_errno(error, ...) log_message_errno(LOG_LEVEL_ERROR, error, __VA_ARGS__)
#define log_warning_errno(error, ...) log_message_errno(LOG_LEVEL_WARNING, error, __VA_ARGS__)
