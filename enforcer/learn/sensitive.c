/* SPDX-License-Identifier: GPL-2.0-only */
/* sensitive.c - what no log is reason enough to allow: a person must look. */
#include <errno.h>
#include <sensitive_lists.h>
#include <stdlib.h>
#include <string.h>

#include "learn/sensitive.h"
#include "network.h"
#include "object.h"
#include "overlap.h"
#include "ownership.h"
#include "reader.h"

#define IN(section) (1U << (section))

/* Objects that need a look, as a list file has them. */
struct list {
	const char *text;
	unsigned int sections; /* IN() */
	unsigned int access;   /* enum pc_access bits */
	const char *why;
};

static const struct list lists[] = {
	{ secrets_list, IN(PC_OPEN), PC_ACCESS_READ | PC_ACCESS_WRITE,
	  "secrets: keys, hashes of passwords and tokens lie there" },
	{ daily_list, IN(PC_OPEN), PC_ACCESS_READ | PC_ACCESS_WRITE, "daily: what people keep for themselves lies there" },
	{ startup_list, IN(PC_OPEN), PC_ACCESS_WRITE, "startup: what lies there is run or believed later" },
	{ brokers_list, IN(PC_CONNECT), PC_ACCESS_READ, "brokers: it does things for whoever asks" },
	{ engines_list, IN(PC_CONNECT), PC_ACCESS_READ, "engines: who may ask it is root" },
	{ "/{tmp,var/tmp,dev/shm,dev/mqueue,run/lock}/**\n", IN(PC_OPEN), PC_ACCESS_WRITE,
	  "everybody may write there, so the names are anybody's" },
	{ "/{tmp,var/tmp,dev/shm,dev/mqueue,run/lock}/**\n", IN(PC_EXEC), PC_ACCESS_READ,
	  "everybody may write there, so it is anybody's code" },
	{ "/{root,home/*}/**\n", IN(PC_EXEC), PC_ACCESS_READ,
	  "who lives there may write there, so it is that person's code" },
	{ metadata_list, IN(PC_CONNECT), PC_ACCESS_READ,
	  "metadata: the machine's own credentials are to be had there" },
};
#define LIST_COUNT (sizeof(lists) / sizeof(lists[0]))

/* Objects that have no names. */
static const struct {
	enum pc_kind kind;
	unsigned int sections;
	const char *why;
} kinds[] = {
	{ PC_KIND_SYSTEM, IN(PC_SYSTEM), "it is a power over the whole host" },
	{ PC_KIND_ANON, IN(PC_EXEC), "it is code that lies in no file" },
	{ PC_KIND_JIT, IN(PC_EXEC), "it is code that lies in no file" },
	{ PC_KIND_USERNS, IN(PC_EXEC) | IN(PC_OPEN), "any user can mount such a file system" },
	{ PC_KIND_FOREIGN, IN(PC_EXEC) | IN(PC_OPEN),
	  "the host does not mount it, so the name is anybody's" },
};

struct entry {
	const struct list *list;
	struct object object;
	struct patterns *patterns; /* NULL: an address */
};

struct sensitive {
	struct entry *entries;
	size_t count;
};

/* While the lists are read. */
struct loading {
	struct sensitive *sensitive;
	const struct list *list;
	struct diags d;
};

static bool has_patterns(enum pc_kind kind)
{
	return kind == PC_KIND_PATH || kind == PC_KIND_UNIX_PATH || kind == PC_KIND_UNIX_ABSTRACT;
}

static int take_item(void *userdata, const struct loc *loc, const char *item)
{
	struct loading *loading = userdata;
	struct sensitive *sensitive = loading->sensitive;
	struct entry *grown = array_grow(sensitive->entries, sensitive->count, sizeof(*grown));
	struct entry entry = { .list = loading->list };
	enum pc_section_id section = loading->list->sections & IN(PC_CONNECT) ? PC_CONNECT : PC_OPEN;
	struct objects objects;
	enum pattern_flavour flavour;
	int r;

	if (!grown)
		return -ENOMEM;
	sensitive->entries = grown;
	r = object_parse(item, section, &loading->d, loc, &objects);
	if (r < 0)
		return r;
	entry.object = objects.list[0];
	flavour = entry.object.kind == PC_KIND_UNIX_ABSTRACT ? PATTERN_ABSTRACT : PATTERN_PATH;
	if (has_patterns(entry.object.kind))
		r = pattern_parse(entry.object.glob, flavour, &loading->d, loc, &entry.patterns);
	grown[sensitive->count++] = entry;
	return r;
}

static void sensitive_freep(struct sensitive **sensitive)
{
	(void)sensitive_free(*sensitive);
}

int sensitive_load(struct sensitive **ret_sensitive)
{
	_cleanup_(sensitive_freep) struct sensitive *sensitive = calloc(1, sizeof(*sensitive));
	struct loading loading = { .sensitive = sensitive };
	int r = sensitive ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < LIST_COUNT; i++) {
		loading.list = &lists[i];
		r = reader_run_items("sensitive", lists[i].text, strlen(lists[i].text), &loading.d, take_item,
				     &loading);
	}
	diags_print(&loading.d, stderr);
	diags_done(&loading.d);
	if (r < 0)
		return r;
	*ret_sensitive = take_ptr(sensitive);
	return 0;
}

struct sensitive *sensitive_free(struct sensitive *sensitive)
{
	if (!sensitive)
		return NULL;
	for (size_t i = 0; i < sensitive->count; i++) {
		object_done(&sensitive->entries[i].object);
		patterns_free(sensitive->entries[i].patterns);
	}
	free(sensitive->entries);
	free(sensitive);
	return NULL;
}

static bool is_asked(const struct entry *entry, const struct question *question)
{
	return entry->object.kind == question->kind && entry->list->sections & IN(question->section) &&
	       entry->list->access & question->access;
}

/* Whether two networks have something in common, the second being so many bits of the address. */
static bool is_in_network(const struct object *object, const __u8 *address, unsigned int prefix)
{
	struct object network = { .kind = object->kind, .prefix = object->prefix, .protocol = -1 };

	/* Then one holds the other. */
	if (network.prefix > prefix)
		network.prefix = prefix;
	memcpy(network.address, object->address, sizeof(network.address));
	return network_matches(&network, address, 0, 0);
}

static bool matches(const struct entry *entry, const struct question *question)
{
	if (!entry->patterns)
		return is_in_network(&entry->object, question->bytes, 8 * (unsigned int)question->length);
	for (size_t i = 0; i < entry->patterns->count; i++)
		if (pattern_matches(&entry->patterns->list[i], question->bytes, question->length))
			return true;
	return false;
}

const char *sensitive_why(const struct sensitive *sensitive, const struct question *question)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == question->kind && kinds[i].sections & IN(question->section))
			return kinds[i].why;
	for (size_t i = 0; i < sensitive->count; i++)
		if (is_asked(&sensitive->entries[i], question) && matches(&sensitive->entries[i], question))
			return sensitive->entries[i].list->why;
	return NULL;
}

int sensitive_overlap(const struct sensitive *sensitive, const struct question *question,
		      const struct patterns *patterns)
{
	for (size_t i = 0; i < sensitive->count; i++) {
		const struct entry *entry = &sensitive->entries[i];
		int r;

		if (!entry->patterns || !is_asked(entry, question))
			continue;
		r = patterns_overlap(entry->patterns, patterns);
		if (r != 0)
			return r;
	}
	return 0;
}

int sensitive_below(const struct sensitive *sensitive, const struct question *question,
		    const struct pattern *below)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sensitive->count; i++) {
		const struct entry *entry = &sensitive->entries[i];

		if (entry->patterns && is_asked(entry, question))
			r = patterns_name_below(entry->patterns, below);
	}
	return r;
}

bool sensitive_in_network(const struct sensitive *sensitive, const struct question *question,
			  unsigned int prefix)
{
	for (size_t i = 0; i < sensitive->count; i++) {
		const struct entry *entry = &sensitive->entries[i];

		if (!entry->patterns && is_asked(entry, question) &&
		    is_in_network(&entry->object, question->bytes, prefix))
			return true;
	}
	return false;
}
