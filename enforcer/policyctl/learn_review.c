/* SPDX-License-Identifier: GPL-2.0-only */
/* learn_review.c - walks a person through proposals. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "learn/draft.h"
#include "learn_review.h"
#include "output.h"
#include "ownership.h"

#define MEMBERS_SHOWN 5
#define CTRL_C 3
#define CTRL_D 4

/* What the last keys did, to be taken back. */
struct past_step {
	size_t index;
	enum proposal_fate fate;
	enum proposal_width width;
};

struct review {
	struct proposals *proposals;
	const struct sightings *sightings;
	size_t index;            /* of the proposal that is shown */
	struct past_step *steps; /* owned */
	size_t step_count;
	bool is_over;
	bool is_given_up;
};

/* ---- Keys ---- */

/*
 * A terminal gives each key at once; a pipe may have line ends between them. Nothing that ends the process may leave a
 * terminal without echo, so Ctrl-C is a key, too.
 */
static int read_key(void)
{
	struct termios saved, raw;
	bool is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved) == 0;
	unsigned char key = '\n';
	ssize_t got;

	if (is_terminal) {
		raw = saved;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	do
		got = read(STDIN_FILENO, &key, 1);
	while ((got < 0 && errno == EINTR) || (got == 1 && strchr(" \t\r\n", key)));
	if (is_terminal)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	if (got != 1 || key == CTRL_D)
		return EOF;
	return key == CTRL_C ? 'x' : key;
}

/* ---- What is shown ---- */

static void show_members(const struct review *review, const struct proposal *proposal)
{
	size_t shown = proposal->count < MEMBERS_SHOWN ? proposal->count : MEMBERS_SHOWN;

	for (size_t i = 0; proposal->count > 1 && i < shown; i++) {
		fprintf(stderr, "      ");
		draft_name_sighting(proposal->members[i], review->sightings->policy, stderr);
		fputc('\n', stderr);
	}
	if (proposal->count > shown)
		fprintf(stderr, "      and %zu more\n", proposal->count - shown);
}

static void show_proposal(const struct review *review)
{
	const struct proposal *proposal = &review->proposals->list[review->index];
	const struct sighting *first = proposal->members[0];
	_cleanup_free_ char *rule = draft_rule(proposal), *evidence = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&evidence, &size);

	if (!out)
		return;
	evidence_write(&proposal->evidence, out);
	(void)fclose(out);
	fprintf(stderr, "\n%zu of %zu  %s\n", review->index + 1, review->proposals->count, rule ? rule : "");
	if (proposal->width == PROPOSAL_NARROW)
		fprintf(stderr, "      each of its objects by itself\n");
	if (first->class == SIGHTING_REVIEW) {
		fprintf(stderr, "      needs a look: ");
		draft_name_reason(first, review->sightings->policy, stderr);
		fputc('\n', stderr);
	}
	fprintf(stderr, "      ");
	(void)output_safe(stderr, evidence, size);
	fputc('\n', stderr);
	show_members(review, proposal);
	fprintf(stderr, "a allow, d deny, w widen, n narrow, s skip, u undo, q quit and write, x give up: ");
}

/* ---- What keys do ---- */

static int remember(struct review *review)
{
	struct past_step *grown = array_grow(review->steps, review->step_count, sizeof(*grown));
	const struct proposal *proposal = &review->proposals->list[review->index];

	if (!grown)
		return -ENOMEM;
	review->steps = grown;
	grown[review->step_count++] = (struct past_step){ review->index, proposal->fate, proposal->width };
	return 0;
}

static int decide(struct review *review, enum proposal_fate fate)
{
	int r = remember(review);

	if (r < 0)
		return r;
	review->proposals->list[review->index++].fate = fate;
	return 0;
}

/* To the next width that there is, in that direction. */
static int change_width(struct review *review, int direction)
{
	struct proposal *proposal = &review->proposals->list[review->index];
	int width = (int)proposal->width + direction;
	int r;

	while (width > PROPOSAL_PROPOSED && width < PROPOSAL_WIDTHS && !proposal->objects[width])
		width += direction;
	if (width < PROPOSAL_NARROW || width >= PROPOSAL_WIDTHS ||
	    (width == PROPOSAL_NARROW && proposal->count < 2)) {
		fprintf(stderr, direction > 0
					? "no wider: a rule or a place that needs a look is in the way\n"
					: "no narrower: it is one object\n");
		return 0;
	}
	r = remember(review);
	if (r == 0)
		proposal->width = (enum proposal_width)width;
	return r;
}

static void undo(struct review *review)
{
	struct past_step *step;

	if (review->step_count == 0) {
		fprintf(stderr, "nothing to undo\n");
		return;
	}
	step = &review->steps[--review->step_count];
	review->index = step->index;
	review->proposals->list[step->index].fate = step->fate;
	review->proposals->list[step->index].width = step->width;
}

static int take_key(struct review *review, int key)
{
	switch (key) {
	case 'a':
		return decide(review, PROPOSAL_ALLOW);
	case 'd':
		return decide(review, PROPOSAL_DENY);
	case 's':
		return decide(review, PROPOSAL_SKIP);
	case 'w':
		return change_width(review, 1);
	case 'n':
		return change_width(review, -1);
	case 'u':
		undo(review);
		return 0;
	case 'q':
	case EOF:
		review->is_over = true;
		return 0;
	case 'x':
		review->is_over = review->is_given_up = true;
		return 0;
	default:
		fprintf(stderr, "no such key\n");
		return 0;
	}
}

/* Nothing is accepted that was not looked at. */
static void skip_rest(struct review *review)
{
	for (size_t i = review->index; i < review->proposals->count; i++)
		review->proposals->list[i].fate = PROPOSAL_SKIP;
}

int learn_review(struct proposals *proposals, const struct sightings *sightings)
{
	struct review review = { .proposals = proposals, .sightings = sightings };
	int r = 0;

	while (r == 0 && !review.is_over && review.index < proposals->count) {
		show_proposal(&review);
		r = take_key(&review, read_key());
		fputc('\n', stderr);
	}
	skip_rest(&review);
	free(review.steps);
	if (r == 0 && review.is_given_up) {
		fprintf(stderr, "policyctl: given up, nothing is written\n");
		return -EINVAL;
	}
	return r;
}
