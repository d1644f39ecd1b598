/* SPDX-License-Identifier: GPL-2.0-only */
/* changes.c - past decisions that another policy gives another verdict, gathered by what they have in common. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "ownership.h"
#include "words.h"

static void change_free(void *pointer)
{
	struct change *change = pointer;

	free(change->hook);
	free(change->access);
	free(change->profile);
	free(change->program);
	free(change->object);
	free(change->was);
	free(change->was_rule);
	free(change->first);
	free(change->last);
	free(change);
}

static int compare_objects(const struct change *x, const struct change *y)
{
	size_t shorter = x->object_length < y->object_length ? x->object_length : y->object_length;
	int order = memcmp(x->object, y->object, shorter);

	return order ? order : (x->object_length > y->object_length) - (x->object_length < y->object_length);
}

static int compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int order = strcmp(x->hook, y->hook);

	order = order ? order : compare_objects(x, y);
	order = order ? order : strcmp(x->access, y->access);
	order = order ? order : strcmp(x->program, y->program);
	order = order ? order : strcmp(x->profile, y->profile);
	order = order ? order : strcmp(x->was, y->was);
	order = order ? order : strcmp(x->was_rule, y->was_rule);
	order = order ? order : (int)x->now - (int)y->now;
	return order ? order : (x->now_ref > y->now_ref) - (x->now_ref < y->now_ref);
}

/* The record's strings are borrowed: only to look for one that is there. */
static struct change key_of(const struct record *record, const struct pc_answer *now)
{
	return (struct change){
		.hook = (char *)section_name(record->hook),
		.access = (char *)record->access,
		.profile = (char *)record->profile,
		.program = (char *)record_program(record),
		.object = record->object,
		.object_length = record->object_length,
		.was = (char *)record_verdict_name(record->verdict),
		.was_rule = (char *)record->rule,
		.now = (enum pc_verdict)now->verdict,
		.now_ref = now->ref,
	};
}

static struct change *change_copy(const struct change *key)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change)
		return NULL;
	*change = *key;
	change->hook = strdup(key->hook);
	change->access = strdup(key->access);
	change->profile = strdup(key->profile);
	change->program = strdup(key->program);
	change->object = malloc(key->object_length + 1);
	change->was = strdup(key->was);
	change->was_rule = strdup(key->was_rule);
	change->first = strdup("");
	change->last = strdup("");
	if (!change->hook || !change->access || !change->profile || !change->program || !change->object ||
	    !change->was || !change->was_rule || !change->first || !change->last) {
		change_free(change);
		return NULL;
	}
	memcpy(change->object, key->object, key->object_length + 1);
	return change;
}

/* Times of one form compare as bytes. Several logs need not be in order. */
static int note_time(struct change *change, const char *time)
{
	bool is_first = change->count == 0 || strcmp(time, change->first) < 0;
	bool is_last = change->count == 0 || strcmp(time, change->last) > 0;
	char *first = is_first ? strdup(time) : NULL, *last = is_last ? strdup(time) : NULL;

	if ((is_first && !first) || (is_last && !last)) {
		free(first);
		free(last);
		return -ENOMEM;
	}
	if (is_first) {
		free(change->first);
		change->first = first;
	}
	if (is_last) {
		free(change->last);
		change->last = last;
	}
	return 0;
}

static int find_or_add(struct changes *changes, const struct change *key, struct change **ret_change)
{
	struct change **found = tfind(key, &changes->tree, compare_changes);
	struct change *change;

	if (!found) {
		change = change_copy(key);
		found = change ? tsearch(change, &changes->tree, compare_changes) : NULL;
		if (!found) {
			if (change)
				change_free(change);
			return -ENOMEM;
		}
		changes->count++;
	}
	*ret_change = *found;
	return 0;
}

int changes_add(struct changes *changes, const struct record *record, const struct pc_answer *now)
{
	struct change key = key_of(record, now), *change;
	int r;

	if (record->verdict == now->verdict) {
		changes->unchanged += record->repeats;
		return 0;
	}
	r = find_or_add(changes, &key, &change);
	if (r == 0)
		r = note_time(change, record->when);
	if (r < 0)
		return r;
	change->count += record->repeats;
	changes->by_verdict[now->verdict] += record->repeats;
	return 0;
}

/* ---- In the order that people want to see. ---- */

static int compare_weights(const void *a, const void *b)
{
	const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;

	if (x->now != y->now)
		return (int)x->now - (int)y->now;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return compare_changes(x, y);
}

static void collect(const void *node, VISIT visit, void *userdata)
{
	struct change ***next = userdata;

	if (visit == postorder || visit == leaf)
		*(*next)++ = *(struct change *const *)node;
}

int changes_sort(struct changes *changes)
{
	struct change **next;

	changes->list = next = calloc(changes->count + 1, sizeof(*changes->list));
	if (!changes->list)
		return -ENOMEM;
	twalk_r(changes->tree, collect, &next);
	qsort(changes->list, changes->count, sizeof(*changes->list), compare_weights);
	return 0;
}

void changes_done(struct changes *changes)
{
	tdestroy(changes->tree, change_free);
	free(changes->list);
	*changes = (struct changes){};
}
