/* SPDX-License-Identifier: GPL-2.0-only */
/* test_verdicts.c - what an image answers: defaults, modes, special objects, what is recorded. */
#include "made.h"

static struct pc_answer ask(const struct made *made, enum pc_section_id section, enum pc_kind kind,
			    unsigned int access, const char *bytes)
{
	struct question question = {
		.section = section,
		.kind = kind,
		.access = access,
		.bytes = bytes,
		.length = strlen(bytes),
	};

	return image_ask(made->image, &question);
}

/* The answer's verdict and its rule's line (0: default; −1: nothing answered). */
static void assert_answer(struct pc_answer answer, const struct made *made, enum pc_verdict verdict, int line)
{
	const struct pc_rule *rule = answer.ref == PC_REF_NONE ? NULL : image_rule(made->image, answer.ref);

	assert_int_equal(rule ? (int)rule->line : -1, line);
	assert_int_equal(answer.verdict, verdict);
}

static void what_no_rule_names_is_judged_by_the_default(void **state)
{
	struct made made =
		make("[policy]\nversion = 1\nmode = enforce\n[exec]\ndefault = deny\n[open]\ndeny = /x\n");

	(void)state;
	assert_answer(ask(&made, PC_EXEC, PC_KIND_PATH, 1, "/bin/ls"), &made, PC_DENY, 0);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_ANON, 1, ""), &made, PC_DENY, 0);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_FOREIGN, 1, "/a"), &made, PC_DENY, 0);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_JIT, 1, ""), &made, PC_ALLOW, -1);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_PATH, 3, "/bin/ls"), &made, PC_ALLOW, 0);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_PATH, 3, "/x"), &made, PC_DENY, 7);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_FAMILY, 1, "\x10"), &made, PC_ALLOW, 0);
	made_done(&made);
}

static void audit_mode_refuses_nothing(void **state)
{
	struct made made = make(VERSION "[open]\ndeny = /x\nnever = /y\n[exec]\nmode = enforce\ndeny = /x\n");

	(void)state;
	assert_answer(ask(&made, PC_OPEN, PC_KIND_PATH, 1, "/x"), &made, PC_AUDIT, 4);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_PATH, 2, "/y"), &made, PC_AUDIT, 5);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_PATH, 1, "/x"), &made, PC_DENY, 8);
	made_done(&made);
}

static void an_unresolved_name_gets_the_strictest_answer(void **state)
{
	struct made made = make("[policy]\nversion = 1\nmode = enforce\n"
				"[exec]\nallow = /a\naudit = /b\nnever = /c\n"
				"[open]\nallow = /a\naudit.write = /b\ndeny.read = /c\n"
				"[connect]\nallow = any\n");

	(void)state;
	assert_answer(ask(&made, PC_EXEC, PC_KIND_UNRESOLVED, 1, ""), &made, PC_DENY, 7);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_USERNS, 1, ""), &made, PC_DENY, 7);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_UNRESOLVED, 1, ""), &made, PC_DENY, 11);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_UNRESOLVED, 2, ""), &made, PC_AUDIT, 10);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_UNRESOLVED, 3, ""), &made, PC_DENY, 11);
	/* Only in [exec]. */
	assert_answer(ask(&made, PC_OPEN, PC_KIND_USERNS, 1, ""), &made, PC_ALLOW, 0);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNRESOLVED, 1, ""), &made, PC_ALLOW, 13);
	made_done(&made);
}

static void a_rule_that_names_unresolved_counts_instead(void **state)
{
	struct made made = make("[policy]\nversion = 1\nmode = enforce\n"
				"[exec]\ndeny = /tmp/**\nallow = unresolved:\n"
				"[open]\ndeny = /tmp/**\nallow.read = unresolved:\n");

	(void)state;
	assert_answer(ask(&made, PC_EXEC, PC_KIND_UNRESOLVED, 1, ""), &made, PC_ALLOW, 6);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_USERNS, 1, ""), &made, PC_ALLOW, 6);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_UNRESOLVED, 1, ""), &made, PC_ALLOW, 9);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_UNRESOLVED, 2, ""), &made, PC_DENY, 8);
	made_done(&made);
}

static void special_objects_are_matched_by_their_own_rules_only(void **state)
{
	struct made made = make(
		"[policy]\nversion = 1\nmode = enforce\n"
		"[exec]\ndeny = /**\nallow = foreign:/ok/*\ndeny = jit:\naudit = anon:\nallow = userns:\n"
		"[connect]\ndeny = unix:/run/*\ndeny = unix:@x*\ndeny = family:vsock\n");

	(void)state;
	assert_answer(ask(&made, PC_EXEC, PC_KIND_ANON, 1, ""), &made, PC_AUDIT, 8);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_JIT, 1, ""), &made, PC_DENY, 7);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_USERNS, 1, ""), &made, PC_ALLOW, 9);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_FOREIGN, 1, "/ok/a"), &made, PC_ALLOW, 6);
	assert_answer(ask(&made, PC_EXEC, PC_KIND_FOREIGN, 1, "/bad"), &made, PC_ALLOW, 0);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_PATH, 1, "/run/a"), &made, PC_DENY, 11);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_PATH, 1, "/run/a/b"), &made, PC_ALLOW, 0);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_ABSTRACT, 1, "xyz"), &made, PC_DENY, 12);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_ABSTRACT, 1, "/run/a"), &made, PC_ALLOW, 0);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_FAMILY, 1, "\x28"), &made, PC_DENY, 13);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_FAMILY, 1, "\x11"), &made, PC_ALLOW, 0);
	made_done(&made);
}

static void words_of_system_are_judged_one_by_one(void **state)
{
	struct made made = make("[policy]\nversion = 1\nmode = enforce\n"
				"[system]\ndefault = audit\ndeny = mount\nnever = kexec\nallow = bpf\n"
				"[exec]\ndeny = /**\n");

	(void)state;
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\1"), &made, PC_AUDIT, 0);
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\2"), &made, PC_DENY, 6);
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\3"), &made, PC_ALLOW, 8);
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\4"), &made, PC_AUDIT, 0);
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\6"), &made, PC_DENY, 7);
	/* A byte that is no word, as a newer kernel side could ask it. */
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\x7f"), &made, PC_AUDIT, 0);
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_UNRESOLVED, 1, ""), &made, PC_DENY, 6);
	made_done(&made);
	made = make(VERSION "[exec]\ndefault = deny\n");
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\2"), &made, PC_ALLOW, 0);
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_UNRESOLVED, 1, ""), &made, PC_ALLOW, 0);
	made_done(&made);
}

static void the_mode_of_system_is_its_own(void **state)
{
	struct made made = make(VERSION "[system]\nmode = enforce\ndeny = mount\n[open]\ndeny = /x\n");

	(void)state;
	assert_answer(ask(&made, PC_SYSTEM, PC_KIND_SYSTEM, 1, "\2"), &made, PC_DENY, 5);
	assert_answer(ask(&made, PC_OPEN, PC_KIND_PATH, 1, "/x"), &made, PC_AUDIT, 7);
	made_done(&made);
}

/* A socket may be bound to it, so a rule about all abstract sockets must reach it. */
static void the_empty_abstract_name_is_one_of_all(void **state)
{
	struct made made = make(VERSION "[connect]\ndeny = unix:@**\nallow = unix:@a\n");

	(void)state;
	assert_non_null(made.image);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_ABSTRACT, PC_ACCESS_READ, ""), &made, PC_AUDIT, 4);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_ABSTRACT, PC_ACCESS_READ, "a"), &made, PC_ALLOW, 5);
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_ABSTRACT, PC_ACCESS_READ, "b"), &made, PC_AUDIT, 4);
	made_done(&made);
	made = make(VERSION "[connect]\ndeny = unix:@*\n");
	assert_answer(ask(&made, PC_CONNECT, PC_KIND_UNIX_ABSTRACT, PC_ACCESS_READ, ""), &made, PC_ALLOW, 0);
	made_done(&made);
}

static void what_is_recorded_is_settled_by_suffix_and_section(void **state)
{
	static const char *const logs[] = { "deny", "all", "none" };
	/* By section's log: whether allow, audit, deny, deny.quiet, allow.log and the default are recorded.
	 */
	static const bool wanted[3][6] = {
		{ false, true, true, false, true, false },
		{ true, true, true, false, true, true },
		{ false, false, false, false, true, false },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char text[256], name[] = "/1";
		struct made made;

		(void)sprintf(
			text,
			VERSION
			"[open]\nlog = %s\nallow = /1\naudit = /2\ndeny = /3\ndeny.quiet = /4\nallow.log = /5\n",
			logs[i]);
		made = make(text);
		for (size_t k = 0; k < 6; k++, name[1]++)
			assert_int_equal(!!(ask(&made, PC_OPEN, PC_KIND_PATH, 1, name).ref & PC_REF_RECORD),
					 wanted[i][k]);
		made_done(&made);
	}
}

/* What pc_join() makes of a cell for a task outside any profile: its reference, or PC_NOT_PLAIN. */
static __u32 joined_plain(const struct made *made, unsigned int section, unsigned int cell, unsigned int access)
{
	struct pc_answer answer;
	struct pc_layer host;

	pc_load_layer(made->image, pc_host_section(section), &host);
	pc_load_cell(made->image, cell, &host.cell);
	answer = pc_join(&host, NULL, access, 0);
	return answer.verdict == PC_ALLOW && !(answer.ref & PC_REF_RECORD) ? answer.ref : PC_NOT_PLAIN;
}

static void what_is_told_in_short_is_what_the_layers_say(void **state)
{
	static const char *const sections[] = {
		"[open]\n",
		"[open]\nlog = all\n",
		"[open]\ndefault = audit\n",
		"[open]\ndefault = deny\nlog = none\n",
	};
	unsigned int plain = 0, asked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		char text[512];
		struct made made;

		(void)snprintf(text, sizeof(text),
			       VERSION "%sallow = /a\naudit.read = /b\ndeny.write = /c\nnever.read = /d/**\nallow = /d/e\nallow.log = /f\n"
				       "deny.quiet = /g\nnever.write = /a/**\n[exec]\nlog = all\nallow.quiet = /a\n",
			       sections[i]);
		made = make(text);
		for (unsigned int cell = 0; cell < image_header(made.image)->cells.count; cell++) {
			for (unsigned int k = 0; k < 4 * PC_SECTIONS; k++) {
				__u32 ref = pc_plain(made.image, k / 4, cell, k % 4);
				__u32 joined = joined_plain(&made, k / 4, cell, k % 4);

				/* An allow for writing that is recorded may hide behind one for reading that isn't. */
				assert_true(ref == joined || (k % 4 == 3 && ref == PC_NOT_PLAIN));
				plain += ref != PC_NOT_PLAIN;
				asked++;
			}
		}
		made_done(&made);
	}
	/* Both come about. */
	assert_in_range(plain, asked / 10, asked - asked / 10);
}

/* The same for one in the profile, whose section lies at `in->section`; *ret_is_recorded: something that is asked is recorded. */
static __u32 joined_plain_in_profile(const struct made *made, unsigned int section, unsigned int cell,
				     const struct pc_profile_cell *in, unsigned int access, bool *ret_is_recorded)
{
	struct pc_layer layers[2];
	struct pc_answer answer;
	__u32 refs = 0;

	pc_load_layer(made->image, pc_host_section(section), &layers[0]);
	pc_load_cell(made->image, cell, &layers[0].cell);
	pc_load_layer(made->image, in->section, &layers[1]);
	pc_load_cell(made->image, in->cell, &layers[1].cell);
	for (size_t i = 0; i < 2; i++)
		refs |= (access & PC_ACCESS_WRITE ? layers[i].cell.write | layers[i].default_write : 0) |
			(access & PC_ACCESS_READ ? layers[i].cell.read | layers[i].default_read : 0);
	*ret_is_recorded = refs & PC_REF_RECORD;
	answer = pc_join(&layers[0], &layers[1], access, in->is_stricter ? PC_ASK_BOTH : 0);
	return answer.verdict == PC_ALLOW && !(answer.ref & PC_REF_RECORD) ? answer.ref : PC_NOT_PLAIN;
}

static void what_is_told_in_short_in_a_profile_is_what_both_layers_say(void **state)
{
	static const char *const sections[] = {
		"[open]\n",
		"[open]\ndefault = audit\n",
		"[open]\ndefault = deny\nlog = none\n",
	};
	static const char *const profiles[] = {
		"",
		"[open p]\ndefault = allow\n",
		"[open p]\ndefault = deny\nallow = /a\nallow.read = /h\nnever = /b\n",
		"[open p]\nlog = all\nallow = /a\naudit.write = /d/e\nallow.quiet = /c\n",
	};
	unsigned int plain = 0, asked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]) * (sizeof(profiles) / sizeof(profiles[0])); i++) {
		char text[768];
		struct made made;
		unsigned int cells;

		(void)snprintf(text, sizeof(text),
			       VERSION "%sallow = /a\naudit.read = /b\ndeny.write = /c\nnever.read = /d/**\nallow = /d/e\nallow.log = /f\n"
				       "deny.quiet = /g\nnever.write = /a/**\n[profile p]\nexe = /p\n%s",
			       sections[i / 4], profiles[i % 4]);
		made = make(text);
		cells = image_header(made.image)->cells.count;
		for (unsigned int k = 0; k < cells * cells * 8; k++) {
			const struct pc_profile_cell in = {
				.section = pc_profile_section(made.image, 0, PC_OPEN),
				.cell = k / 8 / cells,
				.is_stricter = k / 4 % 2,
			};
			__u32 ref = pc_plain_in_profile(made.image, PC_OPEN, k / 8 % cells, &in, k % 4);
			bool is_recorded;
			__u32 joined = joined_plain_in_profile(&made, PC_OPEN, k / 8 % cells, &in, k % 4, &is_recorded);

			/* What is recorded may hide behind what isn't. */
			assert_true(ref == joined || (is_recorded && ref == PC_NOT_PLAIN));
			plain += ref != PC_NOT_PLAIN;
			asked++;
		}
		made_done(&made);
	}
	/* Both come about. */
	assert_in_range(plain, asked / 10, asked - asked / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_rule_names_is_judged_by_the_default),
		cmocka_unit_test(audit_mode_refuses_nothing),
		cmocka_unit_test(an_unresolved_name_gets_the_strictest_answer),
		cmocka_unit_test(a_rule_that_names_unresolved_counts_instead),
		cmocka_unit_test(special_objects_are_matched_by_their_own_rules_only),
		cmocka_unit_test(words_of_system_are_judged_one_by_one),
		cmocka_unit_test(the_mode_of_system_is_its_own),
		cmocka_unit_test(the_empty_abstract_name_is_one_of_all),
		cmocka_unit_test(what_is_told_in_short_is_what_the_layers_say),
		cmocka_unit_test(what_is_told_in_short_in_a_profile_is_what_both_layers_say),
		cmocka_unit_test(what_is_recorded_is_settled_by_suffix_and_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
