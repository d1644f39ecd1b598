/* SPDX-License-Identifier: GPL-2.0-only */
/* proposals.c - rules that would allow what was seen. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "learn/addresses.h"
#include "learn/merge.h"
#include "learn/proposals.h"
#include "ownership.h"

/* What the merging asks about. */
struct asking {
	const struct guard *guard;
	const struct sighting *like;
};

static int may(const char *glob, const char *directory, void *userdata)
{
	const struct asking *asking = userdata;

	return guard_may(asking->guard, asking->like, glob, directory);
}

/* What may run is named: of code only libraries are taken together, but for what will be a comment. */
static unsigned int methods_of(const struct sighting *like)
{
	if (like->question.kind == PC_KIND_UNIX_ABSTRACT)
		return MERGE_SHAPES;
	if (like->question.section == PC_EXEC && like->class == SIGHTING_PROPOSED)
		return MERGE_SHAPES | MERGE_NUMBERS | MERGE_LIBRARIES;
	return MERGE_SHAPES | MERGE_NUMBERS | MERGE_ENDINGS | MERGE_SIBLINGS;
}

static int merge_globs(struct sighting *const *list, size_t count, const struct guard *guard,
		       struct merged **ret_list, size_t *ret_count)
{
	_cleanup_free_ struct merge_name *names = calloc(count, sizeof(*names));
	struct asking asking = { guard, list[0] };
	const struct merge_options options = {
		.methods = methods_of(list[0]),
		.is_abstract = list[0]->question.kind == PC_KIND_UNIX_ABSTRACT,
		.may = may,
		.userdata = &asking,
	};

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		names[i] = (struct merge_name){ list[i]->bytes, list[i]->question.length };
	return merge_names(names, count, &options, ret_list, ret_count);
}

/* Objects without names stand for themselves. */
static int merge_words(struct sighting *const *list, size_t count, struct merged **ret_list,
		       size_t *ret_count)
{
	struct merged *merged = calloc(count, sizeof(*merged));

	for (size_t i = 0; merged && i < count; i++) {
		merged[i].glob = strdup(list[i]->object);
		merged[i].members = malloc(sizeof(*merged[i].members));
		if (!merged[i].glob || !merged[i].members) {
			merged_free(merged, i + 1);
			return -ENOMEM;
		}
		merged[i].members[merged[i].count++] = i;
	}
	*ret_list = merged;
	*ret_count = count;
	return merged ? 0 : -ENOMEM;
}

/* Sightings that are alike. */
static int merge_alike(struct sighting *const *list, size_t count, const struct guard *guard,
		       struct merged **ret_list, size_t *ret_count)
{
	enum pc_kind kind = list[0]->question.kind;

	if (kind == PC_KIND_IP4 || kind == PC_KIND_IP6)
		return addresses_merge(list, count, guard, ret_list, ret_count);
	if (kind_has_patterns(kind))
		return merge_globs(list, count, guard, ret_list, ret_count);
	return merge_words(list, count, ret_list, ret_count);
}

/* ---- Proposals ---- */

const char *proposal_prefix(enum pc_kind kind)
{
	static const char *const prefixes[PC_KINDS] = {
		[PC_KIND_FOREIGN] = "foreign:",
		[PC_KIND_UNIX_PATH] = "unix:",
		[PC_KIND_UNIX_ABSTRACT] = "unix:@",
	};

	return prefixes[kind] ? prefixes[kind] : "";
}

static void proposal_done(struct proposal *proposal)
{
	for (size_t i = 0; i < PROPOSAL_WIDTHS; i++)
		free(proposal->objects[i]);
	free(proposal->members);
	evidence_done(&proposal->evidence);
}

/* The folder that the glob's last name is in, with its slash. NULL: no name there may be any, or no memory. */
static char *folder_of(const char *glob, enum pc_kind kind)
{
	const char *slash = strrchr(glob, '/');

	/* Nothing wider than what lies in /a/b/. */
	if (kind == PC_KIND_UNIX_ABSTRACT || !slash || slash == glob || strchr(glob + 1, '/') == slash)
		return NULL;
	return strndup(glob, (size_t)(slash - glob) + 1);
}

static int set_width(struct proposal *proposal, enum proposal_width width, const char *folder,
		     const char *end)
{
	const char *prefix = proposal_prefix(proposal->members[0]->question.kind);

	return asprintf(&proposal->objects[width], "%s%s%s", prefix, folder, end) < 0 ? -ENOMEM : 0;
}

static int add_tree(struct proposal *proposal, const char *folder, const struct guard *guard)
{
	int r = guard_may_tree(guard, proposal->members[0], folder);

	return r > 0 ? set_width(proposal, PROPOSAL_TREE, folder, "**") : r;
}

/* All names of the folder, or all but hidden ones, if that is more than the glob is. */
static int add_folder(struct proposal *proposal, const char *glob, const char *folder,
		      const struct guard *guard)
{
	static const char *const ends[] = { "*", "[!.]*" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(ends) / sizeof(ends[0]); i++) {
		_cleanup_free_ char *wider = NULL;

		if (asprintf(&wider, "%s%s", folder, ends[i]) < 0)
			return -ENOMEM;
		if (strcmp(wider, glob) == 0)
			return 0;
		r = guard_may(guard, proposal->members[0], wider, folder);
		if (r > 0)
			return set_width(proposal, PROPOSAL_FOLDER, folder, ends[i]);
	}
	return r;
}

/* What a person may widen it to. */
static int add_wider(struct proposal *proposal, const char *glob, const struct guard *guard)
{
	_cleanup_free_ char *folder = folder_of(glob, proposal->members[0]->question.kind);
	int r = folder ? add_folder(proposal, glob, folder, guard) : 0;

	return r < 0 || !folder ? r : add_tree(proposal, folder, guard);
}

static int fill(struct proposal *proposal, const struct merged *merged, struct sighting *const *list,
		const struct guard *guard)
{
	const struct sighting *like = list[merged->members[0]];
	int r = 0;

	proposal->access = like->question.access;
	proposal->fate = like->class == SIGHTING_PROPOSED ? PROPOSAL_ALLOW : PROPOSAL_REVIEW;
	proposal->width = PROPOSAL_PROPOSED;
	proposal->members = calloc(merged->count, sizeof(struct sighting *));
	if (!proposal->members || asprintf(&proposal->objects[PROPOSAL_PROPOSED], "%s%s",
					   proposal_prefix(like->question.kind), merged->glob) < 0)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < merged->count; i++) {
		proposal->members[proposal->count++] = list[merged->members[i]];
		r = evidence_add(&proposal->evidence, &list[merged->members[i]]->evidence);
	}
	if (r == 0 && kind_has_patterns(like->question.kind))
		r = add_wider(proposal, merged->glob, guard);
	return r;
}

static int add_alike(struct proposals *proposals, struct sighting *const *list, size_t count,
		     const struct guard *guard)
{
	struct merged *merged;
	size_t merged_count;
	int r = merge_alike(list, count, guard, &merged, &merged_count);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < merged_count; i++) {
		struct proposal *grown = array_grow(proposals->list, proposals->count, sizeof(*grown));

		if (!grown) {
			r = -ENOMEM;
			break;
		}
		proposals->list = grown;
		grown[proposals->count] = (struct proposal){};
		r = fill(&grown[proposals->count++], &merged[i], list, guard);
	}
	merged_free(merged, merged_count);
	return r;
}

/* ---- In order ---- */

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* Reading and writing of one object follow each other. */
static int compare_proposals(const void *a, const void *b)
{
	const struct proposal *x = a, *y = b;
	const struct sighting *s = x->members[0], *t = y->members[0];
	int order = compare_numbers(s->question.profile, t->question.profile);

	order = order ? order : compare_numbers(s->question.section, t->question.section);
	order = order ? order : compare_numbers(x->fate, y->fate);
	order = order ? order : strcmp(s->why ? s->why : "", t->why ? t->why : "");
	order = order ? order : compare_numbers(s->rule, t->rule);
	order = order ? order : compare_numbers(s->question.kind, t->question.kind);
	order = order ? order : strcmp(x->objects[PROPOSAL_PROPOSED], y->objects[PROPOSAL_PROPOSED]);
	return order ? order : compare_numbers(x->access, y->access);
}

static bool is_other_half(const struct proposal *a, const struct proposal *b)
{
	const struct sighting *s = a->members[0], *t = b->members[0];

	return a->access == PC_ACCESS_READ && b->access == PC_ACCESS_WRITE &&
	       sighting_has_same_reason(s, t) && s->question.profile == t->question.profile &&
	       s->question.section == t->question.section && s->question.kind == t->question.kind &&
	       strcmp(a->objects[PROPOSAL_PROPOSED], b->objects[PROPOSAL_PROPOSED]) == 0;
}

/* Decisions about both accesses that both halves have counted. */
static unsigned long long count_twice(const struct proposal *read, const struct proposal *write)
{
	unsigned long long twice = 0;
	size_t at = 0;

	for (size_t i = 0; i < write->count; i++) {
		const struct sighting *wanted = write->members[i];

		while (at < read->count && strcmp(read->members[at]->bytes, wanted->bytes) < 0)
			at++;
		if (at < read->count && strcmp(read->members[at]->bytes, wanted->bytes) == 0)
			twice += wanted->shared;
	}
	return twice;
}

/* The rule about reading takes the one about writing in. */
static int unite_halves(struct proposal *read, struct proposal *write)
{
	unsigned long long twice = count_twice(read, write);
	struct sighting **members =
		reallocarray(read->members, read->count + write->count, sizeof(struct sighting *));
	int r;

	if (!members)
		return -ENOMEM;
	read->members = members;
	memcpy(members + read->count, write->members, write->count * sizeof(struct sighting *));
	read->count += write->count;
	read->access |= write->access;
	r = evidence_add(&read->evidence, &write->evidence);
	read->evidence.count -= twice;
	/* What one half may not be, both may not. */
	for (size_t i = PROPOSAL_FOLDER; i < PROPOSAL_WIDTHS; i++)
		if (!write->objects[i]) {
			free(read->objects[i]);
			read->objects[i] = NULL;
		}
	return r;
}

static int unite(struct proposals *proposals)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < proposals->count; i++) {
		struct proposal *next = &proposals->list[i];

		if (r == 0 && kept > 0 && is_other_half(&proposals->list[kept - 1], next)) {
			r = unite_halves(&proposals->list[kept - 1], next);
			proposal_done(next);
			continue;
		}
		proposals->list[kept++] = *next;
	}
	proposals->count = kept;
	return r;
}

int proposals_make(const struct sightings *sightings, const struct guard *guard,
		   struct proposals *ret_proposals)
{
	_cleanup_(proposals_done) struct proposals proposals = {};
	size_t first = 0;
	int r = 0;

	for (size_t i = 1; r == 0 && i <= sightings->count; i++) {
		if (i < sightings->count && sighting_is_alike(sightings->list[first], sightings->list[i]))
			continue;
		if (sightings->list[first]->class != SIGHTING_LEFT)
			r = add_alike(&proposals, sightings->list + first, i - first, guard);
		first = i;
	}
	if (r == 0 && proposals.count > 0)
		qsort(proposals.list, proposals.count, sizeof(*proposals.list), compare_proposals);
	if (r == 0)
		r = unite(&proposals);
	if (r < 0)
		return r;
	*ret_proposals = proposals;
	proposals = (struct proposals){};
	return 0;
}

void proposals_done(struct proposals *proposals)
{
	for (size_t i = 0; i < proposals->count; i++)
		proposal_done(&proposals->list[i]);
	free(proposals->list);
	*proposals = (struct proposals){};
}
