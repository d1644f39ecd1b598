/* SPDX-License-Identifier: GPL-2.0-only */
/* source.c - records out of decision logs and out of the daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "output.h"
#include "ownership.h"
#include "source.h"

/* Far more than the longest record; a file without newlines must not fill the memory. */
#define LINE_MAX_BYTES (1U << 20)
/* So many wrong lines are told one by one. */
#define TOLD_MAX 20

/* ---- Files ---- */

struct reader {
	const char *name;          /* as people know it */
	FILE *file;                /* NULL: it has ended */
	unsigned long long number; /* of the line last read */
	char *line;                /* owned */
	size_t length;
	size_t room;
	struct record record; /* of that line */
};

struct readers {
	struct reader *list;
	size_t count;
	unsigned long long wrong; /* lines */
};

static void reader_close(struct reader *reader)
{
	if (reader->file && reader->file != stdin)
		(void)fclose(reader->file);
	reader->file = NULL;
	record_done(&reader->record);
}

static void readers_done(struct readers *readers)
{
	for (size_t i = 0; i < readers->count; i++) {
		reader_close(&readers->list[i]);
		free(readers->list[i].line);
	}
	free(readers->list);
}

static void tell_place(const struct reader *reader)
{
	fprintf(stderr, "policyctl: ");
	output_safe(stderr, reader->name, strlen(reader->name));
	fprintf(stderr, ":%llu: ", reader->number);
}

static void tell_wrong(struct readers *readers, const struct reader *reader, const char *why)
{
	readers->wrong++;
	if (readers->wrong > TOLD_MAX)
		return;
	tell_place(reader);
	output_safe(stderr, why, strlen(why));
	fprintf(stderr, "; the line is left out\n");
}

/* A line, or the beginning of one that is too long. 0: the file is at its end; −errno. */
static int read_line(struct reader *reader, bool *ret_is_long)
{
	int c = 0;

	reader->length = 0;
	*ret_is_long = false;
	while ((c = getc_unlocked(reader->file)) != EOF && c != '\n') {
		if (reader->length == LINE_MAX_BYTES) {
			*ret_is_long = true;
			continue;
		}
		if (array_reserve(&reader->line, &reader->room, reader->length + 2, 1) < 0)
			return -ENOMEM;
		reader->line[reader->length++] = (char)c;
	}
	if (c == EOF && ferror(reader->file))
		return -errno;
	if (c == EOF && reader->length == 0)
		return 0;
	if (array_reserve(&reader->line, &reader->room, reader->length + 1, 1) < 0)
		return -ENOMEM;
	reader->line[reader->length] = '\0';
	reader->number++;
	return 1;
}

static void tell_trouble(const char *line)
{
	_cleanup_free_ char *text = record_trouble(line);

	if (text)
		fprintf(stderr, "policyctl: %s\n", text);
}

/* The next record; closed behind the last one. */
static int reader_advance(struct readers *readers, struct reader *reader)
{
	const char *why;
	bool is_long;
	int r;

	record_done(&reader->record);
	while ((r = read_line(reader, &is_long)) > 0) {
		if (is_long) {
			tell_wrong(readers, reader, "it is longer than any record");
			continue;
		}
		r = record_parse(reader->line, reader->length, &reader->record, &why);
		if (r == 0)
			return 0;
		if (r == -ENOMSG) {
			tell_trouble(reader->line);
			continue;
		}
		if (r != -EINVAL)
			break;
		tell_wrong(readers, reader, why);
	}
	if (r < 0) {
		tell_place(reader);
		fprintf(stderr, "reading ended here: %s\n", strerror(-r));
	}
	reader_close(reader);
	return r;
}

static int open_readers(char *const *names, size_t count, struct readers *readers)
{
	readers->list = calloc(count, sizeof(*readers->list));
	if (!readers->list)
		return -ENOMEM;
	for (; readers->count < count; readers->count++) {
		struct reader *reader = &readers->list[readers->count];

		if (strcmp(names[readers->count], "-") == 0) {
			*reader = (struct reader){ .name = "(stdin)", .file = stdin };
			continue;
		}
		*reader = (struct reader){ .name = names[readers->count],
					   .file = fopen(names[readers->count], "re") };
		if (!reader->file) {
			fprintf(stderr, "policyctl: cannot read %s: %s\n", reader->name, strerror(errno));
			return -EINVAL;
		}
	}
	return 0;
}

static struct reader *find_earliest(const struct readers *readers)
{
	struct reader *earliest = NULL;

	for (size_t i = 0; i < readers->count; i++) {
		struct reader *reader = &readers->list[i];

		if (reader->file && (!earliest || reader->record.time < earliest->record.time))
			earliest = reader;
	}
	return earliest;
}

static int read_all(struct readers *readers, source_record_fn *fn, void *userdata)
{
	struct reader *reader;
	int r = 0, failed = 0;

	for (size_t i = 0; i < readers->count; i++)
		if (reader_advance(readers, &readers->list[i]) < 0)
			failed = -EIO;
	while (r >= 0 && (reader = find_earliest(readers))) {
		struct source_line line = { reader->line, reader->length, reader->name,
					    (size_t)(reader - readers->list) };

		r = fn(&reader->record, &line, userdata);
		if (reader_advance(readers, reader) < 0)
			failed = -EIO;
	}
	return failed;
}

int source_read_files(char *const *names, size_t count, source_record_fn *fn, void *userdata)
{
	_cleanup_(readers_done) struct readers readers = {};
	int r = open_readers(names, count, &readers);

	if (r == -ENOMEM)
		fprintf(stderr, "policyctl: out of memory\n");
	if (r == 0)
		r = read_all(&readers, fn, userdata);
	if (readers.wrong > 0)
		fprintf(stderr, "policyctl: %llu line%s no record%s\n", readers.wrong,
			readers.wrong == 1 ? " is" : "s are", readers.wrong == 1 ? "" : "s");
	return r < 0 || readers.wrong > 0 ? EXIT_REFUSED : EXIT_FINE;
}

/* ---- The daemon ---- */

struct asking {
	source_record_fn *fn;
	void *userdata;
};

static int take_record(const struct asking *asking, const char *body, size_t length)
{
	struct source_line line = { .text = body, .length = length };
	_cleanup_(record_done) struct record record = {};
	const char *why;
	int r = record_parse(body, length, &record, &why);

	if (r == 0)
		return asking->fn(&record, &line, asking->userdata);
	if (r == -ENOMSG) {
		tell_trouble(body);
		return 0;
	}
	fprintf(stderr, "policyctl: the daemon sent something else than a record: %s\n",
		r == -EINVAL ? why : strerror(-r));
	return 0;
}

static int on_frame(enum pc_ctl_type type, const char *body, size_t length, void *userdata)
{
	struct pc_ctl_skipped skipped;

	if (type == PC_CTL_RECORD)
		return take_record(userdata, body, length);
	if (type == PC_CTL_SKIPPED && length == sizeof(skipped)) {
		memcpy(&skipped, body, sizeof(skipped));
		fprintf(stderr,
			"policyctl: %llu records came too fast to be shown; the decision log has them\n",
			(unsigned long long)skipped.count);
	}
	if (type == PC_CTL_TEXT)
		(void)fwrite(body, 1, length, stderr);
	return 0;
}

int source_ask_daemon(const char *socket, const struct pc_ctl_log *question, source_record_fn *fn,
		      void *userdata)
{
	struct asking asking = { fn, userdata };

	return connection_ask(socket, PC_CTL_LOG, question, sizeof(*question), on_frame, &asking);
}
