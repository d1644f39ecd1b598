/* SPDX-License-Identifier: GPL-2.0-only */
/* draft.c - proposals as a drop-in file of a policy. */
#include <errno.h>
#include <portcullis/limits.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "learn/component.h"
#include "learn/draft.h"
#include "ownership.h"
#include "text/utf8.h"
#include "words.h"

/* Of an object, so that "; more = " and the piece fit in a line. */
#define PIECE_MAX (PC_LINE_MAX - 9)
#define COMMENT "; "
/* Objects that are left for one reason; more are told by their number. */
#define LEFT_SHOWN 20

struct writer {
	const struct proposals *proposals;
	const struct sightings *sightings;
	FILE *out;
	/* Of the section in the making: its lists stand before it. */
	FILE *lists;
	FILE *rules;
	unsigned int number; /* of the file */
	unsigned int list_count;
};

/* ---- Words ---- */

static const char *suffix_of(const struct sighting *like, unsigned int access)
{
	if (like->question.section != PC_OPEN || access == (PC_ACCESS_READ | PC_ACCESS_WRITE))
		return "";
	return access == PC_ACCESS_READ ? ".read" : ".write";
}

static const char *verb_of(const struct proposal *proposal)
{
	return proposal->fate == PROPOSAL_DENY ? "deny" : "allow";
}

char *draft_rule(const struct proposal *proposal)
{
	enum proposal_width width = proposal->width == PROPOSAL_NARROW ? PROPOSAL_PROPOSED : proposal->width;
	char *text;

	if (asprintf(&text, "%s%s = %s", verb_of(proposal), suffix_of(proposal->members[0], proposal->access),
		     proposal->objects[width]) < 0)
		return NULL;
	return text;
}

/* The object as a rule for it alone writes it; owned by the caller. NULL: no memory. */
static char *exact_object(const struct sighting *sighting)
{
	enum pc_kind kind = sighting->question.kind;
	_cleanup_free_ char *glob = NULL;
	char *text;

	if (!kind_has_patterns(kind))
		return strdup(sighting->object);
	if (component_quote(sighting->bytes, sighting->question.length, &glob) < 0 ||
	    asprintf(&text, "%s%s", proposal_prefix(kind), glob) < 0)
		return NULL;
	return text;
}

void draft_name_sighting(const struct sighting *sighting, const struct policy *policy, FILE *out)
{
	_cleanup_free_ char *object = exact_object(sighting);
	const struct question *question = &sighting->question;

	fprintf(out, "%s %s", section_name(question->section), object ? object : "");
	if (question->section == PC_OPEN)
		fprintf(out, " (%s)", question->access == PC_ACCESS_READ ? "read" : "write");
	if (question->profile)
		fprintf(out, " as %s", policy->profiles[question->profile - 1].name);
}

void draft_name_reason(const struct sighting *sighting, const struct policy *policy, FILE *out)
{
	const struct rule *rule = sighting->rule ? &policy->rules[sighting->rule - 1] : NULL;

	if (rule)
		fprintf(out, "%s:%u '%s' says so", rule->loc.file, rule->loc.line, rule->text);
	else
		fputs(sighting->why ? sighting->why : "", out);
}

/* ---- Lines ---- */

/* The text as a comment, cut to the length of a line; nothing of it ends the line. */
static void write_comment(FILE *out, const char *text, size_t length)
{
	size_t used = strlen(COMMENT), n;

	fputs(COMMENT, out);
	for (size_t i = 0; i < length; i += n) {
		char hex[8];
		size_t size;

		n = utf8_printable(text + i, length - i);
		size = n > 0 ? n : (size_t)snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)text[i]);
		used += size;
		if (used > PC_LINE_MAX - strlen("…")) {
			fputs("…", out);
			break;
		}
		(void)fwrite(n > 0 ? text + i : hex, 1, size, out);
		n = n > 0 ? n : 1;
	}
	fputc('\n', out);
}

/* A comment that is being put together. */
struct remark {
	FILE *out;
	char *text;
	size_t length;
};

static int remark_start(struct remark *remark)
{
	*remark = (struct remark){};
	remark->out = open_memstream(&remark->text, &remark->length);
	return remark->out ? 0 : -ENOMEM;
}

static int remark_end(struct remark *remark, FILE *out)
{
	int r = fclose(remark->out) == 0 ? 0 : -ENOMEM;

	if (r == 0)
		write_comment(out, remark->text, remark->length);
	free(remark->text);
	return r;
}

static int write_evidence(FILE *out, const struct evidence *evidence)
{
	struct remark remark;
	int r = remark_start(&remark);

	if (r < 0)
		return r;
	evidence_write(evidence, remark.out);
	return remark_end(&remark, out);
}

/* Where an object may be cut: what stands in the next line must not look like a comment. */
static size_t piece_length(const char *object)
{
	size_t length = strnlen(object, PIECE_MAX + 1);

	if (length <= PIECE_MAX)
		return length;
	length = PIECE_MAX;
	while (object[length] == ';' || object[length] == '#')
		length--;
	return length;
}

/* A list of one object, for a rule that is longer than a line. */
static void write_list(struct writer *writer, const char *mark, const char *object)
{
	const char *key = "item";

	fprintf(writer->lists, "%s[list learned-%u-%u]\n", mark, writer->number, ++writer->list_count);
	for (const char *p = object; *p; p += piece_length(p)) {
		fprintf(writer->lists, "%s%s = %.*s\n", mark, key, (int)piece_length(p), p);
		key = "more";
	}
	fputc('\n', writer->lists);
}

static void write_rule(struct writer *writer, const struct proposal *proposal, unsigned int access,
		       const char *object)
{
	const char *mark = proposal->fate == PROPOSAL_REVIEW ? COMMENT : "";
	char key[sizeof("allow.write")];

	(void)snprintf(key, sizeof(key), "%s%s", verb_of(proposal), suffix_of(proposal->members[0], access));
	if (strlen(mark) + strlen(key) + strlen(" = ") + strlen(object) <= PC_LINE_MAX) {
		fprintf(writer->rules, "%s%s = %s\n", mark, key, object);
		return;
	}
	write_list(writer, mark, object);
	fprintf(writer->rules, "%s%s = $learned-%u-%u\n", mark, key, writer->number, writer->list_count);
}

static int write_narrow(struct writer *writer, const struct proposal *proposal)
{
	for (size_t i = 0; i < proposal->count; i++) {
		_cleanup_free_ char *object = exact_object(proposal->members[i]);

		if (!object)
			return -ENOMEM;
		write_rule(writer, proposal, proposal->members[i]->question.access, object);
	}
	return 0;
}

static int write_proposal(struct writer *writer, const struct proposal *proposal)
{
	int r = write_evidence(writer->rules, &proposal->evidence);

	if (r < 0 || proposal->width == PROPOSAL_NARROW)
		return r < 0 ? r : write_narrow(writer, proposal);
	write_rule(writer, proposal, proposal->access, proposal->objects[proposal->width]);
	return 0;
}

/* What needs a look stands under its reason. */
static int write_reason(struct writer *writer, const struct proposal *proposal)
{
	struct remark remark;
	int r = remark_start(&remark);

	if (r < 0)
		return r;
	fputs("---- Needs a look: ", remark.out);
	draft_name_reason(proposal->members[0], writer->sightings->policy, remark.out);
	fputs(" ----", remark.out);
	fputc('\n', writer->rules);
	return remark_end(&remark, writer->rules);
}

static int write_fate(struct writer *writer, size_t profile, enum pc_section_id section,
		      enum proposal_fate fate)
{
	const struct proposal *before = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < writer->proposals->count; i++) {
		const struct proposal *proposal = &writer->proposals->list[i];
		const struct question *question = &proposal->members[0]->question;

		if (proposal->fate != fate || question->profile != profile || question->section != section)
			continue;
		if (fate == PROPOSAL_REVIEW &&
		    (!before || !sighting_has_same_reason(before->members[0], proposal->members[0])))
			r = write_reason(writer, proposal);
		if (r == 0)
			r = write_proposal(writer, proposal);
		before = proposal;
	}
	return r;
}

static int write_section(struct writer *writer, size_t profile, enum pc_section_id section)
{
	static const enum proposal_fate order[] = { PROPOSAL_ALLOW, PROPOSAL_DENY, PROPOSAL_REVIEW };
	_cleanup_free_ char *lists = NULL, *rules = NULL;
	size_t lists_size = 0, rules_size = 0;
	int r = 0;

	writer->lists = open_memstream(&lists, &lists_size);
	writer->rules = open_memstream(&rules, &rules_size);
	if (!writer->lists || !writer->rules)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < sizeof(order) / sizeof(order[0]); i++)
		r = write_fate(writer, profile, section, order[i]);
	if (writer->lists && fclose(writer->lists) != 0)
		r = -ENOMEM;
	if (writer->rules && fclose(writer->rules) != 0)
		r = -ENOMEM;
	if (r < 0 || rules_size == 0)
		return r;
	fprintf(writer->out, "\n%s%s\n%s", lists,
		section_title(writer->sightings->policy, section_number(profile, section)).text, rules);
	return 0;
}

/* ---- What stands before the rules ---- */

static int write_left_object(struct writer *writer, const struct sighting *sighting)
{
	struct remark remark;
	int r = remark_start(&remark);

	if (r < 0)
		return r;
	fprintf(remark.out, "  %llu time%s: ", sighting->evidence.count,
		sighting->evidence.count == 1 ? "" : "s");
	draft_name_sighting(sighting, writer->sightings->policy, remark.out);
	return remark_end(&remark, writer->out);
}

/* All that is left for the reason of the sighting, which is the first of them. */
static int write_left(struct writer *writer, const struct sighting *first)
{
	struct remark remark;
	size_t objects = 0;
	int r = remark_start(&remark);

	if (r < 0)
		return r;
	fprintf(remark.out, "Left as it is: ");
	draft_name_reason(first, writer->sightings->policy, remark.out);
	r = remark_end(&remark, writer->out);
	for (size_t i = 0; r == 0 && i < writer->sightings->count; i++) {
		const struct sighting *sighting = writer->sightings->list[i];

		if (sighting->class != SIGHTING_LEFT || !sighting_has_same_reason(first, sighting))
			continue;
		if (objects++ < LEFT_SHOWN)
			r = write_left_object(writer, sighting);
	}
	if (objects > LEFT_SHOWN)
		fprintf(writer->out, COMMENT "  and %zu more\n", objects - LEFT_SHOWN);
	return r;
}

/* Under each reason once: there are no more of them than rules. */
static int write_all_left(struct writer *writer)
{
	const struct sightings *sightings = writer->sightings;
	_cleanup_free_ const struct sighting **reasons = NULL;
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sightings->count; i++) {
		const struct sighting *sighting = sightings->list[i], **grown;
		size_t known = 0;

		if (sighting->class != SIGHTING_LEFT)
			continue;
		while (known < count && !sighting_has_same_reason(reasons[known], sighting))
			known++;
		if (known < count)
			continue;
		grown = array_grow(reasons, count, sizeof(*reasons));
		if (!grown)
			return -ENOMEM;
		reasons = grown;
		reasons[count++] = sighting;
		r = write_left(writer, sighting);
	}
	return r;
}

static int write_head(struct writer *writer, const struct draft_summary *summary)
{
	fprintf(writer->out,
		"; Learned by policyctl learn from %llu decisions; the policy allows %llu of them already",
		summary->decisions, writer->sightings->allowed);
	if (summary->unjudged > 0)
		fprintf(writer->out, ", %llu could not be judged", summary->unjudged);
	fprintf(writer->out,
		".\n"
		"; Before each rule stands how often it was needed, when, and by whom. What is a comment itself needs\n"
		"; a look first: without its \"; \" it is a rule.\n");
	return write_all_left(writer);
}

/* ---- All of it ---- */

static int compare_names(const void *a, const void *b, void *userdata)
{
	const struct policy *policy = userdata;
	const size_t *x = a, *y = b;

	return strcmp(policy->profiles[*x].name, policy->profiles[*y].name);
}

/* The host-wide sections, then those of the profiles by name. */
static int write_sections(struct writer *writer)
{
	const struct policy *policy = writer->sightings->policy;
	_cleanup_free_ size_t *order = calloc(policy->profile_count + 1, sizeof(*order));
	int r = order ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < policy->profile_count; i++)
		order[i] = i;
	if (r == 0)
		qsort_r(order, policy->profile_count, sizeof(*order), compare_names, (void *)policy);
	for (size_t i = 0; r == 0 && i <= policy->profile_count; i++)
		for (unsigned int id = 0; r == 0 && id < PC_SECTIONS; id++)
			r = write_section(writer, i ? order[i - 1] + 1 : 0, (enum pc_section_id)id);
	return r;
}

int draft_write(const struct proposals *proposals, const struct sightings *sightings,
		const struct draft_summary *summary, unsigned int number, char **ret_text, size_t *ret_length)
{
	struct writer writer = { .proposals = proposals, .sightings = sightings, .number = number };
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	int r;

	writer.out = open_memstream(&text, &length);
	if (!writer.out)
		return -ENOMEM;
	r = write_head(&writer, summary);
	if (r == 0)
		r = write_sections(&writer);
	if (fclose(writer.out) != 0)
		r = -ENOMEM;
	if (r < 0)
		return r;
	*ret_text = take_ptr(text);
	*ret_length = length;
	return 0;
}
