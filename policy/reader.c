/* SPDX-License-Identifier: GPL-2.0-only */
/* reader.c - turns INI text into located lines, by inih behind a reader that refuses what inih misreads. */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <portcullis/limits.h>

#include "lines.h"
#include "ownership.h"
#include "reader.h"

/* inih keeps 49 bytes of a section's name: "connect " and a name of 32 fit. */
#define SECTION_MAX 48

struct seen_section {
	char name[SECTION_MAX + 1];
	unsigned int line;
};

enum place {
	BEFORE_SECTIONS,
	IN_SECTION,
	IN_REFUSED_SECTION,
};

struct reader {
	struct lines lines;
	enum place place;
	char section[SECTION_MAX + 1];
	char key[PC_LINE_MAX + 1];   /* of the line that inih was given last */
	char value[PC_LINE_MAX + 1]; /* likewise */
	bool is_pending;             /* inih has yet to hand that line back */
	void *seen;                  /* tsearch(3) tree of struct seen_section */
	reader_handler handler;
	void *user;
	int result;
};

static void reader_stop(struct reader *reader, int result)
{
	reader->result = result;
	reader->lines.next = reader->lines.end;
}

static void reader_hand_out(struct reader *reader, const char *key, const char *value)
{
	struct reader_line line = {
		.loc = reader->lines.loc,
		.section = reader->section,
		.key = key,
		.value = value,
	};
	int r = reader->handler(reader->user, &line);

	if (r < 0)
		reader_stop(reader, r);
}

static void reader_misread(struct reader *reader)
{
	diag_add(reader->lines.d, &reader->lines.loc, DIAG_ERROR,
		 "libinih reads this line in another way than Portcullis does; write it more plainly");
}

/* inih's handler: what it understood must be what was found in the line. */
static int reader_on_pair(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;

	if (!reader->is_pending || strcmp(section, reader->section) || strcmp(key, reader->key) ||
	    strcmp(value, reader->value)) {
		reader->is_pending = false;
		reader_misread(reader);
		return 1;
	}
	reader->is_pending = false;
	reader_hand_out(reader, key, value);
	return 1;
}

static void span_copy(struct span span, char *target)
{
	memcpy(target, span.start, span.len);
	target[span.len] = '\0';
}

static int compare_seen(const void *a, const void *b)
{
	return strcmp(((const struct seen_section *)a)->name, ((const struct seen_section *)b)->name);
}

/* Reports a section that stands in the file already; remembers a new one. */
static void reader_note_section(struct reader *reader)
{
	struct seen_section *section = calloc(1, sizeof(*section)), **found = NULL;

	if (section) {
		memcpy(section->name, reader->section, sizeof(section->name));
		section->line = reader->lines.loc.line;
		found = tsearch(section, &reader->seen, compare_seen);
	}
	if (!found)
		reader_stop(reader, -ENOMEM);
	else if (*found != section)
		diag_add(reader->lines.d, &reader->lines.loc, DIAG_ERROR,
			 "section [%s] begins in line %u already; put its keys there", reader->section,
			 (*found)->line);
	if (!found || *found != section)
		free(section);
}

/* What is wrong with the name between the brackets; NULL: nothing. */
static const char *section_name_fault(struct span name)
{
	if (name.len == 0)
		return "section without a name";
	if (is_blank(name.start[0]) || is_blank(name.start[name.len - 1]))
		return "blank beside a bracket; write [NAME] or [KIND NAME]";
	if (name.len > SECTION_MAX)
		return "section name is too long; 32 bytes of name are allowed";
	for (size_t i = 0; i < name.len; i++) {
		char c = name.start[i];

		if (is_blank(c) && (c == '\t' || is_blank(name.start[i - 1])))
			return "one space stands between the words of a section name";
		if (!isalnum((unsigned char)c) && !strchr("_.- ", c))
			return "section names hold letters, digits, '_', '.' and '-' only";
	}
	return NULL;
}

static const char *section_line_fault(struct span line, struct span *ret_name)
{
	const char *close = memchr(line.start, ']', line.len);
	struct span rest;

	if (!close)
		return "']' is missing";
	*ret_name = (struct span){ line.start + 1, (size_t)(close - line.start) - 1 };
	rest = (struct span){ close, line.len - ret_name->len - 1 };
	if (span_without_comment(rest).len > 1)
		return "text after ']'; the section's keys stand in lines of their own";
	return section_name_fault(*ret_name);
}

static void reader_take_section(struct reader *reader, struct span line, char *buf)
{
	struct span name;
	const char *fault = section_line_fault(line, &name);

	if (fault) {
		diag_add(reader->lines.d, &reader->lines.loc, DIAG_ERROR, "%s", fault);
		reader->place = IN_REFUSED_SECTION;
		return;
	}
	reader->place = IN_SECTION;
	span_copy(name, reader->section);
	reader_note_section(reader);
	(void)snprintf(buf, SECTION_MAX + 4, "[%s]\n", reader->section);
	if (!reader->result)
		reader_hand_out(reader, NULL, NULL);
}

/* Cuts "key = value"; reports what is wrong and returns false. */
static bool reader_cut_pair(struct reader *reader, struct span line, struct span *ret_key,
			    struct span *ret_value)
{
	const struct loc *loc = &reader->lines.loc;
	struct diags *d = reader->lines.d;
	const char *equals = memchr(line.start, '=', line.len);
	const char *colon = memchr(line.start, ':', line.len);
	struct span key, value;

	if (colon && (!equals || colon < equals)) {
		key = span_trim((struct span){ line.start, (size_t)(colon - line.start) });
		diag_add(d, loc, DIAG_ERROR, "only '=' separates key and value: write '%.*s = VALUE'",
			 (int)key.len, key.start);
		return false;
	}
	if (!equals) {
		diag_add(d, loc, DIAG_ERROR,
			 "no '=' in '%.*s'; a line is 'key = value', [section] or a comment", (int)line.len,
			 line.start);
		return false;
	}
	key = span_trim((struct span){ line.start, (size_t)(equals - line.start) });
	value = span_trim((struct span){ equals + 1, line.len - (size_t)(equals + 1 - line.start) });
	if (key.len == 0) {
		diag_add(d, loc, DIAG_ERROR, "no key before '='");
		return false;
	}
	if (value.len == 0) {
		diag_add(d, loc, DIAG_ERROR, "'%.*s' has no value", (int)key.len, key.start);
		return false;
	}
	*ret_key = key;
	*ret_value = value;
	return true;
}

static void reader_take_pair(struct reader *reader, struct span line, char *buf)
{
	struct span key, value;

	if (!reader_cut_pair(reader, line, &key, &value) || reader->place == IN_REFUSED_SECTION)
		return;
	if (reader->place == BEFORE_SECTIONS) {
		diag_add(reader->lines.d, &reader->lines.loc, DIAG_ERROR,
			 "key '%.*s' stands before the first section", (int)key.len, key.start);
		return;
	}
	span_copy(key, reader->key);
	span_copy(value, reader->value);
	reader->is_pending = true;
	/* No longer than the line was: fits, see reader_feed(). */
	(void)stpcpy(stpcpy(stpcpy(stpcpy(buf, reader->key), "="), reader->value), "\n");
}

/* inih's source of lines, in the manner of fgets(). A line that is none of its business reaches it empty. */
static char *reader_feed(char *buf, int size, void *stream)
{
	struct reader *reader = stream;
	struct span line, bare;

	if (reader->is_pending)
		reader_misread(reader);
	reader->is_pending = false;
	if (size < PC_LINE_MAX + 3 || !lines_next(&reader->lines, &line))
		return NULL;
	memcpy(buf, "\n", 2);
	bare = span_trim(line);
	if (bare.len == 0 || bare.start[0] == ';' || bare.start[0] == '#')
		return buf;
	if (bare.start != line.start)
		diag_add(
			reader->lines.d, &reader->lines.loc, DIAG_ERROR,
			"line is indented; keys and sections begin in the first column, and no line goes on in the next");
	else if (bare.start[0] == '[')
		reader_take_section(reader, bare, buf);
	else
		reader_take_pair(reader, span_without_comment(bare), buf);
	return buf;
}

int reader_run(const char *file, const char *text, size_t length, struct diags *d, reader_handler handler,
	       void *user)
{
	struct reader reader = {
		.lines = { .loc.file = file, .limit = PC_LINE_MAX, .d = d },
		.handler = handler,
		.user = user,
	};
	int r;

	lines_start(&reader.lines, text, length);
	r = ini_parse_stream(reader_feed, &reader, reader_on_pair, &reader);
	tdestroy(reader.seen, free);
	if (reader.result < 0)
		return reader.result;
	if (r == -2)
		return -ENOMEM;
	if (r != 0 || reader.lines.next != reader.lines.end)
		reader_misread(&reader);
	return 0;
}

int reader_run_items(const char *file, const char *text, size_t length, struct diags *d,
		     reader_item_handler handler, void *user)
{
	struct lines lines = { .loc.file = file, .limit = PC_LIST_LINE_MAX, .d = d };
	char item[PC_LIST_LINE_MAX + 1];
	struct span line;

	lines_start(&lines, text, length);
	while (lines_next(&lines, &line)) {
		int r;

		line = span_trim(line);
		if (line.len == 0 || line.start[0] == '#' || line.start[0] == ';')
			continue;
		span_copy(span_without_comment(line), item);
		r = handler(user, &lines.loc, item);
		if (r < 0)
			return r;
	}
	return 0;
}
