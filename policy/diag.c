/* SPDX-License-Identifier: GPL-2.0-only */
/* diag.c - collects located diagnostics, sorts and prints them. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <portcullis/limits.h>

#include "diag.h"
#include "ownership.h"

/* The diagnostics' own copy of a file's name; NULL: no memory. */
static const char *diags_intern(struct diags *d, const char *file)
{
	_cleanup_free_ char *copy = NULL;
	char **grown;

	for (size_t i = d->file_count; i > 0; i--)
		if (!strcmp(d->files[i - 1], file))
			return d->files[i - 1];
	copy = strdup(file);
	grown = array_grow(d->files, d->file_count, sizeof(*d->files));
	if (grown)
		d->files = grown;
	if (!copy || !grown)
		return NULL;
	d->files[d->file_count++] = copy;
	return take_ptr(copy);
}

void diags_know_file(struct diags *d, const char *file)
{
	if (!diags_intern(d, file))
		d->is_out_of_memory = true;
}

void diag_add(struct diags *d, const struct loc *loc, enum diag_level level, const char *format, ...)
{
	struct diag_entry entry = { .level = level };
	struct diag_entry *grown;
	va_list args;

	if ((level == DIAG_ERROR ? ++d->errors : ++d->remarks) > PC_DIAGS_MAX) {
		d->left_out++;
		return;
	}
	if (loc && loc->file) {
		entry.loc.line = loc->line;
		entry.loc.file = diags_intern(d, loc->file);
		if (!entry.loc.file) {
			d->is_out_of_memory = true;
			return;
		}
	}
	va_start(args, format);
	if (vasprintf(&entry.text, format, args) < 0)
		entry.text = NULL;
	va_end(args);
	grown = array_grow(d->entries, d->count, sizeof(entry));
	if (grown)
		d->entries = grown;
	if (!grown || !entry.text) {
		d->is_out_of_memory = true;
		free(entry.text);
		return;
	}
	d->entries[d->count++] = entry;
}

static size_t diags_file_order(const struct diags *d, const char *file)
{
	size_t i = 0;

	while (i < d->file_count && d->files[i] != file)
		i++;
	return i;
}

static int compare_entries(const void *left, const void *right, void *context)
{
	const struct diag_entry *a = left, *b = right;
	size_t a_file = diags_file_order(context, a->loc.file),
	       b_file = diags_file_order(context, b->loc.file);

	if (a_file != b_file)
		return a_file < b_file ? -1 : 1;
	if (a->loc.line != b->loc.line)
		return a->loc.line < b->loc.line ? -1 : 1;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return strcmp(a->text, b->text);
}

void diags_sort(struct diags *d)
{
	size_t kept = 0;

	if (d->count < 2)
		return;
	qsort_r(d->entries, d->count, sizeof(*d->entries), compare_entries, d);
	for (size_t i = 1; i < d->count; i++) {
		if (!compare_entries(&d->entries[kept], &d->entries[i], d)) {
			if (d->entries[i].level == DIAG_ERROR)
				d->errors--;
			free(d->entries[i].text);
			continue;
		}
		d->entries[++kept] = d->entries[i];
	}
	d->count = kept + 1;
}

/* Bytes of a policy reach an administrator's terminal here. */
static void print_clean(const char *text, FILE *out)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p < ' ' || *p == 0x7f)
			(void)fprintf(out, "\\x%02x", *p);
		else
			(void)fputc(*p, out);
	}
}

void diags_print(const struct diags *d, FILE *out)
{
	static const char *const names[] = { "error", "warning", "note" };

	for (size_t i = 0; i < d->count; i++) {
		const struct diag_entry *entry = &d->entries[i];

		if (entry->loc.file) {
			print_clean(entry->loc.file, out);
			if (entry->loc.line)
				(void)fprintf(out, ":%u", entry->loc.line);
			(void)fputs(": ", out);
		}
		(void)fprintf(out, "%s: ", names[entry->level]);
		print_clean(entry->text, out);
		(void)fputc('\n', out);
	}
	if (d->left_out > 0)
		(void)fprintf(out, "note: %zu more errors, warnings and notes are not shown\n", d->left_out);
	if (d->is_out_of_memory)
		(void)fputs("error: out of memory: diagnostics were lost\n", out);
}

void diags_done(struct diags *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->entries[i].text);
	for (size_t i = 0; i < d->file_count; i++)
		free(d->files[i]);
	free(d->entries);
	free(d->files);
	*d = (struct diags){};
}
