/* SPDX-License-Identifier: GPL-2.0-only */
/* rulebook.c - the texts of the rules that records name by their lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "connection.h"
#include "moment.h"
#include "object.h"
#include "ownership.h"
#include "policy.h"
#include "rulebook.h"
#include "tree.h"

/* A line may stand for a list of a hundred thousand; behind so many it is not looked for. */
#define CANDIDATES_MAX 256

struct rulebook {
	struct policy *policy;
	const struct rule **rules; /* by line; owned, what it points to is the policy's */
	__u64 changed;             /* when a file of it last was; ns since 1970 */
};

static int compare(const void *x, const void *y)
{
	const struct rule *a = *(const struct rule *const *)x, *b = *(const struct rule *const *)y;

	return (a->loc.line > b->loc.line) - (a->loc.line < b->loc.line);
}

static __u64 last_change(const struct policy *policy)
{
	__u64 latest = 0, changed;
	struct stat status;

	for (size_t i = 0; i < policy->file_count; i++) {
		if (stat(policy->files[i], &status) < 0)
			continue;
		changed = (__u64)status.st_mtim.tv_sec * MOMENT_SECOND + (__u64)status.st_mtim.tv_nsec;
		latest = changed > latest ? changed : latest;
	}
	return latest;
}

int rulebook_open(const char *policy, bool is_same, struct diags *d, struct rulebook **ret_book)
{
	_cleanup_(rulebook_closep) struct rulebook *book = calloc(1, sizeof(*book));
	struct policy_options options = {};
	int r;

	if (!book)
		return -ENOMEM;
	r = policy_load(policy, &options, d, &book->policy);
	if (r < 0)
		return r;
	book->rules = calloc(book->policy->rule_count + 1, sizeof(*book->rules));
	if (!book->rules)
		return -ENOMEM;
	for (size_t i = 0; i < book->policy->rule_count; i++)
		book->rules[i] = &book->policy->rules[i];
	qsort(book->rules, book->policy->rule_count, sizeof(*book->rules), compare);
	book->changed = is_same ? 0 : last_change(book->policy);
	*ret_book = take_ptr(book);
	return 0;
}

/* The path that the daemon was given; NULL: it can't be asked. */
static char *ask_path(const char *socket)
{
	_cleanup_free_ char *text = NULL;
	yajl_val status = NULL;
	char *path = NULL;
	size_t size = 0;

	(void)connection_ask_text(socket, PC_CTL_STATUS, NULL, 0, &text, &size);
	if (text)
		status = yajl_tree_parse(text, NULL, 0);
	if (status)
		path = strdup(tree_string(status, "policy.path"));
	yajl_tree_free(status);
	return path;
}

int rulebook_find(const struct args *args, bool is_daemon, struct rulebook **ret_book)
{
	bool is_named = args->given & ARGS_POLICY;
	_cleanup_free_ char *path = is_daemon && !is_named ? ask_path(args->socket) : NULL;
	struct diags d = {};
	int r;

	*ret_book = NULL;
	r = rulebook_open(path ? path : args->policy, is_named, &d, ret_book);
	if (r < 0 && is_named) {
		diags_sort(&d);
		diags_print(&d, stderr);
		if (d.errors == 0)
			fprintf(stderr, "policyctl: cannot read %s: %s\n", args->policy, strerror(-r));
	}
	diags_done(&d);
	return r < 0 && is_named ? -EINVAL : 0;
}

struct rulebook *rulebook_close(struct rulebook *book)
{
	if (!book)
		return NULL;
	free(book->rules);
	(void)policy_free(book->policy);
	free(book);
	return NULL;
}

/* The first rule of that line, or of a later one. */
static size_t find_line(const struct rulebook *book, unsigned long line)
{
	size_t low = 0, high = book->policy->rule_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (book->rules[middle]->loc.line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *base_of(const char *path, size_t length)
{
	const char *slash = memrchr(path, '/', length);

	return slash ? slash + 1 : path;
}

/* The folder may be another one: a policy that was copied here from its host. */
static bool is_in_file(const struct rule *rule, const char *place, size_t length)
{
	const char *base = base_of(place, length), *own = base_of(rule->loc.file, strlen(rule->loc.file));

	return strlen(own) == (size_t)(place + length - base) && memcmp(own, base, strlen(own)) == 0;
}

static bool is_verb(enum pc_rule_verb verb, const char *name)
{
	static const char *const names[] = {
		[PC_VERB_ALLOW] = "allow",
		[PC_VERB_AUDIT] = "audit",
		[PC_VERB_DENY] = "deny",
		[PC_VERB_NEVER] = "never",
	};

	return strcmp(names[verb], name) == 0;
}

const char *rulebook_text(const struct rulebook *book, const struct record *record)
{
	const char *colon = strrchr(record->rule, ':');
	struct question question;
	unsigned long line;
	__u8 room[16];

	if (!book || !colon || record->time < book->changed ||
	    !record_question(record->hook, record->object, record->object_length, room, &question))
		return NULL;
	line = strtoul(colon + 1, NULL, 10);
	for (size_t i = find_line(book, line), n = 0; i < book->policy->rule_count && n < CANDIDATES_MAX;
	     i++, n++) {
		const struct rule *rule = book->rules[i];

		if (rule->loc.line != line)
			break;
		if (section_id(rule->section) == record->hook && is_verb(rule->verb, record->verb) &&
		    is_in_file(rule, record->rule, (size_t)(colon - record->rule)) &&
		    object_matches(&rule->object, &question))
			return rule->text;
	}
	return NULL;
}

/* A rule that is no line. */
static const char *explain_word(const char *rule)
{
	static const struct {
		const char *rule, *text;
	} words[] = {
		{ "default", "by default" },
		{ "tree", "for the sake of names below it" },
		{ "family", "for it is outside the program's family" },
		{ "unknown", "by a policy that was replaced long ago" },
		{ "", "by a rule that the record does not name" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(rule, words[i].rule) == 0)
			return words[i].text;
	return NULL;
}

static const char *describe_verdict(const struct record *record)
{
	if (record->verdict == PC_AUDIT)
		return strcmp(record->verb, "audit") == 0 ? "audited" : "would be denied";
	return record->verdict == PC_DENY ? "denied" : "allowed";
}

char *rulebook_reason(const struct rulebook *book, const struct record *record)
{
	const char *verdict = describe_verdict(record), *word = explain_word(record->rule);
	const char *text = word ? NULL : rulebook_text(book, record);
	char *reason = NULL;
	int n;

	if (word)
		n = asprintf(&reason, "%s %s", verdict, word);
	else
		n = asprintf(&reason, "%s by %s%s%s%s", verdict, base_of(record->rule, strlen(record->rule)),
			     text ? " (" : "", text ? text : "", text ? ")" : "");
	return n < 0 ? NULL : reason;
}
