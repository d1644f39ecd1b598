/* SPDX-License-Identifier: GPL-2.0-only */
/* test_hits.c - a rule's hits outlive reloads for as long as the rule does. */
#include "hits.h"
#include "made.h"
#include "rule_list.h"

#define NS_PER_S 1000000000ULL
#define HITS_MAX 8

/* As if it had been loaded at that second. */
static struct generation *load(const char *text, __u64 second)
{
	struct made made = make(text);
	struct generation *g = NULL;

	assert_non_null(made.image);
	assert_int_equal(generation_from_image(made.image, &g), 0);
	g->id = second;
	g->loaded = second * NS_PER_S;
	made_done(&made);
	return g;
}

/* "TEXT: COUNT hits, last LAST, since SECOND; " of each rule; valid until the next call. */
static const char *describe(const struct pc_hit *counts, const struct generation *g)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	text[0] = '\0';
	for (__u32 i = 1; i < g->rule_end; i++)
		fprintf(out, "%s: %llu hits, last %llu, since %llu; ", generation_text(g, g->rules[i].text),
			counts[i].count, counts[i].last, hits_since(&counts[i], g));
	assert_int_equal(fclose(out), 0);
	return text;
}

/* What the kernel counts of a policy: of rule n counts[n - 1], each rule hit last at ten times that. */
static struct pc_hit *count(const struct generation *g, const unsigned int *counts)
{
	struct pc_hit *final = calloc(g->rule_end, sizeof(*final));

	for (__u32 i = 1; i < g->rule_end; i++)
		final[i] = (struct pc_hit){ counts[i - 1], 10 * counts[i - 1], 0 };
	return final;
}

/* What `next` has then, of which `counts` were counted already. Takes `final`. */
static struct pc_hit *carry(const struct generation *before, struct pc_hit *final, const struct generation *next,
			    const unsigned int *counts)
{
	struct pc_hit *made = count(next, counts);

	assert_int_equal(hits_carry(before, final, next, made), 0);
	free(final);
	return made;
}

static const struct {
	const char *before;
	unsigned int counts[HITS_MAX];
	const char *after;
	const char *expected;
} cases[] = {
	/* What stays. */
	{ "[open]\ndeny = /a\nallow = /b\n",
	  { 5, 0 },
	  "[open]\ndeny = /a\nallow = /b\n",
	  "deny = /a: 5 hits, last 50, since 1; allow = /b: 0 hits, last 0, since 1; " },
	/* Lines move, and rules among them. */
	{ "[open]\ndeny = /a\nallow = /b\n",
	  { 5, 3 },
	  "# moved\n\n[exec]\ndeny = /x\n[open]\nallow = /b\ndeny  =  /a ; blanks\n",
	  "deny = /x: 0 hits, last 0, since 2; allow = /b: 3 hits, last 30, since 1; deny = /a: 5 hits, last 50, since 1; " },
	/* What is gone is gone, what is new begins. */
	{ "[open]\ndeny = /a\nallow = /b\n",
	  { 5, 3 },
	  "[open]\nallow = /b\nallow = /c\n",
	  "allow = /b: 3 hits, last 30, since 1; allow = /c: 0 hits, last 0, since 2; " },
	/* Another verb, suffix, section or profile makes another rule. */
	{ "[open]\ndeny = /a\n", { 5 }, "[open]\nallow = /a\n", "allow = /a: 0 hits, last 0, since 2; " },
	{ "[open]\ndeny = /a\n",
	  { 5 },
	  "[open]\ndeny.read = /a\n",
	  "deny.read = /a: 0 hits, last 0, since 2; " },
	{ "[open]\ndeny = /a\n", { 5 }, "[exec]\ndeny = /a\n", "deny = /a: 0 hits, last 0, since 2; " },
	{ "[open]\ndeny = /a\n",
	  { 5 },
	  "[profile web]\nexe = /w\n[open web]\ndeny = /a\n",
	  "deny = /a: 0 hits, last 0, since 2; " },
	{ "[profile one]\nexe = /w\n[open one]\ndeny = /a\n",
	  { 5 },
	  "[profile two]\nexe = /w\n[open two]\ndeny = /a\n",
	  "deny = /a: 0 hits, last 0, since 2; " },
	/* A profile's rules stay whatever profiles there are besides, and what chooses it is no rule. */
	{ "[profile web]\nexe = /w\n[open web]\ndeny = /a\n",
	  { 5 },
	  "[profile web]\nexe = /v\nuser = 1\n[open web]\ndeny = /a\n[profile b]\nexe = /b\n[profile c]\nexe = /c\n",
	  "deny = /a: 5 hits, last 50, since 1; " },
	/* Of those that are alike the first is the first: it is named by the records, and is hit. */
	{ "[open]\ndeny = /a\ndeny = /a\n",
	  { 5, 0 },
	  "[open]\ndeny = /a\n",
	  "deny = /a: 5 hits, last 50, since 1; " },
	{ "[open]\ndeny = /a\n",
	  { 5 },
	  "[open]\ndeny = /a\ndeny = /a\n",
	  "deny = /a: 5 hits, last 50, since 1; deny = /a: 0 hits, last 0, since 2; " },
	{ "[connect]\ndeny = any port 22\n",
	  { 5, 3 },
	  "[connect]\nallow = 10.0.0.1\ndeny = any port 22\n",
	  "allow = 10.0.0.1: 0 hits, last 0, since 2; deny = any port 22: 5 hits, last 50, since 1; deny = any port 22: 3 hits, last 30, since 1; " },
	/* Objects of a list are rules of their own, and the list's name is none of their business. */
	{ "[list l]\nitem = /a\nitem = /b\n[open]\ndeny = $l\n",
	  { 5, 3 },
	  "[list m]\nitem = /b\nitem = /c\n[open]\ndeny = $m\n",
	  "deny = /b: 3 hits, last 30, since 1; deny = /c: 0 hits, last 0, since 2; " },
	/* From and to no rules at all. */
	{ "", {}, "[open]\ndeny = /a\n", "deny = /a: 0 hits, last 0, since 2; " },
	{ "[open]\ndeny = /a\n", { 5 }, "", "" },
};

static void a_rule_that_stays_keeps_its_hits(void **state)
{
	char before[512], after[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct generation *old, *new;
		struct pc_hit *hits;

		(void)snprintf(before, sizeof(before), VERSION "%s", cases[i].before);
		(void)snprintf(after, sizeof(after), VERSION "%s", cases[i].after);
		old = load(before, 1);
		new = load(after, 2);
		hits = carry(old, count(old, cases[i].counts), new, (const unsigned int[HITS_MAX]){});
		assert_string_equal(describe(hits, new), cases[i].expected);
		free(hits);
		(void)generation_free(old);
		(void)generation_free(new);
	}
}

static void hits_add_up_over_reloads(void **state)
{
	static const unsigned int first[] = { 5, 9 }, second[] = { 7, 0 }, third[] = { 1, 2 }, none[] = { 0, 0 };
	struct generation *one = load(VERSION "[open]\ndeny = /a\ndeny = /b\n", 1);
	struct generation *two = load(VERSION "[open]\ndeny = /c\ndeny = /b\n", 2);
	struct generation *three = load(VERSION "[open]\ndeny = /a\ndeny = /b\n", 3);
	struct pc_hit *hits = carry(two, carry(one, count(one, first), two, second), three, none);

	(void)state;
	/* /a was away, and of /b the last hit is that of before. */
	assert_string_equal(describe(hits, three),
			    "deny = /a: 0 hits, last 0, since 3; deny = /b: 9 hits, last 90, since 1; ");
	free(hits);
	/* What was counted before they were added stays. */
	hits = carry(two, carry(one, count(one, first), two, second), three, third);
	assert_int_equal(hits[2].count, 11);
	assert_int_equal(hits[2].last, 90);
	free(hits);
	(void)generation_free(one);
	(void)generation_free(two);
	(void)generation_free(three);
}

static void lists_count_as_the_line_that_names_them(void **state)
{
	static const unsigned int counts[] = { 0, 4, 2, 3, 1 };
	struct generation *g = load(VERSION "[list l]\nitem = /a\nitem = /b\nitem = /c\n"
					    "[exec]\ndeny = /x\n[open]\ndeny = $l\nallow = /z\n",
				    1);
	struct pc_hit *final = count(g, counts);
	struct hits_line list[8];

	(void)state;
	assert_int_equal(hits_busiest(g, final, list, 8), 2);
	assert_int_equal(list[0].rule, 2);
	assert_int_equal(list[0].count, 9);
	assert_int_equal(list[1].rule, 5);
	assert_int_equal(list[1].count, 1);
	assert_int_equal(hits_busiest(g, final, list, 1), 1);
	assert_int_equal(list[0].count, 9);
	assert_int_equal(hits_busiest(g, final, list, 0), 0);
	free(final);
	(void)generation_free(g);
}

/* ---- As text ---- */

/* Any policy's way to memory: 3,000 rules are more than a piece holds. */
static char *many_rules(const char *more)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	fprintf(out, VERSION "%s[open]\n", more);
	for (unsigned int i = 0; i < 3000; i++)
		fprintf(out, "deny = /srv/%u\n", i);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* The next piece, owned by the caller; NULL: there is none. */
static char *next_piece(struct rule_list *list, int *r)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	*r = rule_list_write(list, out);
	assert_int_equal(fclose(out), 0);
	if (*r > 0)
		return text;
	assert_int_equal(length, 0);
	free(text);
	return NULL;
}

static void rules_come_in_pieces_and_each_once(void **state)
{
	struct generations *all = generations_new();
	char *text = many_rules("[connect]\ndeny = any port 22\n"), *piece;
	unsigned int lines = 0, pieces = 0;
	struct rule_list *list;
	int r;

	(void)state;
	generations_add(all, load(text, 1));
	assert_int_equal(rule_list_new(all, calloc(3003, sizeof(struct pc_hit)), &list), 0);
	for (; (piece = next_piece(list, &r)); pieces++) {
		assert_true(strlen(piece) < 40000);
		for (char *at = piece; (at = strchr(at, '\n')); at++)
			lines++;
		free(piece);
	}
	assert_int_equal(r, 0);
	/* `any` is two rules in the image, and one in the policy. */
	assert_int_equal(lines, 3001);
	assert_in_range(pieces, 5, 100);
	(void)rule_list_free(list);
	(void)generations_free(all);
	free(text);
}

static void a_policy_that_is_long_gone_ends_its_list(void **state)
{
	struct generations *all = generations_new();
	char *text = many_rules("");
	struct rule_list *list;
	int r;

	(void)state;
	generations_add(all, load(text, 1));
	assert_int_equal(rule_list_new(all, calloc(3001, sizeof(struct pc_hit)), &list), 0);
	free(next_piece(list, &r));
	assert_int_equal(r, 1);
	/* One reload does not matter. */
	generations_add(all, load(VERSION, 2));
	free(next_piece(list, &r));
	assert_int_equal(r, 1);
	for (__u64 i = 3; i < 40; i++)
		generations_add(all, load(VERSION, i));
	assert_null(next_piece(list, &r));
	assert_int_equal(r, -ESTALE);
	(void)rule_list_free(list);
	(void)generations_free(all);
	free(text);
}

static void a_rule_is_told_with_its_place_section_and_times(void **state)
{
	static const char expected[] =
		"{\"rule\":\"text:4\",\"hook\":\"open\",\"text\":\"deny.read = /\\\"x\\\"\",\"hits\":0,"
		"\"since\":\"2023-11-14T22:13:20.000000000Z\"}\n"
		"{\"rule\":\"text:8\",\"hook\":\"open\",\"profile\":\"web\",\"text\":\"allow = /b\","
		"\"hits\":1099511627776,\"last\":\"20";
	struct generations *all = generations_new();
	struct pc_hit *counts = calloc(3, sizeof(*counts));
	struct rule_list *list;
	char *piece;
	int r;

	(void)state;
	generations_add(all,
			load(VERSION
			     "[open]\ndeny.read = /\"x\"\n[profile web]\nexe = /w\n[open web]\nallow = /b\n",
			     1700000000));
	counts[2] = (struct pc_hit){ 1ULL << 40, 1, 0 };
	assert_int_equal(rule_list_new(all, counts, &list), 0);
	piece = next_piece(list, &r);
	assert_int_equal(strncmp(piece, expected, strlen(expected)), 0);
	free(piece);
	(void)rule_list_free(list);
	(void)generations_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_that_stays_keeps_its_hits),
		cmocka_unit_test(hits_add_up_over_reloads),
		cmocka_unit_test(lists_count_as_the_line_that_names_them),
		cmocka_unit_test(rules_come_in_pieces_and_each_once),
		cmocka_unit_test(a_policy_that_is_long_gone_ends_its_list),
		cmocka_unit_test(a_rule_is_told_with_its_place_section_and_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
