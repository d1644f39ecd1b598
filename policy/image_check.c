/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image_check.c - takes foreign bytes as an image only if they are sound: laid out as the compiler does it,
 * every reference inside its table, every state's row inside the table, every end state with an index of the
 * right kind.
 */
#include <string.h>

#include <portcullis/limits.h>

#include "image.h"
#include "ownership.h"

/* What is being checked; the first thing that is wrong is told. */
struct checker {
	const struct pc_image_header *header;
	const __u64 *words;
	size_t size;
	const char *why;
};

static bool fail(struct checker *c, const char *why)
{
	c->why = why;
	return false;
}

static bool check_area(struct checker *c, const struct pc_area *area, size_t item_size, size_t *word)
{
	if (area->word != *word)
		return fail(c, "an area is not where the one before it ends");
	if (area->count > PC_IMAGE_CLASS_MAX)
		return fail(c, "an area is larger than any image");
	*word += ((size_t)area->count * item_size + sizeof(__u64) - 1) / sizeof(__u64);
	return true;
}

static bool check_layout(struct checker *c)
{
	const struct pc_image_header *h = c->header;
	size_t word = sizeof(*h) / sizeof(__u64);

	if (h->magic != PC_IMAGE_MAGIC)
		return fail(c, "not an image");
	if (h->version != PC_IMAGE_VERSION)
		return fail(c, "an image of another version");
	if (h->size != c->size)
		return fail(c, "an image of another size than it says");
	if (h->mode > PC_MODE_AUDIT)
		return fail(c, "the header holds an unknown value");
	if (!check_area(c, &h->table, sizeof(struct pc_entry), &word) ||
	    !check_area(c, &h->cells, sizeof(struct pc_cell), &word) ||
	    !check_area(c, &h->sets, sizeof(struct pc_interval_set), &word) ||
	    !check_area(c, &h->intervals, sizeof(struct pc_interval), &word) ||
	    !check_area(c, &h->rules, sizeof(struct pc_rule), &word) ||
	    !check_area(c, &h->profiles, sizeof(struct pc_profile), &word) ||
	    !check_area(c, &h->choices, sizeof(struct pc_choice), &word) ||
	    !check_area(c, &h->exes, sizeof(struct pc_exe), &word) ||
	    !check_area(c, &h->conditions, sizeof(struct pc_condition), &word) || !check_area(c, &h->text, 1, &word))
		return false;
	if (word * sizeof(__u64) != c->size)
		return fail(c, "the areas don't fill the image");
	if (!h->table.count || !h->cells.count || !h->sets.count || !h->intervals.count || !h->rules.count)
		return fail(c, "an area is empty");
	if (!h->text.count || ((const char *)&c->words[h->text.word])[h->text.count - 1])
		return fail(c, "the text does not end");
	return true;
}

/* The word of a state's head, which its row follows. */
static size_t head_word(__u32 state)
{
	return state / sizeof(__u64) - 1;
}

static bool has_row(const struct checker *c, __u32 state)
{
	return c->words[head_word(state)] >> 32 & PC_NEXT_ROW;
}

/* Whether a reader may be in this state: it has a head, its whole row lies in the table, and PC_STAYS is true. */
static bool is_state(const struct checker *c, __u32 state)
{
	const struct pc_area *table = &c->header->table;
	size_t head = head_word(state);

	return (state & ~PC_STAYS) % sizeof(__u64) == 0 && state / sizeof(__u64) != 0 && head >= table->word &&
	       head + 257 <= (size_t)table->word + table->count && (__u32)c->words[head] & PC_HEAD &&
	       (c->words[head] >> 32 == (state | PC_STAYS)) == (state & PC_STAYS);
}

static bool check_table(struct checker *c)
{
	const struct pc_area *table = &c->header->table;

	for (__u32 word = table->word; word < table->word + table->count; word++) {
		__u32 owner = c->words[word], next = c->words[word] >> 32, state = (word + 1) * sizeof(__u64);
		bool is_head = owner & PC_HEAD, is_row = next & PC_NEXT_ROW;

		state |= next == (state | PC_STAYS) ? PC_STAYS : 0;

		if (!owner && !next)
			continue;
		if (!is_state(c, is_head ? PC_STATE(next) : next))
			return fail(c, "a transition leads to no state");
		if (is_head && is_row && has_row(c, PC_STATE(next)))
			return fail(c, "a row is taken from one that is itself taken");
		if (!is_state(c, is_head ? state : owner))
			return fail(c, "a row reaches past the table, or belongs to no state");
		if (!is_head && (word <= head_word(owner) || word - head_word(owner) > 256))
			return fail(c, "a transition is on no byte");
	}
	return true;
}

static bool is_ref(const struct checker *c, __u32 ref, bool is_never)
{
	__u32 verdict = ref >> PC_REF_VERDICT_SHIFT;

	if (verdict == PC_NO_VERDICT)
		return ref == PC_REF_NONE;
	if (is_never && verdict != PC_DENY)
		return false;
	return !(ref & 1U << 28) && (ref & PC_REF_RULE_MASK) < c->header->rules.count;
}

static bool check_cells(struct checker *c)
{
	const struct pc_cell *cells = (const struct pc_cell *)&c->words[c->header->cells.word];

	for (__u32 i = 0; i < c->header->cells.count; i++) {
		if (!is_ref(c, cells[i].read, false) || !is_ref(c, cells[i].write, false) ||
		    !is_ref(c, cells[i].never_read, true) || !is_ref(c, cells[i].never_write, true))
			return fail(c, "a cell refers to no rule");
	}
	if (cells[0].read != PC_REF_NONE || cells[0].never_read != PC_REF_NONE ||
	    cells[0].write != PC_REF_NONE || cells[0].never_write != PC_REF_NONE)
		return fail(c, "cell 0 is not empty");
	return true;
}

/* Sets follow each other, so that checking them all is one pass. */
static bool check_sets(struct checker *c)
{
	const struct pc_image_header *h = c->header;
	const struct pc_interval_set *sets = (const struct pc_interval_set *)&c->words[h->sets.word];
	const struct pc_interval *intervals = (const struct pc_interval *)&c->words[h->intervals.word];
	__u32 next = 0;

	for (__u32 i = 0; i < h->sets.count; i++) {
		if (sets[i].first != next || !sets[i].count || sets[i].count > PC_INTERVALS_MAX ||
		    sets[i].count > h->intervals.count - next)
			return fail(c, "an interval set is not where the one before it ends");
		for (__u32 k = next; k < next + sets[i].count; k++) {
			if (k == next ? intervals[k].key != 0 : intervals[k].key <= intervals[k - 1].key)
				return fail(c, "the keys of an interval set are not in order");
			if (intervals[k].cell >= h->cells.count)
				return fail(c, "an interval refers to no cell");
		}
		next += sets[i].count;
	}
	if (next != h->intervals.count)
		return fail(c, "intervals belong to no set");
	return true;
}

static bool check_rules(struct checker *c)
{
	const struct pc_image_header *h = c->header;
	const struct pc_rule *rules = (const struct pc_rule *)&c->words[h->rules.word];
	const char *text = (const char *)&c->words[h->text.word];

	for (__u32 i = 0; i < h->rules.count; i++) {
		if (rules[i].file >= h->text.count || rules[i].text >= h->text.count ||
		    (__u64)rules[i].text + rules[i].length >= h->text.count)
			return fail(c, "a rule's text lies outside the text");
		if (text[rules[i].text + rules[i].length])
			return fail(c, "a rule's text has another length");
		if (rules[i].section >= PC_SECTIONS || rules[i].verb > PC_VERB_NEVER)
			return fail(c, "a rule is of no section or verb");
	}
	return h->name < h->text.count || fail(c, "the name lies outside the text");
}

static bool check_section(struct checker *c, const struct pc_section *section)
{
	for (unsigned int kind = 0; kind < PC_KINDS; kind++) {
		if (!is_state(c, section->start[kind]))
			return fail(c, "a section starts in no state");
	}
	if (!is_ref(c, section->default_read, false) || !is_ref(c, section->default_write, false))
		return fail(c, "a default refers to no rule");
	if (section->mode > PC_MODE_AUDIT)
		return fail(c, "a section holds an unknown value");
	return true;
}

static bool check_sections(struct checker *c)
{
	for (unsigned int id = 0; id < PC_SECTIONS; id++) {
		const struct pc_section *section = &c->header->host[id];

		if (!check_section(c, section))
			return false;
		if (section->default_read == PC_REF_NONE || section->default_write == PC_REF_NONE)
			return fail(c, "a host-wide section without a default");
	}
	return true;
}

static const struct pc_profile *profiles_of(const struct checker *c)
{
	return (const struct pc_profile *)&c->words[c->header->profiles.word];
}

static bool check_profiles(struct checker *c)
{
	const struct pc_profile *profiles = profiles_of(c);

	if (c->header->profiles.count > PC_PROFILES_MAX)
		return fail(c, "more profiles than there may be");
	for (__u32 i = 0; i < c->header->profiles.count; i++) {
		if (profiles[i].id != PC_PROFILE_ID(profiles[i].id) || profiles[i].id == PC_PROFILE_NONE ||
		    profiles[i].id == PC_PROFILE_UNKNOWN || (i > 0 && profiles[i].id <= profiles[i - 1].id))
			return fail(c, "the ids of profiles are not in order");
		if (profiles[i].name >= c->header->text.count || profiles[i].flags > (PC_PROFILE_PROCESS | PC_PROFILE_LOOSENS))
			return fail(c, "a profile holds an unknown value");
		for (unsigned int id = 0; id < PC_SECTIONS; id++)
			if (!check_section(c, &profiles[i].sections[id]))
				return false;
	}
	return true;
}

static const struct pc_choice *choices_of(const struct checker *c)
{
	return (const struct pc_choice *)&c->words[c->header->choices.word];
}

static const struct pc_condition *conditions_of(const struct checker *c)
{
	return (const struct pc_condition *)&c->words[c->header->conditions.word];
}

static bool check_choices(struct checker *c)
{
	const struct pc_image_header *h = c->header;
	const struct pc_condition *conditions = conditions_of(c);
	const struct pc_exe *exes = (const struct pc_exe *)&c->words[h->exes.word];
	const struct pc_choice *choices = choices_of(c);

	if (h->choices.count > PC_CHOICES_MAX)
		return fail(c, "more choices than there may be");
	for (__u32 i = 0; i < h->choices.count; i++) {
		if (!is_state(c, choices[i].start))
			return fail(c, "a choice starts in no state");
		if (choices[i].any != PC_EXE_NONE && choices[i].any >= h->exes.count)
			return fail(c, "a choice leads to no profile");
		if (choices[i].condition_count > PC_CONDITIONS_MAX || choices[i].first_condition > h->conditions.count ||
		    choices[i].condition_count > h->conditions.count - choices[i].first_condition)
			return fail(c, "a choice has conditions outside their area");
	}
	for (__u32 i = 0; i < h->exes.count; i++)
		if (exes[i].profile >= h->profiles.count)
			return fail(c, "an exe leads to no profile");
	for (__u32 i = 0; i < h->conditions.count; i++) {
		if (conditions[i].kind >= PC_CONDITIONS)
			return fail(c, "a condition of no kind");
		if (pc_condition_is_pattern(conditions[i].kind) && !is_state(c, conditions[i].value))
			return fail(c, "a condition starts in no state");
	}
	if (h->first_exe > h->rules.count || h->rules.count - h->first_exe > h->exes.count)
		return fail(c, "the rules of exes lie outside their area");
	return true;
}

/* The host-wide sections', then those of each profile: all of them up to the `exe` lines'. */
static bool check_rule_order(struct checker *c)
{
	__u32 next = PC_RULE_DEFAULT + 1;

	for (__u32 i = 0; i <= c->header->profiles.count; i++) {
		const struct pc_section *sections = i == 0 ? c->header->host : profiles_of(c)[i - 1].sections;

		for (unsigned int id = 0; id < PC_SECTIONS; id++) {
			if (i == 0 && id == 0 ? sections[id].first_rule != next : sections[id].first_rule < next)
				return fail(c, "the rules of sections are not in order");
			next = sections[id].first_rule;
		}
	}
	return next <= c->header->first_exe || fail(c, "the rules of sections are not in order");
}

/* Which states an automaton reaches: a stack and a mark for each word of the table. */
struct reach {
	__u32 *stack;
	size_t depth;
	__u8 *marks;
};

static void reach_done(struct reach *reach)
{
	free(reach->stack);
	free(reach->marks);
}

static void visit(const struct checker *c, struct reach *reach, __u32 state, __u8 mark)
{
	__u8 *marks = &reach->marks[head_word(state) - c->header->table.word];

	if (*marks & mark)
		return;
	*marks |= mark;
	reach->stack[reach->depth++] = state;
}

/* Whether no byte leads on from the state. */
static bool is_sink(const struct checker *c, __u32 state)
{
	const __u64 *row = &c->words[head_word(state) + 1];
	bool is_sink = row[-1] >> 32 == state;

	for (unsigned int byte = 0; is_sink && byte < 256; byte++)
		is_sink = (__u32)row[byte] != state;
	return is_sink;
}

/* Which end states an automaton may have: of cells, of interval sets, or of cells that name `exe` lines. */
enum mark {
	MARK_CELLS = 1,
	MARK_SETS = 2,
	MARK_EXES = 4,
};

/* Whether the cell names an `exe` line for reading, or nothing. */
static bool is_exe_cell(const struct checker *c, __u32 index)
{
	const struct pc_cell *cell = &((const struct pc_cell *)&c->words[c->header->cells.word])[index];

	return cell->read == PC_REF_NONE || (cell->read & PC_REF_RULE_MASK) >= c->header->first_exe;
}

/* Every end reached from `start` must be below `limit`. */
static bool check_ends(struct checker *c, struct reach *reach, __u32 start, enum mark mark, __u32 limit)
{
	visit(c, reach, start, mark);
	while (reach->depth > 0) {
		__u32 state = reach->stack[--reach->depth];
		const __u64 *row = &c->words[head_word(state) + 1];

		if (((__u32)row[-1] & PC_HEAD_END) >= limit)
			return fail(c, "an end state holds no cell or interval set");
		if (mark == MARK_EXES && !is_exe_cell(c, (__u32)row[-1] & PC_HEAD_END))
			return fail(c, "a choice ends in no exe");
		/* pc_step_nibble() goes no further there. */
		if (mark == MARK_SETS && (has_row(c, state) || !is_sink(c, row[-1] >> 32)))
			return fail(c, "an address goes on where nothing leads on");
		visit(c, reach, PC_STATE(row[-1] >> 32), mark);
		for (unsigned int byte = 0; byte < 256; byte++) {
			if ((__u32)row[byte] == state)
				visit(c, reach, row[byte] >> 32, mark);
		}
	}
	return true;
}

static bool check_section_ends(struct checker *c, struct reach *reach, const struct pc_section *section)
{
	for (unsigned int kind = 0; kind < PC_KINDS; kind++) {
		bool is_address = kind == PC_KIND_IP4 || kind == PC_KIND_IP6;
		__u32 limit = is_address ? c->header->sets.count : c->header->cells.count;

		if (!check_ends(c, reach, section->start[kind], is_address ? MARK_SETS : MARK_CELLS, limit))
			return false;
	}
	return true;
}

/* Returns −ENOMEM, or 0 with c->why set if something is wrong. */
static int check_automata(struct checker *c)
{
	_cleanup_(reach_done) struct reach reach = {};

	reach.stack = calloc(c->header->table.count, sizeof(*reach.stack));
	reach.marks = calloc(c->header->table.count, sizeof(*reach.marks));
	if (!reach.stack || !reach.marks)
		return -ENOMEM;
	for (unsigned int id = 0; id < PC_SECTIONS; id++)
		if (!check_section_ends(c, &reach, &c->header->host[id]))
			return 0;
	for (__u32 i = 0; i < c->header->profiles.count; i++)
		for (unsigned int id = 0; id < PC_SECTIONS; id++)
			if (!check_section_ends(c, &reach, &profiles_of(c)[i].sections[id]))
				return 0;
	for (__u32 i = 0; i < c->header->choices.count; i++)
		if (!check_ends(c, &reach, choices_of(c)[i].start, MARK_EXES, c->header->cells.count))
			return 0;
	for (__u32 i = 0; i < c->header->conditions.count; i++) {
		const struct pc_condition *condition = &conditions_of(c)[i];

		if (pc_condition_is_pattern(condition->kind) &&
		    !check_ends(c, &reach, condition->value, MARK_CELLS, c->header->cells.count))
			return 0;
	}
	return 0;
}

static int check(struct checker *c)
{
	if (!check_layout(c) || !check_table(c) || !check_cells(c) || !check_sets(c) || !check_rules(c) ||
	    !check_sections(c) || !check_profiles(c) || !check_choices(c) ||
	    !check_rule_order(c))
		return 0;
	return check_automata(c);
}

int image_load(const void *bytes, size_t size, struct image **ret_image, const char **ret_reason)
{
	_cleanup_(image_freep) struct image *image = NULL;
	struct checker c = { .size = size };
	int r;

	if (size < sizeof(struct pc_image_header) || size > PC_IMAGE_CLASS_MAX || size % sizeof(__u64)) {
		*ret_reason = "not an image: its size";
		return -EBADMSG;
	}
	r = image_allocate(size, &image);
	if (r < 0)
		return r;
	memcpy(image->words, bytes, size);
	c.words = image->words;
	c.header = image_header(image);
	r = check(&c);
	if (r < 0)
		return r;
	if (c.why) {
		*ret_reason = c.why;
		return -EBADMSG;
	}
	*ret_image = take_ptr(image);
	return 0;
}
