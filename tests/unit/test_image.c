/* SPDX-License-Identifier: GPL-2.0-only */
/* test_image.c - images: special objects, records, errors and warnings of compiling, foreign bytes, print,
 * explain. */
#include <errno.h>

#include "explain.h"
#include "image.h"
#include "policy_text.h"
#include "print.h"
#include "random_glob.h"

/* A compiled text. */
struct made {
	struct result result;
	struct image *image; /* NULL if refused */
	const char *text;    /* all diagnostics, valid until the next one is made */
};

static struct made make(const char *text)
{
	struct made made = { .result = check_text(text) };

	assert_int_equal(made.result.r, 0);
	made.result.r = image_compile(made.result.policy, &made.result.d, &made.image);
	made.text = diags_text(&made.result.d);
	return made;
}

static void made_done(struct made *made)
{
	made->image = image_free(made->image);
	result_done(&made->result);
}

static void assert_diagnostics(const char *text, int r, const char *expected)
{
	struct made made = make(text);

	assert_string_equal(made.text, expected);
	assert_int_equal(made.result.r, r);
	made_done(&made);
}

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

static void contradictions_are_errors_that_name_both_lines(void **state)
{
	(void)state;
	assert_diagnostics(
		VERSION "[open]\ndeny = /x\nallow = /x\n", -EINVAL,
		"text:5: error: 'allow = /x' contradicts 'deny = /x' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[open]\ndeny = /{x,y}\nallow.quiet = /[x]\n", -EINVAL,
		"text:5: error: 'allow.quiet = /[x]' contradicts 'deny = /{x,y}' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[open]\ndeny.read = /x\nallow.read = /x\n", -EINVAL,
		"text:5: error: 'allow.read = /x' contradicts 'deny.read = /x' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[exec]\nnever = anon:\nallow = anon:\n", -EINVAL,
		"text:5: error: 'allow = anon:' contradicts 'never = anon:' at text:4: the same object and access in one section with two verbs\n");
	assert_diagnostics(
		VERSION "[connect]\ndeny = 10.0.0.1 port 1,2\nallow = 10.0.0.1 port 1-2\n", -EINVAL,
		"text:5: error: 'allow = 10.0.0.1 port 1-2' contradicts 'deny = 10.0.0.1 port 1,2' at text:4: the same object and access in one section with two verbs\n");
}

static void the_same_object_for_other_access_or_port_is_none(void **state)
{
	(void)state;
	assert_diagnostics(VERSION "[open]\ndeny = /x\nallow.read = /x\n", 0, "");
	assert_diagnostics(VERSION "[open]\ndeny.write = /x\nallow.read = /x\n", 0, "");
	assert_diagnostics(VERSION "[open]\ndeny = /x\n[exec]\nallow = /x\n", 0, "");
	assert_diagnostics(VERSION "[connect]\ndeny = 10.0.0.1 port 1\nallow = 10.0.0.1 port 1 tcp\n", 0, "");
}

static void a_rule_that_never_wins_is_warned_of(void **state)
{
	(void)state;
	assert_diagnostics(
		VERSION "[open]\ndeny = /x\ndeny = /x\n", 0,
		"text:5: warning: 'deny = /x' wins for no object: 'deny = /x' (text:4) covers it\n");
	assert_diagnostics(
		VERSION "[open]\nallow = /a\ndeny.read = /a\naudit.write = /a\n", 0,
		"text:4: warning: 'allow = /a' wins for no object: 'deny.read = /a' (text:5) and 'audit.write = /a' (text:6) cover it\n");
	assert_diagnostics(VERSION "[connect]\nallow = any\ndeny = any tcp\nallow = any 6\n", 0, "");
	assert_diagnostics(
		VERSION "[connect]\nallow = any port 1 tcp\ndeny = any port 1 6\n", 0,
		"text:4: warning: 'allow = any port 1 tcp' wins for no object: 'deny = any port 1 6' (text:5) covers it\n");
}

static void rules_that_multiply_are_named(void **state)
{
	char *text = malloc(1 << 16), *end = text;
	struct made made;

	(void)state;
	end += sprintf(end, VERSION "[open]\nallow = /fine\n");
	for (unsigned int i = 0; i < 400; i++)
		end += sprintf(end, "deny = /d/*x_%u*y\n", i);
	made = make(text);
	assert_int_equal(made.result.r, -EINVAL);
	assert_null(made.image);
	assert_non_null(strstr(made.text, "error: the rules of [open] grow past"));
	assert_non_null(strstr(made.text, "'deny = /d/*x_"));
	assert_null(strstr(made.text, "/fine"));
	made_done(&made);
	free(text);
}

static const char sample[] =
	"[policy]\nversion = 1\nmode = enforce\nname = web-1\n"
	"[open]\ndefault = audit\nlog = all\ndeny = /**/*secret*\nallow.read.quiet = /[a-c]?/**\nnever.write = /etc/\n"
	"[exec]\nmode = audit\ndeny = foreign:/**\naudit.log = anon:\n"
	"[connect]\ndefault = deny\nallow = any port 53 udp\ndeny = 10.0.0.0/8\nallow = unix:@x\\;y\ndeny = unix:/run/*\n"
	"[expect]\ndeny = connect 10.0.0.1 port 80 tcp\n";

static void a_sound_image_is_taken_as_it_is(void **state)
{
	struct made made = make(sample);
	struct image *image = NULL;
	const char *why = NULL;

	(void)state;
	assert_non_null(made.image);
	assert_int_equal(image_load(made.image->words, made.image->size, &image, &why), 0);
	assert_int_equal(image->size, made.image->size);
	assert_memory_equal(image->words, made.image->words, image->size);
	image_free(image);
	made_done(&made);
}

/* Questions of all kinds, so that a sanitizer sees what an accepted image makes a reader do. */
static void ask_everything(const struct image *image)
{
	for (unsigned int section = 0; section < PC_SECTIONS; section++) {
		for (unsigned int kind = 0; kind < PC_KINDS; kind++) {
			struct question question = { section, kind, 3, "/etc/secret/aXb", 15, 6, 53, 0 };
			const struct pc_rule *rule = image_rule(image, image_ask(image, &question).ref);

			if (rule)
				assert_true(strlen(image_text(image, rule->text)) +
						    strlen(image_text(image, rule->file)) <
					    image->size);
		}
	}
}

static void a_damaged_image_is_refused_or_harmless(void **state)
{
	struct made made = make(sample);
	unsigned int refused = 0;

	(void)state;
	random_start(random_seed());
	for (unsigned int i = 0; i < 20000; i++) {
		size_t words = made.image->size / 8, size = made.image->size;
		__u64 *copy = malloc(size);
		struct image *image = NULL;
		const char *why = NULL;

		memcpy(copy, made.image->words, size);
		for (unsigned int k = 0; k <= random_below(3); k++) {
			__u32 *word = (__u32 *)copy + random_below(random_below(2) ? 80 : 2 * words);

			*word = random_below(2) ? *word ^ 1U << random_below(32)
						: ((__u32 *)copy)[random_below(2 * words)];
		}
		if (random_below(10) == 0)
			size = random_below(size);
		if (image_load(copy, size, &image, &why) < 0) {
			assert_non_null(why);
			refused++;
		} else {
			ask_everything(image);
		}
		image_free(image);
		free(copy);
	}
	printf("%u of 20000 refused\n", refused);
	assert_true(refused > 10000);
	made_done(&made);
}

/* Where rules stand is no part of what a policy says. */
static void forget_places(struct image *image)
{
	const struct pc_image_header *header = image_header(image);
	struct pc_rule *rules = (struct pc_rule *)&image->words[header->rules.word];

	for (__u32 i = 0; i < header->rules.count; i++)
		rules[i].line = 0;
}

static void what_is_printed_makes_the_same_image(void **state)
{
	struct made first = make(sample), second;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	policy_print(first.result.policy, out);
	assert_int_equal(fclose(out), 0);
	second = make(text);
	assert_string_equal(second.text, "");
	forget_places(first.image);
	forget_places(second.image);
	assert_int_equal(first.image->size, second.image->size);
	assert_memory_equal(first.image->words, second.image->words, first.image->size);
	free(text);
	made_done(&first);
	made_done(&second);
}

/* "deny = /x < allow = /y (why) …": the deciding rule and what it beat. */
static const char *explain(const struct made *made, enum pc_section_id section, enum pc_kind kind,
			   const char *bytes, unsigned int access)
{
	static char text[1024];
	const size_t lengths[] = { [PC_KIND_IP4] = 4, [PC_KIND_FAMILY] = 1, [PC_KINDS] = 0 };
	struct question question = {
		section, kind, access, bytes, lengths[kind] ? lengths[kind] : strlen(bytes), 6, 22, 0
	};
	const struct policy *policy = made->result.policy;
	struct explanation found;
	char *end = text;

	assert_int_equal(policy_explain(policy, made->image, &question, &found), 0);
	end += sprintf(end, "%s",
		       found.source == EXPLAIN_RULE	 ? policy->rules[found.rule].text
		       : found.source == EXPLAIN_DEFAULT ? "default"
							 : "nothing");
	for (size_t i = 0; i < found.loser_count; i++)
		end += sprintf(end, " < %s (%s)", policy->rules[found.losers[i].rule].text,
			       found.losers[i].why);
	explanation_done(&found);
	return text;
}

static void explain_names_the_winner_and_why_others_lost(void **state)
{
	struct made made = make(
		VERSION
		"[open]\nallow = /d/**\nallow = /d/*/b?\naudit = /d/*/b*\ndeny = /d/*/[a-c]c\n"
		"never.write = /d/**/bc\naudit = /d/*/*c\nallow.read = /e\ndeny = /e\n"
		"[connect]\nallow = any\ndeny = 10.0.0.0/8 port 22\nallow = 10.0.0.0/8\naudit = 10.0.0.0/8 port 22 tcp\n");

	(void)state;
	assert_non_null(made.image);
	assert_string_equal(
		explain(&made, PC_OPEN, PC_KIND_PATH, "/d/x/bc", PC_ACCESS_READ),
		"deny = /d/*/[a-c]c < allow = /d/** (shorter shortest match) < allow = /d/*/b? (more choices) < "
		"audit = /d/*/b* (shorter shortest match) < audit = /d/*/*c (shorter shortest match)");
	assert_string_equal(
		explain(&made, PC_OPEN, PC_KIND_PATH, "/d/x/bc", PC_ACCESS_WRITE),
		"never.write = /d/**/bc < allow = /d/** (never outranks everything) < "
		"allow = /d/*/b? (never outranks everything) < audit = /d/*/b* (never outranks everything) < "
		"deny = /d/*/[a-c]c (never outranks everything) < audit = /d/*/*c (never outranks everything)");
	assert_string_equal(explain(&made, PC_OPEN, PC_KIND_PATH, "/e", PC_ACCESS_READ),
			    "allow.read = /e < deny = /e (without .read or .write)");
	assert_string_equal(explain(&made, PC_OPEN, PC_KIND_PATH, "/f", PC_ACCESS_READ), "default");
	assert_string_equal(explain(&made, PC_EXEC, PC_KIND_JIT, "", PC_ACCESS_READ), "nothing");
	assert_string_equal(
		explain(&made, PC_CONNECT, PC_KIND_IP4, "\x0a\x01\x01\x01", PC_ACCESS_READ),
		"audit = 10.0.0.0/8 port 22 tcp < allow = any (shorter prefix) < "
		"deny = 10.0.0.0/8 port 22 (no protocol given) < allow = 10.0.0.0/8 (more ports)");
	made_done(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_rule_names_is_judged_by_the_default),
		cmocka_unit_test(audit_mode_refuses_nothing),
		cmocka_unit_test(an_unresolved_name_gets_the_strictest_answer),
		cmocka_unit_test(a_rule_that_names_unresolved_counts_instead),
		cmocka_unit_test(special_objects_are_matched_by_their_own_rules_only),
		cmocka_unit_test(what_is_recorded_is_settled_by_suffix_and_section),
		cmocka_unit_test(contradictions_are_errors_that_name_both_lines),
		cmocka_unit_test(the_same_object_for_other_access_or_port_is_none),
		cmocka_unit_test(a_rule_that_never_wins_is_warned_of),
		cmocka_unit_test(rules_that_multiply_are_named),
		cmocka_unit_test(a_sound_image_is_taken_as_it_is),
		cmocka_unit_test(a_damaged_image_is_refused_or_harmless),
		cmocka_unit_test(what_is_printed_makes_the_same_image),
		cmocka_unit_test(explain_names_the_winner_and_why_others_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
