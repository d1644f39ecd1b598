/* SPDX-License-Identifier: GPL-2.0-only */
/* test_reach.c - what a state says of the names that begin as its own: whether any is denied, or has no rule. */
#include "made.h"

#include <portcullis/automaton.h>

static unsigned int reach(const struct made *made, enum pc_section_id section, const char *beginning)
{
	__u32 state = pc_start(made->image, pc_host_section(section), PC_KIND_PATH);

	while (*beginning)
		state = pc_step(made->image, state, (__u8)*beginning++);
	return pc_reach(made->image, state);
}

static void a_denial_is_seen_from_all_that_leads_to_it(void **state)
{
	struct made made = make(VERSION "[open]\ndeny.read = /a/b/*.key\nnever = /c/**\nallow = /d/**\n");

	(void)state;
	assert_int_equal(reach(&made, PC_OPEN, "/"), PC_REACH_DENY | PC_REACH_NONE);
	assert_int_equal(reach(&made, PC_OPEN, "/a/b/"), PC_REACH_DENY | PC_REACH_NONE);
	assert_int_equal(reach(&made, PC_OPEN, "/a/x/"), PC_REACH_NONE);
	assert_int_equal(reach(&made, PC_OPEN, "/a/b/x.key/"), PC_REACH_NONE);
	assert_int_equal(reach(&made, PC_OPEN, "/c/x/") & PC_REACH_DENY, PC_REACH_DENY);
	made_done(&made);
}

static void where_every_name_has_a_rule_no_default_is_reached(void **state)
{
	struct made made = make(VERSION "[open]\ndefault = deny\nallow = /d/**\nallow.read = /e/**\n");

	(void)state;
	/* The folder's own name, with a slash behind it, is nobody's. */
	assert_int_equal(reach(&made, PC_OPEN, "/d/x"), 0);
	assert_int_equal(reach(&made, PC_OPEN, "/e/x"), PC_REACH_NONE);
	made_done(&made);
}

static void a_floating_denial_is_seen_from_everywhere(void **state)
{
	struct made made = make(VERSION "[open]\ndeny.read = /**/.ssh/**\n[exec]\nallow = /a/**\n");

	(void)state;
	assert_int_equal(reach(&made, PC_OPEN, "/x/y/z/"), PC_REACH_DENY | PC_REACH_NONE);
	assert_int_equal(reach(&made, PC_EXEC, "/x/y/z/"), PC_REACH_NONE);
	made_done(&made);
}

/* Its state takes its row from that of the floating name. */
static void beside_a_literal_name_a_floating_one_is_seen(void **state)
{
	struct made made = make(VERSION "[open]\ndeny.read = /**/key\nallow = /a/b/c\nallow = /a/b/key\n");
	struct made flat = make(VERSION "[open]\ndeny.read = /a/*key\nallow = /a/bkey\n");

	(void)state;
	assert_int_equal(reach(&made, PC_OPEN, "/a/b/"), PC_REACH_DENY | PC_REACH_NONE);
	assert_int_equal(reach(&made, PC_OPEN, "/a/b/c"), PC_REACH_DENY | PC_REACH_NONE);
	assert_int_equal(reach(&flat, PC_OPEN, "/a/bke"), PC_REACH_DENY | PC_REACH_NONE);
	/* Nothing ends in `key` that goes on in another folder. */
	assert_int_equal(reach(&flat, PC_OPEN, "/a/bkey/"), PC_REACH_NONE);
	made_done(&made);
	made_done(&flat);
}

static void an_exec_has_no_half_for_writing(void **state)
{
	struct made made = make(VERSION "[exec]\nallow = /a/**\n");

	(void)state;
	assert_int_equal(reach(&made, PC_EXEC, "/a/x"), 0);
	made_done(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_denial_is_seen_from_all_that_leads_to_it),
		cmocka_unit_test(where_every_name_has_a_rule_no_default_is_reached),
		cmocka_unit_test(a_floating_denial_is_seen_from_everywhere),
		cmocka_unit_test(beside_a_literal_name_a_floating_one_is_seen),
		cmocka_unit_test(an_exec_has_no_half_for_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
