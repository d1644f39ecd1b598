/* SPDX-License-Identifier: GPL-2.0-only */
/* links.c - rules whose names pass through links: the kernel side knows a file by its canonical name only. */
#include <string.h>

#include "brace.h"
#include "crossing.h"
#include "links.h"
#include "mark.h"
#include "object.h"
#include "ownership.h"
#include "pattern.h"
#include "places.h"

/* A rule to be added behind rule number `origin`. */
struct alias {
	size_t origin;
	struct rule rule;
};

struct links {
	struct policy *policy;
	struct diags *d;
	struct places *places; /* owned */
	struct alias *aliases; /* owned */
	size_t alias_count;
	struct crossing crossing;
	const struct rule **sorted; /* owned: the policy's rules by object, once it is needed */
};

/* One glob without braces, cut in two: what names a file or directory, and what follows. */
struct fixed_part {
	char *path;       /* owned: the bytes that it names, without closing '/' */
	const char *rest; /* "", "/" or "/…" with wildcards */
};

static void fixed_part_done(struct fixed_part *fixed)
{
	free(fixed->path);
	*fixed = (struct fixed_part){};
}

static void links_done(struct links *links)
{
	for (size_t i = 0; i < links->alias_count; i++) {
		object_done(&links->aliases[i].rule.object);
		free(links->aliases[i].rule.text);
	}
	free(links->aliases);
	free(links->sorted);
	crossing_done(&links->crossing);
	places_free(links->places);
}

char *glob_quote(const char *bytes)
{
	char *glob = malloc(4 * strlen(bytes) + 1), *out = glob;

	if (!glob)
		return NULL;
	for (; *bytes; bytes++) {
		/* A blank could begin a comment once it is printed. */
		if ((unsigned char)*bytes <= ' ' || *bytes == 0x7f)
			out += sprintf(out, "\\x%02x", (unsigned char)*bytes);
		else if (strchr("*?[]{},\\;", *bytes))
			out += sprintf(out, "\\%c", *bytes);
		else
			*out++ = *bytes;
	}
	*out = '\0';
	return glob;
}

/* 1: cut; 0: nothing fixed but "/". */
static int cut_fixed_part(const char *glob, struct fixed_part *ret_fixed)
{
	size_t slash = 0, end = 0, length;
	_cleanup_free_ char *head = NULL;
	int r;

	for (; glob[end] && !strchr("*?[", glob[end]); end++) {
		if (glob[end] == '/')
			slash = end;
		else if (glob[end] == '\\' && glob[end + 1])
			end++;
	}
	if (glob[end] == '\0' && slash + 1 != end)
		slash = end;
	if (slash == 0)
		return 0;
	head = strndup(glob, slash);
	if (!head)
		return -ENOMEM;
	r = pattern_literal(head, PATTERN_PATH, &ret_fixed->path, &length);
	if (r > 0)
		ret_fixed->rest = glob + slash;
	return r;
}

static int compare_rules(const struct rule *a, const struct rule *b)
{
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->object.kind != b->object.kind)
		return a->object.kind < b->object.kind ? -1 : 1;
	return strcmp(a->object.glob ? a->object.glob : "", b->object.glob ? b->object.glob : "");
}

static int compare_rule_pointers(const void *a, const void *b)
{
	return compare_rules(*(const struct rule *const *)a, *(const struct rule *const *)b);
}

static int sort_rules(struct links *links)
{
	size_t count = links->policy->rule_count;

	links->sorted = calloc(count, sizeof(*links->sorted));
	if (!links->sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		links->sorted[i] = &links->policy->rules[i];
	qsort(links->sorted, count, sizeof(*links->sorted), compare_rule_pointers);
	return 0;
}

/* Whether the policy itself says the same: 1 or 0. */
static int is_said_already(struct links *links, const struct rule *alias)
{
	size_t low = 0, high = links->policy->rule_count;
	int r = links->sorted ? 0 : sort_rules(links);

	if (r < 0)
		return r;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_rules(links->sorted[middle], alias) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < links->policy->rule_count && !compare_rules(links->sorted[low], alias); low++) {
		const struct rule *rule = links->sorted[low];

		if (rule->verb == alias->verb && rule->access == alias->access &&
		    rule->access_given == alias->access_given && rule->log == alias->log)
			return 1;
	}
	return 0;
}

/* "deny = unix:/run/x": the key as written, the object by its new name. */
static int alias_describe(const struct rule *origin, struct rule *alias)
{
	const char *equals = strchr(origin->text, '=');
	const char *prefix = alias->object.kind == PC_KIND_UNIX_PATH ? "unix:" : "";

	if (asprintf(&alias->text, "%.*s= %s%s", (int)(equals - origin->text), origin->text, prefix,
		     alias->object.glob) < 0) {
		alias->text = NULL;
		return -ENOMEM;
	}
	return 0;
}

/* Takes the glob over. */
static int add_alias(struct links *links, size_t origin, char *glob)
{
	const struct rule *rule = &links->policy->rules[origin];
	struct alias alias = { .origin = origin, .rule = *rule };
	struct alias *grown;
	int r;

	alias.rule.is_alias = true;
	alias.rule.object.glob = glob;
	alias.rule.text = NULL;
	r = is_said_already(links, &alias.rule);
	grown = r == 0 ? array_grow(links->aliases, links->alias_count, sizeof(alias)) : NULL;
	if (!grown) {
		free(glob);
		return r == 0 ? -ENOMEM : r;
	}
	links->aliases = grown;
	r = alias_describe(rule, &alias.rule);
	grown[links->alias_count++] = alias;
	return r;
}

static void mark_names(struct links *links, const char *path, const char *name)
{
	mark_add(&links->policy->marks.names, path, strlen(path));
	mark_add(&links->policy->marks.names, name, strlen(name));
}

/* The rule also for `name`, which is where `fixed` leads, if that is another name. */
static int take_name(struct links *links, size_t origin, const struct fixed_part *fixed, const char *name)
{
	const struct rule *rule = &links->policy->rules[origin];
	_cleanup_free_ char *quoted = NULL;
	char *glob;
	int r;

	if (!strcmp(name, fixed->path))
		return 0;
	/* The root directory alone can't be written as a glob: "/" is everything. */
	if (!strcmp(name, "/") && fixed->rest[0] == '\0')
		return 0;
	mark_names(links, fixed->path, name);
	quoted = glob_quote(strcmp(name, "/") ? name : "");
	if (!quoted || asprintf(&glob, "%s%s", quoted, fixed->rest) < 0)
		return -ENOMEM;
	r = add_alias(links, origin, glob);
	if (r < 0)
		return r;
	diag_add(links->d, rule_loc(rule), DIAG_NOTE, "'%s' leads to '%s': the rule also applies there",
		 fixed->path, name);
	return 0;
}

/* Says what is odd about the place where a name leads. */
static void warn_of_place(struct links *links, const struct loc *loc, const struct place *place)
{
	if (place->stop && place->is_stop_magic)
		diag_add(
			links->d, loc, DIAG_WARNING,
			"'%s' is another link for each process: no file has a name through it; write /proc/*/ and the rest",
			place->stop);
	else if (place->stop)
		diag_add(
			links->d, loc, DIAG_WARNING,
			"'%s' is a link that others than root can change: the rule does not apply where it leads",
			place->stop);
	else if (place->mount && mount_is_folding(place->mount))
		diag_add(
			links->d, loc, DIAG_WARNING,
			"'%s' is on a file system that takes names in any case: no rule names files there, they are judged as unresolved:",
			place->mount->point);
}

static void warn_of_missing(struct links *links, const struct rule *rule, const struct fixed_part *fixed,
			    const struct place *place)
{
	if (place->is_missing && rule->verb == PC_VERB_ALLOW && rule->object.kind == PC_KIND_PATH &&
	    fixed->rest[0] == '\0')
		diag_add(links->d, rule_loc(rule), DIAG_WARNING, "%s '%s', which is not there",
			 rule->section < section_number(1 + links->policy->profile_count, 0) ? "allow of" : "profile for",
			 fixed->path);
}

/* One name that the rule's glob begins with. */
static int follow_fixed_part(struct links *links, size_t origin, const struct fixed_part *fixed)
{
	const struct rule *rule = &links->policy->rules[origin];
	_cleanup_(place_done) struct place place = {}, link = {};
	_cleanup_free_ char *name = NULL, *link_name = NULL;
	int r;

	r = places_find(links->places, fixed->path, &place);
	if (r < 0)
		return r;
	name = places_canonical(links->places, &place);
	if (!name)
		return -ENOMEM;
	warn_of_place(links, rule_loc(rule), &place);
	warn_of_missing(links, rule, fixed, &place);
	if (place.stop && place.is_stop_magic)
		return 0;
	if (!strcmp(name, fixed->path))
		return 0;
	r = take_name(links, origin, fixed, name);
	if (r < 0 || fixed->rest[0] != '\0' || section_id(rule->section) != PC_OPEN || !(rule->access & PC_ACCESS_WRITE))
		return r;
	/* Removing or renaming a link is writing to the link's own name, not to where it leads. */
	r = places_find_name(links->places, fixed->path, &link);
	if (r < 0)
		return r;
	link_name = places_canonical(links->places, &link);
	if (!link_name)
		return -ENOMEM;
	return strcmp(link_name, name) ? take_name(links, origin, fixed, link_name) : 0;
}

static int follow_rule(struct links *links, size_t origin)
{
	_cleanup_(brace_list_done) struct brace_list globs = {};
	const char *why;
	int r;

	r = brace_expand(links->policy->rules[origin].object.glob, &globs, &why);
	for (size_t i = 0; r == 0 && i < globs.count; i++) {
		_cleanup_(fixed_part_done) struct fixed_part fixed = {};

		r = cut_fixed_part(globs.texts[i], &fixed);
		if (r > 0)
			r = follow_fixed_part(links, origin, &fixed);
		if (r >= 0)
			r = crossing_warn(&links->crossing, globs.texts[i],
					  rule_loc(&links->policy->rules[origin]));
	}
	return r;
}

static int follow_expectation(struct links *links, struct expectation *expectation)
{
	_cleanup_(fixed_part_done) struct fixed_part fixed = {};
	_cleanup_(place_done) struct place place = {};
	_cleanup_free_ char *name = NULL;
	char *glob;
	int r;

	r = cut_fixed_part(expectation->object.glob, &fixed);
	if (r <= 0)
		return r;
	r = places_find(links->places, fixed.path, &place);
	if (r < 0)
		return r;
	name = places_canonical(links->places, &place);
	glob = name ? glob_quote(name) : NULL;
	if (!glob)
		return -ENOMEM;
	warn_of_place(links, &expectation->loc, &place);
	mark_names(links, fixed.path, name);
	free(expectation->object.glob);
	expectation->object.glob = glob;
	return 0;
}

/* Puts every alias behind its origin; the aliases' contents move. */
static int links_insert(struct links *links)
{
	struct policy *policy = links->policy;
	size_t count = policy->rule_count + links->alias_count, next = 0, used = 0;
	struct rule *rules;

	if (links->alias_count == 0)
		return 0;
	rules = calloc(count, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	for (size_t i = 0; i < policy->rule_count; i++) {
		rules[used++] = policy->rules[i];
		while (next < links->alias_count && links->aliases[next].origin == i)
			rules[used++] = links->aliases[next++].rule;
	}
	links->alias_count = 0;
	free(policy->rules);
	policy->rules = rules;
	policy->rule_count = count;
	return 0;
}

static bool has_links(const struct object *object)
{
	return object->kind == PC_KIND_PATH || object->kind == PC_KIND_UNIX_PATH;
}

static int links_follow(struct policy *policy, const struct policy_options *options, struct diags *d)
{
	_cleanup_(links_done) struct links links = { .policy = policy, .d = d };
	int r;

	r = places_open(options, &links.places);
	links.crossing = (struct crossing){ .places = links.places, .d = d };
	for (size_t i = 0; r >= 0 && i < policy->rule_count; i++)
		if (has_links(&policy->rules[i].object))
			r = follow_rule(&links, i);
	for (size_t i = 0; r >= 0 && i < policy->expectation_count; i++)
		if (has_links(&policy->expectations[i].object))
			r = follow_expectation(&links, &policy->expectations[i]);
	if (r >= 0)
		places_take_links(links.places, &policy->links);
	return r < 0 ? r : links_insert(&links);
}

int links_apply(struct policy *policy, const struct policy_options *options, struct diags *d)
{
	return options->is_offline ? 0 : links_follow(policy, options, d);
}
