/* SPDX-License-Identifier: GPL-2.0-only */
/* test_profile.c - which profiles there are, which a program is given, and how their rules join the host's. */
#include "made.h"
#include "profile.h"

static const __u32 no_groups[1] = {};

/* The name of the profile that a program is given; "-": none. */
static const char *choose(const struct made *made, const char *program, __u32 user, __u32 group)
{
	const struct image_task task = { .user = user, .groups = group ? &group : no_groups, .group_count = 1 };
	size_t place = image_choose(made->image, program, &task);

	return place ? made->result.policy->profiles[place - 1].name : "-";
}

static struct pc_answer ask(const struct made *made, enum pc_kind kind, const char *name, const char *profile,
			    unsigned int access)
{
	const struct profile *found = policy_profile(made->result.policy, profile);
	struct question question = {
		.section = PC_OPEN,
		.kind = kind,
		.access = access,
		.bytes = name,
		.length = strlen(name),
		.profile = found ? (size_t)(found - made->result.policy->profiles) + 1 : 0,
	};

	return image_ask(made->image, &question);
}

static int verdict(const struct made *made, const char *name, const char *profile)
{
	return ask(made, PC_KIND_PATH, name, profile, PC_ACCESS_READ).verdict;
}

/* Tasks keep the id over reloads and upgrades: it may never change. */
static void the_id_of_a_name_is_the_same_for_ever(void **state)
{
	(void)state;
	assert_int_equal(profile_id("web"), 0x5ea0e11948721ef0);
	assert_int_equal(profile_id("web") & PC_PROFILE_STRICTER, 0);
	assert_int_not_equal(profile_id("web"), profile_id("wed"));
}

static void profiles_lie_by_their_ids_whatever_their_order_in_the_text(void **state)
{
	struct made made = make(VERSION "[open b]\ndeny = /b\n[profile c]\nexe = /c\n[open a]\ndeny = /a\n[profile a]\n"
					"[profile b]\nmode = enforce\n[open c]\nmode = enforce\ndeny = /c\n");
	const struct pc_image_header *header = image_header(made.image);
	const struct pc_profile *profiles = (const struct pc_profile *)&made.image->words[header->profiles.word];

	(void)state;
	assert_int_equal(header->profiles.count, 3);
	for (size_t i = 0; i < 3; i++) {
		const char *name = image_text(made.image, profiles[i].name);
		char path[] = { '/', *name, 0 };

		assert_int_equal(profiles[i].id, profile_id(name));
		assert_true(i == 0 || profiles[i - 1].id < profiles[i].id);
		assert_int_equal(ask(&made, PC_KIND_PATH, path, name, PC_ACCESS_READ).verdict,
				 *name == 'a' ? PC_AUDIT : PC_DENY);
	}
	made_done(&made);
}

static void the_most_specific_exe_is_taken(void **state)
{
	struct made made = make(VERSION "[profile all]\nexe = /**\n[profile bin]\nexe = /usr/bin/*\n"
					"[profile py]\nexe = /usr/bin/python3*\nexe = /opt/{py,python/bin}/python\n");

	(void)state;
	assert_string_equal(choose(&made, "/usr/bin/python3.11", 0, 0), "py");
	assert_string_equal(choose(&made, "/opt/python/bin/python", 0, 0), "py");
	assert_string_equal(choose(&made, "/usr/bin/perl", 0, 0), "bin");
	assert_string_equal(choose(&made, "/srv/x", 0, 0), "all");
	assert_string_equal(choose(&made, NULL, 0, 0), "-");
	made_done(&made);
}

/* Each brace's result ranks by itself, also against lines of other choices. */
static void braces_rank_one_by_one(void **state)
{
	struct made made = make(VERSION "[profile a]\nexe = /usr/{bin/**,sbin/nginx}\n[profile b]\nexe = /usr/bin/x\nuser = 5\n");

	(void)state;
	assert_string_equal(choose(&made, "/usr/sbin/nginx", 5, 0), "a");
	assert_string_equal(choose(&made, "/usr/bin/x", 5, 0), "b");
	assert_string_equal(choose(&made, "/usr/bin/x", 6, 0), "a");
	made_done(&made);
}

static void a_key_repeated_is_or_and_different_keys_are_and(void **state)
{
	struct made made = make(VERSION "[profile p]\nuser = 1\nuser = 2\ngroup = 7\ngroup = 8\n");

	(void)state;
	assert_string_equal(choose(&made, "/x", 1, 7), "p");
	assert_string_equal(choose(&made, "/x", 2, 8), "p");
	assert_string_equal(choose(&made, NULL, 2, 8), "p");
	assert_string_equal(choose(&made, "/x", 3, 8), "-");
	assert_string_equal(choose(&made, "/x", 1, 9), "-");
	made_done(&made);
}

/* exe before no exe; then user, then group; then the name. */
static void of_several_that_fit_the_one_that_asks_for_more_is_taken(void **state)
{
	struct made made = make(VERSION "[profile user]\nuser = 1\n[profile group]\ngroup = 1\n[profile both]\nuser = 1\ngroup = 1\n"
					"[profile z]\nexe = /z\n[profile y]\nexe = /z\n[profile z-of-1]\nexe = /z\ngroup = 1\n");

	(void)state;
	assert_string_equal(choose(&made, "/a", 1, 1), "both");
	assert_string_equal(choose(&made, "/a", 1, 2), "user");
	assert_string_equal(choose(&made, "/a", 2, 1), "group");
	assert_string_equal(choose(&made, "/z", 2, 2), "y");
	assert_string_equal(choose(&made, "/z", 2, 1), "z-of-1");
	made_done(&made);
}

static const char *choose_in(const struct made *made, const char *cgroup)
{
	const struct image_task task = { .groups = no_groups, .group_count = 1, .cgroup = cgroup };
	size_t place = image_choose(made->image, "/x", &task);

	return place ? made->result.policy->profiles[place - 1].name : "-";
}

/* Slices hold it; what lies below it is in it; a user's own manager has other units of the same names. */
static void a_unit_is_the_system_managers(void **state)
{
	struct made made = make(VERSION "[profile web]\nunit = nginx.service\n[profile tty]\nunit = {getty,serial-getty}@*.service\n");

	(void)state;
	assert_string_equal(choose_in(&made, "/system.slice/nginx.service"), "web");
	assert_string_equal(choose_in(&made, "/nginx.service"), "web");
	assert_string_equal(choose_in(&made, "/a.slice/a-b.slice/nginx.service/worker/1"), "web");
	assert_string_equal(choose_in(&made, "/system.slice/system-getty.slice/getty@tty1.service"), "tty");
	assert_string_equal(choose_in(&made, "/system.slice/serial-getty@ttyS0.service"), "tty");
	assert_string_equal(choose_in(&made, "/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service"), "-");
	assert_string_equal(choose_in(&made, "/system.slice/nginx.service2"), "-");
	assert_string_equal(choose_in(&made, "/system.slice/docker.service/nginx.service"), "-");
	assert_string_equal(choose_in(&made, "/nginx.service.slice/x"), "-");
	assert_string_equal(choose_in(&made, "/system.slice"), "-");
	assert_string_equal(choose_in(&made, "/.slice"), "-");
	assert_string_equal(choose_in(&made, NULL), "-");
	made_done(&made);
}

static void a_cgroup_is_that_and_all_below(void **state)
{
	struct made made = make(VERSION "[profile box]\ncgroup = /system.slice/docker-*.scope\ncgroup = /pods.slice/**/c[0-9]\n"
					"[profile rest]\ncgroup = /\n");

	(void)state;
	assert_string_equal(choose_in(&made, "/system.slice/docker-0a.scope"), "box");
	assert_string_equal(choose_in(&made, "/system.slice/docker-0a.scope/init/x"), "box");
	assert_string_equal(choose_in(&made, "/pods.slice/a/b/c7"), "box");
	assert_string_equal(choose_in(&made, "/pods.slice/c7/d"), "box");
	assert_string_equal(choose_in(&made, "/pods.slice/cc/d"), "rest");
	assert_string_equal(choose_in(&made, "/system.slice/docker-0a.scop"), "rest");
	assert_string_equal(choose_in(&made, "/"), "rest");
	made_done(&made);
}

static void what_says_more_of_the_place_is_taken(void **state)
{
	struct made made = make(VERSION "[profile c]\ncgroup = /s/*\n[profile u]\nunit = b.service\n[profile id]\nuser = 0\n"
					"[profile uc]\nunit = b.service\ncgroup = /s/\n");

	(void)state;
	assert_string_equal(choose_in(&made, "/s/a"), "c");
	assert_string_equal(choose_in(&made, "/b.service"), "u");
	assert_string_equal(choose_in(&made, "/t/a"), "id");
	assert_string_equal(choose_in(&made, "/s"), "id");
	assert_string_equal(choose_in(&made, "/s/b.service"), "c");
	made_done(&made);
}

/* They are entered by name alone. */
static void a_profile_that_asks_for_nothing_is_chosen_for_nothing(void **state)
{
	struct made made = make(VERSION "[profile p]\n[open p]\ndeny = /x\n");

	(void)state;
	assert_string_equal(choose(&made, "/x", 0, 0), "-");
	assert_int_equal(verdict(&made, "/x", "p"), PC_AUDIT);
	made_done(&made);
}

static void a_profile_loosens_by_its_rules_and_tightens_by_its_default(void **state)
{
	struct made made = make("[policy]\nversion = 1\nmode = enforce\n"
				"[open]\ndeny = /s/**\nnever = /n\nallow = /o\n[profile p]\n[open p]\ndefault = deny\nallow = /s/a\n"
				"allow = /n\nnever = /s/b\n[profile q]\n[open q]\naudit = /s/**\n");

	(void)state;
	assert_int_equal(verdict(&made, "/s/a", ""), PC_DENY);
	assert_int_equal(verdict(&made, "/s/a", "p"), PC_ALLOW);
	assert_int_equal(verdict(&made, "/s/b", "p"), PC_DENY);
	assert_int_equal(verdict(&made, "/n", "p"), PC_DENY);
	assert_int_equal(verdict(&made, "/o", "p"), PC_DENY);
	assert_int_equal(verdict(&made, "/o", "q"), PC_ALLOW);
	assert_int_equal(verdict(&made, "/s/a", "q"), PC_AUDIT);
	made_done(&made);
}

/* A name that can't be told: no rule of the profile's that allows something may answer for it. */
static void what_cannot_be_told_is_never_loosened(void **state)
{
	struct made made = make("[policy]\nversion = 1\nmode = enforce\n[open]\ndeny = /s\n[exec]\ndeny = /s\n"
				"[profile p]\n[open p]\nallow = /**\n[exec p]\nallow = /**\n");
	struct question question = { .section = PC_EXEC, .kind = PC_KIND_USERNS, .access = PC_ACCESS_READ, .bytes = "", .profile = 1 };

	(void)state;
	assert_int_equal(ask(&made, PC_KIND_UNRESOLVED, "", "p", PC_ACCESS_READ).verdict, PC_DENY);
	assert_int_equal(image_ask(made.image, &question).verdict, PC_DENY);
	made_done(&made);
}

/* Nor does its own audit mode answer for the host-wide section, which enforces. */
static void userns_is_asked_of_both_sections(void **state)
{
	struct made made = make("[policy]\nversion = 1\nmode = enforce\n[exec]\ndeny = userns:\n"
				"[profile a]\nmode = audit\n[exec a]\ndeny = /x\n");
	struct question question = { .section = PC_EXEC, .kind = PC_KIND_USERNS, .access = PC_ACCESS_READ, .bytes = "", .profile = 1 };
	struct pc_answer answer = image_ask(made.image, &question);

	(void)state;
	assert_int_equal(answer.verdict, PC_DENY);
	assert_int_equal(answer.mode, PC_MODE_ENFORCE);
	made_done(&made);
	made = make("[policy]\nversion = 1\nmode = enforce\n[exec]\ndeny = userns:\n[profile a]\n[exec a]\nallow = userns:\n");
	assert_int_equal(image_ask(made.image, &question).verdict, PC_ALLOW);
	made_done(&made);
}

static void a_section_has_its_own_mode_or_the_profiles(void **state)
{
	struct made made = make(VERSION "[open]\ndeny = /h\n[profile p]\nmode = enforce\n[open p]\ndeny = /p\n"
					"[profile q]\nmode = enforce\n[open q]\nmode = audit\ndeny = /p\n");

	(void)state;
	assert_int_equal(verdict(&made, "/p", "p"), PC_DENY);
	assert_int_equal(verdict(&made, "/p", "q"), PC_AUDIT);
	assert_int_equal(verdict(&made, "/h", "p"), PC_AUDIT);
	made_done(&made);
}

static void a_profile_that_may_loosen_is_marked(void **state)
{
	struct made made = make(VERSION "[open]\ndeny = /h\n[connect]\ndefault = audit\n[profile a]\nscope = process\n"
					"[open a]\nallow = /p\n[profile b]\n[open b]\ndeny = /p\n[connect b]\nallow = any\n");
	const char *names[] = { "a", "b" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct pc_profile *profiles =
			(const struct pc_profile *)&made.image->words[image_header(made.image)->profiles.word];
		const struct profile *found = policy_profile(made.result.policy, names[i]);

		assert_int_equal(profiles[found - made.result.policy->profiles].flags,
				 i ? 0 : PC_PROFILE_LOOSENS | PC_PROFILE_PROCESS);
	}
	made_done(&made);
}

/* What is said of the pairs in a text, "a b c" for [profile a] and [profile b], of which c is taken; "*" for now this, now that. */
static void assert_pairs(const char *text, const char *expected)
{
	struct made made = make(text);
	char found[1024] = "", a[40], b[40], *rest;

	diags_sort(&made.result.d);
	rest = (char *)diags_text(&made.result.d);

	for (char *line = strtok_r(rest, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *pair = strstr(line, "[profile "), *taken = strstr(line, "fit: '");

		if (!strstr(line, "can both fit") || !pair || sscanf(pair, "[profile %39[^]]] and [profile %39[^]]]", b, a) != 2)
			continue;
		sprintf(found + strlen(found), "%s %s %.*s;", a, b, taken ? (int)strcspn(taken + 6, "'") : 1, taken ? taken + 6 : "*");
	}
	assert_string_equal(found, expected);
	made_done(&made);
}

static void pairs_that_can_both_fit_are_noted(void **state)
{
	(void)state;
	assert_pairs(VERSION "[profile a]\nexe = /usr/bin/*\n[profile b]\nexe = /usr/bin/python3\n[profile c]\nexe = /usr/bin/x/y\n",
		     "a b b;");
	assert_pairs(VERSION "[profile a]\nexe = /a*\nexe = /b\n[profile b]\nexe = /ab\nexe = /*b\n", "a b *;");
	assert_pairs(VERSION "[profile a]\nexe = /**/x/*y\n[profile b]\nexe = /a/[b-x]/?y\n[profile c]\nexe = /a/x/z\n", "a b b;");
	assert_pairs(VERSION "[profile a]\nexe = /a/**/d\n[profile b]\nexe = /a/b/\n[profile c]\nexe = /a/d/**/e/d\n", "a b b;a c c;");
	assert_pairs(VERSION "[profile a]\nexe = /a?c\n[profile b]\nexe = /a/c\n[profile c]\nexe = /a*c/\n", "a c a;");
	assert_pairs(VERSION "[profile a]\nexe = /a\nuser = 1\n[profile b]\nexe = /a\nuser = 2\nuser = 3\n[profile c]\nuser = 3\n", "b c b;");
	assert_pairs(VERSION "[profile a]\ngroup = 1\n[profile b]\ngroup = 2\n[profile c]\n[open c]\ndeny = /x\n", "a b a;");
	assert_pairs(VERSION "[profile a]\nunit = a*.service\n[profile b]\nunit = *b.service\n[profile c]\nunit = b.service\n[profile d]\nuser = 0\n",
		     "a b a;b c b;a d a;b d b;c d c;");
	assert_pairs(VERSION "[profile a]\ncgroup = /a/*\n[profile b]\ncgroup = /b/**\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_id_of_a_name_is_the_same_for_ever),
		cmocka_unit_test(profiles_lie_by_their_ids_whatever_their_order_in_the_text),
		cmocka_unit_test(the_most_specific_exe_is_taken),
		cmocka_unit_test(braces_rank_one_by_one),
		cmocka_unit_test(a_key_repeated_is_or_and_different_keys_are_and),
		cmocka_unit_test(of_several_that_fit_the_one_that_asks_for_more_is_taken),
		cmocka_unit_test(a_unit_is_the_system_managers),
		cmocka_unit_test(a_cgroup_is_that_and_all_below),
		cmocka_unit_test(what_says_more_of_the_place_is_taken),
		cmocka_unit_test(a_profile_that_asks_for_nothing_is_chosen_for_nothing),
		cmocka_unit_test(a_profile_loosens_by_its_rules_and_tightens_by_its_default),
		cmocka_unit_test(what_cannot_be_told_is_never_loosened),
		cmocka_unit_test(userns_is_asked_of_both_sections),
		cmocka_unit_test(a_section_has_its_own_mode_or_the_profiles),
		cmocka_unit_test(a_profile_that_may_loosen_is_marked),
		cmocka_unit_test(pairs_that_can_both_fit_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
