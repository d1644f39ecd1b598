/* SPDX-License-Identifier: GPL-2.0-only */
/* test_address.c - addresses, ports and protocols: the automaton answers as the rules do one by one. */
#include <arpa/inet.h>
#include <errno.h>

#include "cells.h"
#include "contest.h"
#include "image.h"
#include "network.h"
#include "policy_text.h"
#include "random_glob.h"

static struct image *compile(const char *text, struct result *ret_result)
{
	struct image *image = NULL;

	*ret_result = check_text(text);
	if (ret_result->r == 0)
		ret_result->r = image_compile(ret_result->policy, &ret_result->d, &image);
	return image;
}

static struct pc_cell ask(const struct image *image, const char *address, unsigned int class,
			  unsigned int port)
{
	bool is_four = !strchr(address, ':');
	__u8 bytes[16] = {};
	struct question question = {
		.section = PC_CONNECT,
		.kind = is_four ? PC_KIND_IP4 : PC_KIND_IP6,
		.bytes = bytes,
		.length = is_four ? 4 : 16,
		.class = class,
		.port = port,
	};
	struct pc_cell cell;

	assert_int_equal(inet_pton(is_four ? AF_INET : AF_INET6, address, bytes), 1);
	image_find_cell(image, &question, &cell);
	return cell;
}

/* The line of a reference's rule; 0: none. */
static unsigned int line(const struct image *image, __u32 ref)
{
	return ref == PC_REF_NONE ? 0 : image_rule(image, ref)->line;
}

static void the_rule_that_ranks_first_wins(void **state)
{
	static const char text[] = VERSION "[connect]\n"
					   /* 4 */ "deny = 10.0.0.0/8 port 22,8000-8100 tcp\n"
					   /* 5 */ "allow = 10.1.2.3 port 22\n"
					   /* 6 */ "never = 169.254.169.254\n"
					   /* 7 */ "audit = any\n"
					   /* 8 */ "deny = any raw\n"
					   /* 9 */ "allow = 10.0.0.0/9 6\n"
					   /* 10 */ "deny = 2001:db8::/33 port 53 udp\n"
					   /* 11 */ "allow = 192.0.2.0/24 port 1-10\n"
					   /* 12 */ "deny = 192.0.2.0/24 port 1-9\n"
					   /* 13 */ "allow = 192.0.2.0/24 port 1-9 tcp\n";
	static const struct {
		const char *address;
		unsigned int class;
		unsigned int port;
		unsigned int line;
		unsigned int never;
	} cases[] = {
		{ "10.200.0.1", 6, 22, 4, 0 },
		{ "10.200.0.1", 6, 23, 7, 0 },
		{ "10.200.0.1", 6, 8050, 4, 0 },
		{ "10.200.0.1", 17, 22, 7, 0 },
		{ "10.1.2.3", 6, 22, 5, 0 },
		{ "10.1.2.3", 17, 22, 5, 0 },
		{ "10.1.2.3", 132, 22, 5, 0 },
		{ "10.1.2.3", 1, 0, 7, 0 },
		{ "10.1.2.3", 6, 23, 9, 0 },
		{ "10.1.2.3", PC_CLASS_RAW + 6, 0, 9, 0 },
		{ "10.1.2.3", PC_CLASS_RAW + 1, 0, 8, 0 },
		{ "10.128.0.0", 6, 23, 7, 0 },
		{ "11.0.0.0", 6, 22, 7, 0 },
		{ "169.254.169.254", 6, 80, 7, 6 },
		{ "169.254.169.254", 47, 0, 7, 6 },
		{ "2001:db8::1", 17, 53, 10, 0 },
		{ "2001:db8:8000::1", 17, 53, 7, 0 },
		{ "2001:db8:7fff::1", 17, 53, 10, 0 },
		{ "2001:db8::1", 17, 54, 7, 0 },
		{ "::1", PC_CLASS_RAW + 255, 0, 8, 0 },
		{ "192.0.2.7", 17, 9, 12, 0 },
		{ "192.0.2.7", 17, 10, 11, 0 },
		{ "192.0.2.7", 6, 9, 13, 0 },
		{ "192.0.2.7", 6, 0, 7, 0 },
	};
	struct result result;
	struct image *image = compile(text, &result);

	(void)state;
	assert_non_null(image);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pc_cell cell = ask(image, cases[i].address, cases[i].class, cases[i].port);

		if (line(image, cell.read) != cases[i].line || line(image, cell.never_read) != cases[i].never)
			fail_msg("%s class %u port %u: line %u and never %u", cases[i].address,
				 cases[i].class, cases[i].port, line(image, cell.read),
				 line(image, cell.never_read));
		assert_int_equal(cell.write, PC_REF_NONE);
	}
	image_free(image);
	result_done(&result);
}

static void same_sets_are_kept_once(void **state)
{
	static const char text[] =
		VERSION "[connect]\ndeny = 10.0.0.0/8 port 1-10 tcp\nallow = 10.16.0.0/13\n";
	struct result result;
	struct image *image = compile(text, &result);

	(void)state;
	assert_non_null(image);
	/* None, that of /8, and one for all the nibbles that a /13 ends in. */
	assert_int_equal(image_header(image)->sets.count, 3);
	image_free(image);
	result_done(&result);
}

static void write_policy(char *text)
{
	static const char *const verbs[] = { "allow", "audit", "deny", "never" };
	static const char *const protocols[] = { "", " tcp", " udp", " 6", " raw", " icmp", " 47" };
	unsigned int count = 1 + random_below(12);
	char *end = text + sprintf(text, VERSION "[connect]\n");

	for (unsigned int i = 0; i < count; i++) {
		unsigned int length = random_below(33);
		__u32 address = random_below(4) << 30 | random_below(4) << 20 | random_below(4);

		address &= length ? ~0U << (32 - length) : 0;
		end += sprintf(end, "%s = %u.%u.%u.%u/%u", verbs[random_below(4)], address >> 24,
			       address >> 16 & 255, address >> 8 & 255, address & 255, length);
		if (random_below(2)) {
			unsigned int first = random_below(5);

			end += sprintf(end, " port %u-%u,9%s", first, first + random_below(3),
				       protocols[random_below(4)]);
		} else {
			end += sprintf(end, "%s", protocols[random_below(7)]);
		}
		end += sprintf(end, "\n");
	}
}

/* The rule that wins among those of the same half. */
static int slow_winner(const struct policy *policy, const __u8 *address, unsigned int class,
		       unsigned int port, bool is_never)
{
	int winner = -1;

	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct rule *rule = &policy->rules[i];
		struct network_rank own = network_rank(&rule->object), best;
		int r = -1;

		if ((rule->verb == PC_VERB_NEVER) != is_never ||
		    !network_matches(&rule->object, address, class, port))
			continue;
		if (winner >= 0) {
			best = network_rank(&policy->rules[winner].object);
			r = network_rank_compare(&own, &best);
			if (r == 0)
				r = rule_compare(policy, i, winner);
		}
		if (r < 0)
			winner = i;
	}
	return winner;
}

static void check_address(const struct policy *policy, const struct image *image, const char *text)
{
	static const unsigned int classes[] = { 6, 17, 1, 47, PC_CLASS_RAW + 6, PC_CLASS_RAW + 47 };
	unsigned int class = classes[random_below(6)],
		     port = class == 6 || class == 17 ? random_below(10) : 0;
	__u32 number = random_below(4) << 30 | random_below(4) << 20 | random_below(4);
	__u8 address[4] = { number >> 24, number >> 16, number >> 8, number };
	struct question question = { PC_CONNECT, PC_KIND_IP4, PC_ACCESS_READ, address, 4, class, port, 0 };
	struct pc_cell cell;

	image_find_cell(image, &question, &cell);
	for (unsigned int half = 0; half < 2; half++) {
		__u32 ref = half ? cell.never_read : cell.read;
		int found = ref == PC_REF_NONE ? -1 : (int)(ref & PC_REF_RULE_MASK) - 1;
		int wanted = slow_winner(policy, address, class, port, half);

		if (found != wanted)
			fail_msg("%s\n%u.%u.%u.%u class %u port %u: rule %d wins, should be %d", text,
				 address[0], address[1], address[2], address[3], class, port, found, wanted);
	}
}

static unsigned int check_seed(__u64 seed, unsigned int rounds)
{
	unsigned int checked = 0;
	char text[4096];

	random_start(seed);
	for (unsigned int round = 0; round < rounds; round++) {
		struct result result;
		struct image *image;

		write_policy(text);
		image = compile(text, &result);
		for (unsigned int i = 0; image && i < 100; i++)
			check_address(result.policy, image, text);
		checked += image != NULL;
		image_free(image);
		result_done(&result);
	}
	return checked;
}

static void automaton_agrees_with_matching_one_by_one(void **state)
{
	unsigned int checked = 0;

	(void)state;
	for (__u64 seed = 1; seed <= 4; seed++)
		checked += check_seed(seed, 500);
	checked += check_seed(random_seed(), 1000);
	printf("%u policies\n", checked);
	assert_true(checked > 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_that_ranks_first_wins),
		cmocka_unit_test(same_sets_are_kept_once),
		cmocka_unit_test(automaton_agrees_with_matching_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
