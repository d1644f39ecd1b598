/* SPDX-License-Identifier: GPL-2.0-only */
/* pattern.c - a glob's text: scans names into items, and checks them. */
#include <string.h>

#include <portcullis/limits.h>

#include "brace.h"
#include "ownership.h"
#include "pattern_build.h"

const __u32 pattern_any[2][8] = {
	[PATTERN_PATH] = { ~(1U << 0), ~(1U << ('/' & 31)), ~0U, ~0U, ~0U, ~0U, ~0U, ~0U },
	[PATTERN_ABSTRACT] = { ~0U, ~(1U << ('/' & 31)), ~0U, ~0U, ~0U, ~0U, ~0U, ~0U },
};

/* Where we are in a glob whose braces are gone. `why` is a static string, set on −EINVAL. */
struct scanner {
	const char *p;
	enum pattern_flavour flavour;
	struct patterns *patterns;
	const char *why;
};

static int fail(struct scanner *s, const char *why)
{
	s->why = why;
	return -EINVAL;
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* What stands after a '\'. */
static int scan_quoted(struct scanner *s, __u8 *ret_byte)
{
	int high, low;

	if (!*s->p)
		return fail(s, "ends in a '\\' that quotes nothing");
	if (*s->p != 'x') {
		*ret_byte = *s->p++;
		return 0;
	}
	high = hex_value(s->p[1]);
	low = high < 0 ? -1 : hex_value(s->p[2]);
	if (low < 0)
		return fail(s, "'\\x' needs two hexadecimal digits");
	*ret_byte = high << 4 | low;
	s->p += 3;
	if (s->flavour == PATTERN_PATH && *ret_byte == 0)
		return fail(s, "'\\x00' is in no name");
	if (s->flavour == PATTERN_PATH && *ret_byte == '/')
		return fail(s, "'\\x2f' is in no name");
	return 0;
}

/* One member of a class. */
static int scan_member(struct scanner *s, __u8 *ret_byte)
{
	static const char open_class[] = "'[' without ']'; quote it as '\\['";
	int r = 0;

	if (!*s->p)
		return fail(s, open_class);
	if (*s->p == '\\') {
		s->p++;
		r = *s->p ? scan_quoted(s, ret_byte) : fail(s, open_class);
	} else if ((__u8)*s->p >= 0x80) {
		return fail(s, "a class holds ASCII only; write other bytes as '\\xHH'");
	} else {
		*ret_byte = *s->p++;
	}
	if (r == 0 && *ret_byte == '/')
		return fail(s, "a class cannot hold '/'");
	return r;
}

/* The members of a class up to its ']', as written. A ']' in the first place is a member. */
static int scan_members(struct scanner *s, __u32 set[8])
{
	const char *start = s->p;
	__u8 first, last;
	int r;

	while (*s->p != ']' || s->p == start) {
		r = scan_member(s, &first);
		if (r < 0)
			return r;
		last = first;
		if (s->p[0] == '-' && s->p[1] && s->p[1] != ']') {
			s->p++;
			r = scan_member(s, &last);
			if (r < 0)
				return r;
		}
		if (last < first)
			return fail(s, "a range in a class runs backwards");
		for (unsigned int c = first; c <= last; c++)
			set[c >> 5] |= 1U << (c & 31);
	}
	s->p++;
	return 0;
}

/* The part of a class after its '['. */
static int scan_class(struct scanner *s, struct item *ret_item)
{
	const __u32 *any = pattern_any[s->flavour];
	bool is_negated = *s->p == '!';
	__u32 set[8] = {};
	int r;

	if (is_negated)
		s->p++;
	r = scan_members(s, set);
	if (r < 0)
		return r;
	for (size_t i = 0; i < 8; i++)
		set[i] = (is_negated ? ~set[i] : set[i]) & any[i];
	r = item_from_set(s->patterns, s->flavour, set, ret_item);
	if (r == -EINVAL)
		return fail(s, "a class that no byte is in");
	return r;
}

/* One item of a name; the scanner is at neither '/' nor the end. A ITEM_STAR here is one '*'. */
static int scan_item(struct scanner *s, struct item *ret_item)
{
	char c = *s->p++;

	*ret_item = (struct item){ .type = ITEM_BYTE, .byte = c };
	switch (c) {
	case '*':
		ret_item->type = ITEM_STAR;
		ret_item->byte = 0;
		return 0;
	case '?':
		*ret_item = (struct item){ .type = ITEM_SET, .set = pattern_any[s->flavour] };
		return 0;
	case '[':
		return scan_class(s, ret_item);
	case '\\':
		return scan_quoted(s, &ret_item->byte);
	default:
		return 0;
	}
}

static bool is_byte(const struct item *item, char c)
{
	return item->type == ITEM_BYTE && item->byte == (__u8)c;
}

/* Refuses what no name can be, and `**` beside anything else; tells the kinds of names apart. */
static int judge_name(struct scanner *s, struct name *name)
{
	const struct item *items = name->items;
	size_t n = name->count;

	if (n == 2 && items[0].type == ITEM_STAR && items[1].type == ITEM_STAR) {
		name->kind = NAME_DEEP;
		return 0;
	}
	for (size_t i = 1; i < n; i++) {
		if (items[i - 1].type == ITEM_STAR && items[i].type == ITEM_STAR)
			return fail(s, "'**' must be a whole name, between slashes");
	}
	if (s->flavour == PATTERN_ABSTRACT)
		return 0;
	if (n == 0)
		return fail(s, "has an empty name ('//')");
	if ((n == 1 && is_byte(&items[0], '.')) ||
	    (n == 2 && is_byte(&items[0], '.') && is_byte(&items[1], '.')))
		return fail(s, "has a '.' or '..', which no canonical name has");
	return 0;
}

/* One name, up to the next '/' or the end. */
static int scan_name(struct scanner *s, struct name *name)
{
	size_t room = 0;
	int r;

	while (*s->p && *s->p != '/') {
		struct item item;

		r = array_reserve(&name->items, &room, name->count + 1, sizeof(*name->items));
		if (r < 0)
			return r;
		r = scan_item(s, &item);
		if (r < 0)
			return r;
		if (is_byte(&item, '/') && s->flavour == PATTERN_PATH)
			return fail(s, "a '/' cannot be quoted");
		name->items[name->count++] = item;
	}
	r = judge_name(s, name);
	if (r < 0)
		return r;
	r = name_normalise(s->patterns, s->flavour, name);
	if (r < 0)
		return r == -EINVAL ? fail(s, "has a '.' or '..', which no canonical name has") : r;
	if (s->flavour == PATTERN_PATH && name_shortest(name) > PC_COMPONENT_MAX)
		return fail(s, "has a name of more than 255 bytes, which no file has");
	return 0;
}

/* All names of one glob; of a path, those after the leading '/'. *ret_tree: it ended in '/'. */
static int scan_names(struct scanner *s, struct name_list *names, bool *ret_tree)
{
	size_t room = 0;
	int r;

	*ret_tree = false;
	if (s->flavour == PATTERN_PATH && *s->p++ != '/')
		return fail(s, "does not begin with '/'");
	for (;;) {
		if (s->flavour == PATTERN_PATH && !*s->p) {
			*ret_tree = true;
			return 0;
		}
		r = array_reserve(&names->list, &room, names->count + 1, sizeof(*names->list));
		if (r < 0)
			return r;
		names->list[names->count++] = (struct name){};
		r = scan_name(s, &names->list[names->count - 1]);
		if (r < 0 || !*s->p)
			return r;
		s->p++;
	}
}

/* One glob without braces: one pattern, or two if it ends in '/'. */
static int scan_glob(struct scanner *s)
{
	_cleanup_(name_list_done) struct name_list names = {}, none = {};
	bool is_all = s->flavour == PATTERN_ABSTRACT && !strcmp(s->p, "**");
	bool is_tree;
	int r;

	if (!*s->p)
		return fail(s, s->flavour == PATTERN_PATH ? "does not begin with '/'" : "is empty");
	r = scan_names(s, &names, &is_tree);
	if (r < 0)
		return r;
	r = patterns_add(s->patterns, s->flavour, &names, false);
	/* Every abstract name: a socket may be bound to the empty one. */
	if (r == 0 && is_all)
		r = patterns_add(s->patterns, s->flavour, &none, false);
	if (r < 0 || !is_tree)
		return r;
	return patterns_add(s->patterns, s->flavour, &names, true);
}

int pattern_parse(const char *glob, enum pattern_flavour flavour, struct diags *d, const struct loc *loc,
		  struct patterns **ret_patterns)
{
	_cleanup_(brace_list_done) struct brace_list texts = {};
	_cleanup_(patterns_freep) struct patterns *patterns = NULL;
	const char *why = NULL;
	int r;

	patterns = calloc(1, sizeof(*patterns));
	if (!patterns)
		return -ENOMEM;
	r = brace_expand(glob, &texts, &why);
	for (size_t i = 0; r == 0 && i < texts.count; i++) {
		struct scanner s = { .p = texts.texts[i], .flavour = flavour, .patterns = patterns };

		r = scan_glob(&s);
		why = s.why;
	}
	if (r == -EINVAL)
		diag_add(d, loc, DIAG_ERROR, "pattern '%s': %s", glob, why);
	if (r < 0)
		return r;
	*ret_patterns = take_ptr(patterns);
	return 0;
}

int pattern_literal(const char *glob, enum pattern_flavour flavour, char **ret_literal, size_t *ret_length)
{
	_cleanup_free_ char *literal = malloc(strlen(glob) + 1);
	struct scanner s = { .p = glob, .flavour = flavour };
	size_t length = 0;

	if (!literal)
		return -ENOMEM;
	while (*s.p) {
		struct item item;

		if (strchr("*?[{}", *s.p) || scan_item(&s, &item) < 0)
			return 0;
		literal[length++] = item.byte;
	}
	if (length == 0 || (flavour == PATTERN_PATH && length > 1 && literal[length - 1] == '/'))
		return 0;
	literal[length] = '\0';
	*ret_literal = take_ptr(literal);
	*ret_length = length;
	return 1;
}
