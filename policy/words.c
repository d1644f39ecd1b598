/* SPDX-License-Identifier: GPL-2.0-only */
/* words.c - values that are one of a few words. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "suggest.h"
#include "words.h"

#define WORDS_MAX 15

const struct word verdict_words[] = {
	{ "allow", PC_ALLOW },
	{ "audit", PC_AUDIT },
	{ "deny", PC_DENY },
	{},
};

/* In the order of their numbers. */
const struct word section_words[] = {
	{ "exec", PC_EXEC },
	{ "open", PC_OPEN },
	{ "connect", PC_CONNECT },
	{ "system", PC_SYSTEM },
	{},
};
static_assert(sizeof(section_words) / sizeof(section_words[0]) == PC_SECTIONS + 1, "a section has no name");

const char *section_name(enum pc_section_id section)
{
	return section_words[section].name;
}

int word_parse(const struct word *words, const char *what, const char *text, struct diags *d,
	       const struct loc *loc)
{
	const char *names[WORDS_MAX + 1] = {};

	for (size_t i = 0; words[i].name && i < WORDS_MAX; i++) {
		if (!strcmp(words[i].name, text))
			return words[i].value;
		names[i] = words[i].name;
	}
	diag_add(d, loc, DIAG_ERROR, "unknown %s '%s'%s", what, text, suggest(text, names).text);
	return -EINVAL;
}
