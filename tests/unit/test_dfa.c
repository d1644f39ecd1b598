/* SPDX-License-Identifier: GPL-2.0-only */
/* test_dfa.c - the automaton answers as the rules do when they are asked one by one. */
#include <errno.h>

#include "cells.h"
#include "contest.h"
#include "image.h"
#include "pattern.h"
#include "policy_text.h"
#include "random_glob.h"

#define RULES_MAX 12

/* The patterns of a policy's rules, for matching one by one. */
struct slow {
	const struct policy *policy;
	struct patterns *patterns[RULES_MAX];
};

/* The rule that wins in a slot: its index, or −1. */
static int slow_winner(const struct slow *slow, const char *path, unsigned int slot)
{
	const struct rank *best = NULL;
	int winner = -1;

	for (size_t i = 0; i < slow->policy->rule_count; i++) {
		if (!(rule_slots(&slow->policy->rules[i]) & 1U << slot))
			continue;
		for (size_t k = 0; k < slow->patterns[i]->count; k++) {
			const struct pattern *p = &slow->patterns[i]->list[k];
			int r;

			if (!pattern_matches(p, path, strlen(path)))
				continue;
			r = best ? pattern_rank_compare(&p->rank, best) : -1;
			if (r == 0)
				r = rule_compare(slow->policy, i, winner);
			if (r < 0) {
				best = &p->rank;
				winner = i;
			}
		}
	}
	return winner;
}

static void check_path(const struct slow *slow, const struct image *image, const char *text, const char *path)
{
	const struct question question = {
		.section = PC_OPEN,
		.kind = PC_KIND_PATH,
		.bytes = path,
		.length = strlen(path),
	};
	struct pc_cell cell;

	image_find_cell(image, &question, &cell);
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		__u32 ref = *cell_slot(&cell, slot);
		int found = ref == PC_REF_NONE ? -1 : (int)(ref & PC_REF_RULE_MASK) - 1;
		int wanted = slow_winner(slow, path, slot);

		if (found != wanted)
			fail_msg("%s\n%s, slot %u: rule %d wins, should be %d", text, path, slot, found,
				 wanted);
	}
}

static void write_policy(char *text, const char *const *globs, size_t count)
{
	static const char *const keys[] = { "allow",      "audit",      "deny",        "deny",       "never",
					    "allow.read", "deny.write", "never.write", "allow.write" };
	char *end = text + sprintf(text, VERSION "[open]\n");

	for (size_t i = 0; i < count; i++)
		end += sprintf(end, "%s = %s\n", keys[random_below(9)], globs[i]);
}

/* 1 if the policy was one. */
static unsigned int check_policy(const char *text, unsigned int paths)
{
	struct result result = check_text(text);
	struct slow slow = { .policy = result.policy };
	struct image *image = NULL;
	char path[64];

	if (result.r < 0 || image_compile(result.policy, &result.d, &image) < 0) {
		result_done(&result);
		return 0;
	}
	for (size_t i = 0; i < result.policy->rule_count; i++)
		assert_int_equal(pattern_parse(result.policy->rules[i].object.glob, PATTERN_PATH, &result.d,
					       &result.policy->rules[i].loc, &slow.patterns[i]),
				 0);
	for (unsigned int i = 0; i < paths; i++) {
		random_path(path);
		check_path(&slow, image, text, path);
	}
	for (size_t i = 0; i < result.policy->rule_count; i++)
		patterns_free(slow.patterns[i]);
	image_free(image);
	result_done(&result);
	return 1;
}

static unsigned int check_seed(__u64 seed, unsigned int rounds)
{
	unsigned int checked = 0;
	char text[4096], globs[RULES_MAX][256];
	const char *list[RULES_MAX];

	random_start(seed);
	for (unsigned int round = 0; round < rounds; round++) {
		size_t count = 1 + random_below(RULES_MAX);

		for (size_t i = 0; i < count; i++) {
			random_glob(globs[i]);
			list[i] = globs[i];
		}
		write_policy(text, list, count);
		checked += check_policy(text, 60);
	}
	return checked;
}

static void automaton_agrees_with_matching_one_by_one(void **state)
{
	unsigned int checked = 0;

	(void)state;
	for (__u64 seed = 1; seed <= 6; seed++)
		checked += check_seed(seed, 600);
	checked += check_seed(random_seed(), 1200);
	printf("%u policies\n", checked);
	assert_true(checked > 1000);
}

static void image_is_the_same_each_time(void **state)
{
	static const char text[] =
		VERSION "[open]\ndeny = /**/*a*b\nallow = /x/[a-f]*/\nnever.write = /etc/**\naudit = /x/b?\n";
	struct image *images[2] = {};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct result result = assert_taken(text);

		assert_int_equal(image_compile(result.policy, &result.d, &images[i]), 0);
		result_done(&result);
	}
	assert_int_equal(images[0]->size, images[1]->size);
	assert_memory_equal(images[0]->words, images[1]->words, images[0]->size);
	image_free(images[0]);
	image_free(images[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_is_the_same_each_time),
		cmocka_unit_test(automaton_agrees_with_matching_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
