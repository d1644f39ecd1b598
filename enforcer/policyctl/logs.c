/* SPDX-License-Identifier: GPL-2.0-only */
/* logs.c - reads decision logs, and what the daemon holds, record by record. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "connection.h"
#include "logs.h"
#include "ownership.h"

static int take_line(const char *line, size_t length, const struct loc *loc, logs_fn *fn, void *userdata)
{
	_cleanup_(record_done) struct record record = {};
	const char *why = NULL;
	int r = record_parse(line, length, &record, &why);

	if (r == -ENOMSG)
		return 0;
	if (r < 0 && r != -EINVAL) {
		fprintf(stderr, "policyctl: %s:%u: cannot take the record: %s\n", loc->file, loc->line, strerror(-r));
		return r;
	}
	return fn(r < 0 ? NULL : &record, r < 0 ? why : NULL, loc, userdata);
}

static int read_lines(FILE *file, const char *path, logs_fn *fn, void *userdata)
{
	_cleanup_free_ char *line = NULL;
	struct loc loc = { .file = path };
	size_t room = 0;
	ssize_t length;
	int r = 0;

	while (r >= 0 && (length = getline(&line, &room, file)) >= 0) {
		loc.line++;
		if (length > 0 && line[length - 1] == '\n')
			line[--length] = '\0';
		if (length > 0)
			r = take_line(line, (size_t)length, &loc, fn, userdata);
	}
	if (r >= 0 && ferror(file)) {
		r = -errno;
		fprintf(stderr, "policyctl: cannot read %s: %s\n", path, strerror(-r));
	}
	return r;
}

int logs_read(char *const *paths, int count, logs_fn *fn, void *userdata)
{
	for (int i = 0; i < count; i++) {
		bool is_stdin = strcmp(paths[i], "-") == 0;
		FILE *file = is_stdin ? stdin : fopen(paths[i], "re");
		int r = -errno;

		if (!file) {
			fprintf(stderr, "policyctl: cannot read %s: %s\n", paths[i], strerror(-r));
			return r;
		}
		r = read_lines(file, is_stdin ? "stdin" : paths[i], fn, userdata);
		if (!is_stdin)
			(void)fclose(file);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- The daemon's ---- */

struct asking {
	logs_fn *fn;
	void *userdata;
	struct loc loc;
};

static int on_frame(enum pc_ctl_type type, const char *body, size_t length, void *userdata)
{
	struct asking *asking = userdata;
	struct pc_ctl_skipped skipped;

	if (type == PC_CTL_TEXT)
		(void)fwrite(body, 1, length, stderr);
	if (type == PC_CTL_SKIPPED && length == sizeof(skipped)) {
		memcpy(&skipped, body, sizeof(skipped));
		fprintf(stderr,
			"policyctl: %llu records came too fast to be taken; the decision log has them\n",
			(unsigned long long)skipped.count);
	}
	if (type != PC_CTL_RECORD)
		return 0;
	asking->loc.line++;
	return take_line(body, length, &asking->loc, asking->fn, asking->userdata);
}

int logs_ask(const char *socket, logs_fn *fn, void *userdata)
{
	struct asking asking = { .fn = fn, .userdata = userdata, .loc.file = "the daemon's records" };
	/* More than it can hold. */
	struct pc_ctl_log log = { .count = INT_MAX };

	return connection_ask(socket, PC_CTL_LOG, &log, sizeof(log), on_frame, &asking);
}
