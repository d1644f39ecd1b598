/* SPDX-License-Identifier: GPL-2.0-only */
/* test_parse.c - sections, keys, verbs, lists, expectations and files of a policy. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_text.h"

/* ---- [policy] and scalars ---- */

static void smallest_policy_is_audit_mode_and_allows(void **state)
{
	struct result result = assert_taken(VERSION);

	(void)state;
	assert_int_equal(result.policy->mode, PC_MODE_AUDIT);
	assert_null(result.policy->name);
	for (int i = 0; i < PC_SECTIONS; i++) {
		assert_false(result.policy->sections[i].is_given);
		assert_int_equal(result.policy->sections[i].default_verdict, PC_ALLOW);
		assert_null(result.policy->sections[i].default_loc.file);
		assert_int_equal(result.policy->sections[i].log, LOG_DENY);
		assert_int_equal(result.policy->sections[i].mode, PC_MODE_AUDIT);
	}
	result_done(&result);
}

static void scalars_of_policy_and_sections_are_read(void **state)
{
	struct result result = assert_taken(
		VERSION "mode = enforce\nname = web-host\n[exec]\ndefault = deny\nlog = all\n"
			"[open]\nmode = audit\ndefault = audit\nlog = none\n[connect]\n");
	const struct section *sections = result.policy->sections;

	(void)state;
	assert_string_equal(result.policy->name, "web-host");
	assert_int_equal(result.policy->mode, PC_MODE_ENFORCE);
	assert_int_equal(sections[PC_EXEC].default_verdict, PC_DENY);
	assert_int_equal(sections[PC_EXEC].default_loc.line, 6);
	assert_int_equal(sections[PC_EXEC].log, LOG_ALL);
	assert_int_equal(sections[PC_EXEC].mode, PC_MODE_ENFORCE);
	assert_int_equal(sections[PC_OPEN].mode, PC_MODE_AUDIT);
	assert_int_equal(sections[PC_OPEN].log, LOG_NONE);
	assert_int_equal(sections[PC_OPEN].default_verdict, PC_AUDIT);
	assert_true(sections[PC_CONNECT].is_given);
	assert_int_equal(sections[PC_CONNECT].loc.line, 12);
	result_done(&result);
}

static void section_mode_before_policy_mode_still_wins(void **state)
{
	struct result result = assert_taken("[exec]\nmode = enforce\n[open]\n" VERSION "mode = audit\n");

	(void)state;
	assert_int_equal(result.policy->sections[PC_EXEC].mode, PC_MODE_ENFORCE);
	assert_int_equal(result.policy->sections[PC_OPEN].mode, PC_MODE_AUDIT);
	result_done(&result);
}

static void version_is_required(void **state)
{
	(void)state;
	assert_refused("[exec]\n", "text: error: the version is missing; write version = 1 in [policy]\n");
	assert_refused("\n[policy]\n",
		       "text:2: error: the version is missing; write version = 1 in [policy]\n");
	assert_refused("", "text: error: the version is missing; write version = 1 in [policy]\n");
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	assert_refused("[policy]\nversion = 2\n",
		       "text:2: error: unknown version '2' of the policy language; known: 1\n");
	assert_refused("[policy]\nversion = 01\n",
		       "text:2: error: unknown version '01' of the policy language; known: 1\n");
}

static void scalar_stands_once(void **state)
{
	(void)state;
	assert_refused(VERSION "version = 1\n[exec]\ndefault = deny\ndefault = deny\n",
		       "text:3: error: 'version' of [policy] stands in text:2 already; keep one of them\n"
		       "text:6: error: 'default' of [exec] stands in text:5 already; keep one of them\n");
}

static void wrong_words_are_refused_with_the_nearest(void **state)
{
	(void)state;
	assert_refused(
		VERSION "mode = enforcing\nname = web host\n[exec]\ndefault = dney\nlog = every\nmode = x\n",
		"text:3: error: unknown mode 'enforcing'; did you mean 'enforce'?\n"
		"text:4: error: policy name 'web host' is not 1 to 32 letters, digits, '_', '.' or '-'\n"
		"text:6: error: unknown default 'dney'; did you mean 'deny'?\n"
		"text:7: error: unknown log 'every'; known: deny, all, none\n"
		"text:8: error: unknown mode 'x'; known: audit, enforce\n");
}

static void never_is_no_default(void **state)
{
	(void)state;
	assert_refused(VERSION "[open]\ndefault = never\n",
		       "text:4: error: unknown default 'never'; known: allow, audit, deny\n");
}

/* ---- Sections and keys ---- */

static void unknown_key_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_refused(VERSION "[exec]\nalow = /bin/sh\n",
		       "text:4: error: unknown key 'alow' in [exec]; did you mean 'allow'?\n");
	assert_refused(
		VERSION "[exec]\ncolour = red\n",
		"text:4: error: unknown key 'colour' in [exec]; known: default, log, mode, allow, audit, deny, never\n");
	assert_refused(VERSION "[list a]\nitems = /x\n",
		       "text:4: error: unknown key 'items' in [list a]; did you mean 'item'?\n");
	assert_refused(VERSION "Mode = audit\n",
		       "text:3: error: unknown key 'Mode' in [policy]; did you mean 'mode'?\n");
}

static void unknown_section_is_refused_once_and_its_keys_skipped(void **state)
{
	(void)state;
	assert_refused(
		VERSION "[exce]\nalow = /bin/sh\n[conect]\n[foo bar]\n",
		"text:3: error: unknown section [exce]; did you mean [exec]?\n"
		"text:5: error: unknown section [conect]; did you mean [connect]?\n"
		"text:6: error: unknown section [foo bar]; known: policy, list, exec, open, connect, expect, profile, "
		"system\n");
}

static void profiles_are_refused_once_each(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[profile web]\nexe = /usr/sbin/nginx\nscope = x\n[exec web]\ndeny = $x\n[system]\nx = y\n",
		"text:3: error: profiles are not supported yet; take [profile web] out\n"
		"text:6: error: profiles are not supported yet; take [exec web] out\n"
		"text:8: error: [system] is not supported yet; take the section out\n");
}

static void sections_without_names_take_none(void **state)
{
	(void)state;
	assert_refused(VERSION "[expect x]\n[list]\n",
		       "text:3: error: [expect x] takes no name; write [expect]\n"
		       "text:4: error: list name '' is not 1 to 32 letters, digits, '_', '.' or '-'\n");
}

static void all_errors_come_in_one_run_in_the_order_of_lines(void **state)
{
	(void)state;
	assert_refused(
		"[policy]\nversion = 1\n[open]\ndeny = $nolist\nalow = /x\ndeny = /a**\n deny = /x\n[open]\n",
		"text:4: error: unknown list 'nolist'; define it: [list nolist]\n"
		"text:5: error: unknown key 'alow' in [open]; did you mean 'allow'?\n"
		"text:6: error: pattern '/a**': '**' must be a whole name, between slashes\n"
		"text:7: error: line is indented; keys and sections begin in the first column, and no line goes on in "
		"the next\n"
		"text:8: error: section [open] begins in line 3 already; put its keys there\n");
}

/* ---- Rules ---- */

static void verbs_and_suffixes_become_rules(void **state)
{
	static const struct {
		const char *text;
		enum pc_rule_verb verb;
		unsigned int access;
		bool access_given;
		enum log_choice log;
	} cases[] = {
		{ "allow = /a", PC_VERB_ALLOW, 3, false, LOG_SECTION },
		{ "audit.read = /b", PC_VERB_AUDIT, 1, true, LOG_SECTION },
		{ "deny.write = /c", PC_VERB_DENY, 2, true, LOG_SECTION },
		{ "never.quiet = /d", PC_VERB_NEVER, 3, false, LOG_QUIET },
		{ "deny.log.read = /e", PC_VERB_DENY, 1, true, LOG_ALWAYS },
		{ "deny.read.write = /f", PC_VERB_DENY, 3, true, LOG_SECTION },
		{ "allow.write.log = /g", PC_VERB_ALLOW, 2, true, LOG_ALWAYS },
	};
	char text[1024] = VERSION "[open]\n";
	struct result result;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		strcat(strcat(text, cases[i].text), "\n");
	result = assert_taken(text);
	assert_int_equal(result.policy->rule_count, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < result.policy->rule_count; i++) {
		const struct rule *rule = &result.policy->rules[i];

		assert_string_equal(rule->text, cases[i].text);
		assert_int_equal(rule->verb, cases[i].verb);
		assert_int_equal(rule->access, cases[i].access);
		assert_int_equal(rule->access_given, cases[i].access_given);
		assert_int_equal(rule->log, cases[i].log);
		assert_int_equal(rule->section, PC_OPEN);
		assert_int_equal(rule->loc.line, 4 + i);
		assert_null(rule->item.file);
	}
	result_done(&result);
}

static void rules_outside_open_ask_for_reading(void **state)
{
	struct result result = assert_taken(VERSION "[exec]\nallow.log = /x\n");

	(void)state;
	assert_int_equal(result.policy->rules[0].access, PC_ACCESS_READ);
	assert_false(result.policy->rules[0].access_given);
	result_done(&result);
}

static void wrong_suffixes_are_refused(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[open]\ndeny.raed = /x\ndeny. = /x\ndeny.quiet.log = /x\ndeny.read.read = /x\nallow.x = /x\n"
		"[exec]\ndeny.write = /x\n",
		"text:4: error: unknown suffix '.raed' in 'deny.raed'; did you mean '.read'?\n"
		"text:5: error: unknown suffix '.' in 'deny.'; known: .read, .write, .quiet, .log\n"
		"text:6: error: '.quiet' and '.log' contradict each other in 'deny.quiet.log'\n"
		"text:7: error: '.read' stands twice in 'deny.read.read'\n"
		"text:8: error: unknown suffix '.x' in 'allow.x'; known: .read, .write, .quiet, .log\n"
		"text:10: error: '.write' is for [open] only; write 'deny.write' without it in [exec]\n");
}

static void any_is_two_rules_of_one_line(void **state)
{
	struct result result = assert_taken(VERSION "[connect]\ndeny = any port 25\n");

	(void)state;
	assert_int_equal(result.policy->rule_count, 2);
	assert_int_equal(result.policy->rules[0].object.kind, PC_KIND_IP4);
	assert_int_equal(result.policy->rules[1].object.kind, PC_KIND_IP6);
	assert_string_equal(result.policy->rules[1].text, "deny = any port 25");
	result_done(&result);
}

/* ---- Lists ---- */

static void list_is_one_rule_for_each_object(void **state)
{
	struct result result = assert_taken(
		VERSION "[open]\nnever.read = $secrets\n[list secrets]\nitem = /etc/shadow\n"
			"item = /**/.ssh/id_*\n");
	const struct rule *rules = result.policy->rules;

	(void)state;
	assert_int_equal(result.policy->rule_count, 2);
	assert_string_equal(rules[0].text, "never.read = /etc/shadow");
	assert_int_equal(rules[0].loc.line, 4);
	assert_int_equal(rules[0].item.line, 6);
	assert_string_equal(rules[1].object.glob, "/**/.ssh/id_*");
	assert_int_equal(rules[1].item.line, 7);
	result_done(&result);
}

static void text_behind_a_list_is_added_to_each_object(void **state)
{
	struct result result = assert_taken(
		VERSION "[list homes]\nitem = /home/*\nitem = /root\n[open]\ndeny = $homes/.ssh/**\n"
			"[connect]\ndeny = $nets port 22 tcp\n[list nets]\nitem = 10.0.0.0/8\n");

	(void)state;
	assert_string_equal(result.policy->rules[0].object.glob, "/home/*/.ssh/**");
	assert_string_equal(result.policy->rules[1].object.glob, "/root/.ssh/**");
	assert_int_equal(result.policy->rules[2].object.ports[0].first, 22);
	assert_string_equal(result.policy->rules[2].text, "deny = 10.0.0.0/8 port 22 tcp");
	result_done(&result);
}

static void unknown_list_is_refused_with_the_nearest(void **state)
{
	(void)state;
	assert_refused(VERSION "[list secrets]\nitem = /x\n[open]\ndeny = $secrts\ndeny = $zzz\ndeny = $\n",
		       "text:6: error: unknown list 'secrts'; did you mean 'secrets'?\n"
		       "text:7: error: unknown list 'zzz'; known: secrets\n"
		       "text:8: error: list name '' is not 1 to 32 letters, digits, '_', '.' or '-'\n");
}

static void lists_do_not_nest(void **state)
{
	(void)state;
	assert_refused(VERSION "[list a]\nitem = $b\n[list b]\nitem = /x\n",
		       "text:4: error: lists hold objects, not lists: '$b' can't stand in [list a]\n");
}

static void wrong_object_of_a_list_is_told_where_it_stands_and_who_used_it(void **state)
{
	(void)state;
	assert_refused(VERSION "[list a]\nitem = /x\nitem = 10.0.0.1\n[open]\ndeny = $a\naudit = $a\n",
		       "text:5: error: '10.0.0.1' is no object of [open]; a path begins with '/'\n"
		       "text:7: note: this rule could not use 1 of 2 objects of [list a]\n"
		       "text:8: note: this rule could not use 1 of 2 objects of [list a]\n");
}

static void empty_list_that_is_used_is_a_warning(void **state)
{
	struct result result = check_text(VERSION "[list a]\n[list b]\n[open]\ndeny = $a\n");

	(void)state;
	assert_int_equal(result.r, 0);
	assert_string_equal(result.text,
			    "text:3: warning: [list a] is empty: rules that use it match nothing\n");
	result_done(&result);
}

static void list_files_are_not_read_offline(void **state)
{
	(void)state;
	assert_refused(VERSION "[list a]\nfile = /etc/passwd\n",
		       "text:4: error: list files are not read offline: '/etc/passwd'\n");
}

/* ---- [expect] ---- */

static void expectations_are_read(void **state)
{
	struct result result = assert_taken(
		VERSION "[expect]\ndeny = open /etc/shadow read\nallow = open /x\n"
			"audit = connect 10.1.2.3 port 22 tcp\ndeny = exec anon:\n"
			"deny = open /a\\x20b write\nallow = connect unix:@x\ndeny = open /\n");
	const struct expectation *all = result.policy->expectations;

	(void)state;
	assert_int_equal(result.policy->expectation_count, 7);
	assert_int_equal(all[0].verdict, PC_DENY);
	assert_int_equal(all[0].section, PC_OPEN);
	assert_int_equal(all[0].access, PC_ACCESS_READ);
	assert_string_equal(all[0].object.glob, "/etc/shadow");
	assert_string_equal(all[0].text, "deny = open /etc/shadow read");
	assert_int_equal(all[1].access, PC_ACCESS_READ | PC_ACCESS_WRITE);
	assert_int_equal(all[2].verdict, PC_AUDIT);
	assert_int_equal(all[2].object.ports[0].first, 22);
	assert_int_equal(all[2].object.protocol, 6);
	assert_int_equal(all[2].access, PC_ACCESS_READ);
	assert_int_equal(all[3].object.kind, PC_KIND_ANON);
	assert_int_equal(all[4].access, PC_ACCESS_WRITE);
	assert_string_equal(all[5].object.glob, "x");
	result_done(&result);
}

static void wrong_expectations_are_refused(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[expect]\nnever = open /x\ndeny = opne /x\ndeny = open\ndeny = open /a b\ndeny = exec /a read\n"
		"deny = open /x as web\ndeny = open /x*\ndeny = open $a\n",
		"text:4: error: unknown verdict 'never'; known: allow, audit, deny\n"
		"text:5: error: unknown hook 'opne'; did you mean 'open'?\n"
		"text:6: error: an object is missing; write VERDICT = open OBJECT\n"
		"text:7: error: 'b' is too much; write VERDICT = open OBJECT [read|write], a blank in a name as \\x20\n"
		"text:8: error: 'read' is for open only, not for exec\n"
		"text:9: error: profiles are not supported yet; take 'as web' out\n"
		"text:10: error: an expectation names one object, without wildcards or a closing '/': '/x*'\n"
		"text:11: error: '$a' is no object of [open]; a path begins with '/'\n");
}

static void expectation_names_one_address(void **state)
{
	(void)state;
	assert_refused(
		VERSION
		"[expect]\ndeny = connect 10.0.0.0/8\ndeny = connect any\ndeny = connect ::1 port 1-2\n"
		"deny = connect unix:**\n",
		"text:4: error: an expectation names one object, without prefixes: '10.0.0.0/8'\n"
		"text:5: error: an expectation names one object, without any: 'any'\n"
		"text:6: error: an expectation names one object, without several ports: '::1 port 1-2'\n"
		"text:7: error: an expectation names one object, without wildcards: 'unix:**'\n");
}

/* ---- Warnings that need no file system ---- */

static void blocklist_with_holes_is_a_warning(void **state)
{
	struct result result = check_text(VERSION "[exec]\ndeny = /tmp/**\n");

	(void)state;
	assert_int_equal(result.r, 0);
	assert_string_equal(
		result.text,
		"text:3: warning: [exec] blocks by path but says nothing of anon:, so a copy in a file without a "
		"name runs; add deny = anon:\n"
		"text:3: warning: [exec] blocks by path but says nothing of foreign:, so a copy on a file system "
		"that the host does not mount runs; add deny = foreign:/**\n");
	result_done(&result);
}

static void blocklist_without_holes_and_allowlist_are_none(void **state)
{
	struct result result = assert_taken(VERSION
					    "[exec]\ndeny = /tmp/**\nallow = anon:\ndeny = foreign:/**\n");

	(void)state;
	result_done(&result);
	result = assert_taken(VERSION "[exec]\ndefault = deny\ndeny = /tmp/**\nallow = /usr/**\n");
	result_done(&result);
}

/* ---- Files ---- */

static char directory[64];

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_directory(void **state)
{
	(void)state;
	(void)strcpy(directory, "/tmp/test_parse.XXXXXX");
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	assert_int_equal(mkdir("policy.d", 0755), 0);
	assert_int_equal(mkdir("lists", 0755), 0);
	return 0;
}

static int remove_directory(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	return chdir("/") || system(command);
}

static struct result load(const char *path, bool must_be_trusted)
{
	const struct policy_options options = { .is_offline = true, .must_be_trusted = must_be_trusted };
	struct result result = {};

	result.r = policy_load(path, &options, &result.d, &result.policy);
	result.text = diags_text(&result.d);
	return result;
}

static void assert_load(const char *path, bool must_be_trusted, const char *expected)
{
	struct result result = load(path, must_be_trusted);

	assert_string_equal(result.text, expected);
	assert_int_equal(result.r, *expected ? -EINVAL : 0);
	result_done(&result);
}

static void drop_ins_follow_in_byte_order(void **state)
{
	struct result result;

	(void)state;
	write_file("policy.ini", VERSION "[open]\ndeny = /a\n");
	write_file("policy.d/10-b.ini", "[open]\ndeny = /c\n");
	write_file("policy.d/10-B.ini", "[open]\ndeny = /b\n[list x]\nitem = /1\n");
	write_file("policy.d/9.ini", "[open]\ndeny = $x\n[list x]\nitem = /2\n");
	write_file("policy.d/.hidden.ini", "nonsense\n");
	write_file("policy.d/README", "nonsense\n");
	result = load(".", false);
	assert_string_equal(result.text, "");
	assert_int_equal(result.policy->file_count, 4);
	assert_string_equal(result.policy->files[0], "./policy.ini");
	assert_string_equal(result.policy->files[1], "./policy.d/10-B.ini");
	assert_string_equal(result.policy->rules[1].object.glob, "/b");
	assert_string_equal(result.policy->rules[2].object.glob, "/c");
	assert_string_equal(result.policy->rules[3].object.glob, "/1");
	assert_string_equal(result.policy->rules[4].object.glob, "/2");
	assert_string_equal(result.policy->rules[4].item.file, "./policy.d/9.ini");
	result_done(&result);
}

static void scalar_stands_once_in_all_files(void **state)
{
	(void)state;
	write_file("policy.ini", VERSION "[open]\ndefault = allow\n");
	write_file("policy.d/a.ini", "[open]\ndefault = deny\nlog = all\n");
	write_file("policy.d/b.ini", "[open]\nlog = all\n");
	assert_load(
		"policy.ini", false,
		"policy.d/a.ini:2: error: 'default' of [open] stands in policy.ini:4 already; keep one of them\n"
		"policy.d/b.ini:2: error: 'log' of [open] stands in policy.d/a.ini:3 already; keep one of them\n");
}

static void policy_section_stands_in_the_first_file_only(void **state)
{
	(void)state;
	write_file("policy.ini", VERSION);
	write_file("policy.d/a.ini", "[policy]\nversion = 1\nmode = enforce\n");
	assert_load("policy.ini", false,
		    "policy.d/a.ini:1: error: [policy] stands in policy.ini only, not in drop-ins\n");
}

static void list_files_are_found_beside_the_policy_file(void **state)
{
	struct result result;

	(void)state;
	write_file("policy.ini", VERSION
		   "[list feed]\nfile = lists/feed.txt\nitem = 10.9.0.0/16\n[connect]\ndeny = $feed\n");
	write_file("lists/feed.txt", "# feed\n10.1.0.0/16\n\n10.2.0.0/16 ; SBL1\n");
	result = load(directory, false);
	assert_string_equal(result.text, "");
	assert_int_equal(result.policy->rule_count, 3);
	assert_int_equal(result.policy->rules[1].item.line, 4);
	assert_non_null(strstr(result.policy->rules[1].item.file, "/lists/feed.txt"));
	result_done(&result);
}

static void errors_in_list_files_name_their_line(void **state)
{
	(void)state;
	write_file("policy.ini", VERSION
		   "[list feed]\nfile = lists/feed.txt\nfile = lists/none\n[connect]\ndeny = $feed\n");
	write_file("lists/feed.txt", "10.1.0.0/8\n10.2.0.0/16\n");
	assert_load(
		"policy.ini", false,
		"policy.ini:5: error: cannot read 'lists/none': No such file or directory\n"
		"policy.ini:7: note: this rule could not use 1 of 2 objects of [list feed]\n"
		"lists/feed.txt:1: error: '10.1.0.0/8' has bits set beyond its prefix; write 10.0.0.0/8 or 10.1.0.0\n");
}

static void missing_and_odd_files_are_refused(void **state)
{
	(void)state;
	assert_load("nowhere.ini", false,
		    "nowhere.ini: error: cannot read 'nowhere.ini': No such file or directory\n");
	assert_int_equal(mkfifo("fifo.ini", 0600), 0);
	assert_load("fifo.ini", false, "fifo.ini: error: 'fifo.ini' is not a regular file\n");
}

/* For a loc that names the file alone. */
static void assert_distrusted(const char *error)
{
	char expected[512];

	(void)snprintf(expected, sizeof(expected), "policy.ini: error: %s\n", error);
	assert_load("policy.ini", false, "");
	assert_load("policy.ini", true, expected);
}

static void files_that_others_can_write_are_refused_when_trust_is_asked_for(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only root can make files of others: skipped\n");
		skip();
	}
	write_file("policy.ini", VERSION);
	assert_load("policy.ini", true, "");
	assert_int_equal(chmod("policy.ini", 0664), 0);
	assert_distrusted(
		"file 'policy.ini' can be written by others than root (mode 0664); run: chmod go-w policy.ini");
	assert_int_equal(chmod("policy.ini", 0602), 0);
	assert_distrusted(
		"file 'policy.ini' can be written by others than root (mode 0602); run: chmod go-w policy.ini");
	assert_int_equal(chmod("policy.ini", 0600), 0);
	assert_int_equal(chown("policy.ini", 65534, 0), 0);
	assert_distrusted("file 'policy.ini' belongs to user 65534, not to root; run: chown root policy.ini");
}

static void directories_that_others_can_write_are_refused_when_trust_is_asked_for(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only root can make directories of others: skipped\n");
		skip();
	}
	write_file("policy.ini", VERSION);
	assert_int_equal(chmod(".", 0777), 0);
	assert_distrusted("directory '.' can be written by others than root (mode 0777); run: chmod go-w .");
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(chmod("policy.d", 01777), 0);
	assert_load(
		"policy.ini", true,
		"policy.d: error: directory 'policy.d' can be written by others than root (mode 1777); run: chmod go-w "
		"policy.d\n");
	assert_int_equal(chmod("policy.d", 0755), 0);
	assert_load("policy.ini", true, "");
}

static void links_to_policies_are_refused_when_trust_is_asked_for(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only files of root are trusted: skipped\n");
		skip();
	}
	write_file("real.ini", VERSION);
	assert_int_equal(symlink("real.ini", "policy.ini"), 0);
	assert_distrusted("'policy.ini' is a symbolic link; name the file that it leads to");
}

static void list_files_must_be_trusted_too(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("only files of root are trusted: skipped\n");
		skip();
	}
	write_file("policy.ini", VERSION "[list a]\nfile = lists/a\n[open]\ndeny = $a\n");
	write_file("lists/a", "/x\n");
	assert_load("policy.ini", true, "");
	assert_int_equal(chmod("lists/a", 0666), 0);
	assert_load(
		"policy.ini", true,
		"policy.ini:4: error: file 'lists/a' can be written by others than root (mode 0666); run: chmod go-w "
		"lists/a\n");
}

#define unit_test_with_files(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest_policy_is_audit_mode_and_allows),
		cmocka_unit_test(scalars_of_policy_and_sections_are_read),
		cmocka_unit_test(section_mode_before_policy_mode_still_wins),
		cmocka_unit_test(version_is_required),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(scalar_stands_once),
		cmocka_unit_test(wrong_words_are_refused_with_the_nearest),
		cmocka_unit_test(never_is_no_default),
		cmocka_unit_test(unknown_key_is_refused_with_its_line),
		cmocka_unit_test(unknown_section_is_refused_once_and_its_keys_skipped),
		cmocka_unit_test(profiles_are_refused_once_each),
		cmocka_unit_test(sections_without_names_take_none),
		cmocka_unit_test(all_errors_come_in_one_run_in_the_order_of_lines),
		cmocka_unit_test(verbs_and_suffixes_become_rules),
		cmocka_unit_test(rules_outside_open_ask_for_reading),
		cmocka_unit_test(wrong_suffixes_are_refused),
		cmocka_unit_test(any_is_two_rules_of_one_line),
		cmocka_unit_test(list_is_one_rule_for_each_object),
		cmocka_unit_test(text_behind_a_list_is_added_to_each_object),
		cmocka_unit_test(unknown_list_is_refused_with_the_nearest),
		cmocka_unit_test(lists_do_not_nest),
		cmocka_unit_test(wrong_object_of_a_list_is_told_where_it_stands_and_who_used_it),
		cmocka_unit_test(empty_list_that_is_used_is_a_warning),
		cmocka_unit_test(list_files_are_not_read_offline),
		cmocka_unit_test(expectations_are_read),
		cmocka_unit_test(wrong_expectations_are_refused),
		cmocka_unit_test(expectation_names_one_address),
		cmocka_unit_test(blocklist_with_holes_is_a_warning),
		cmocka_unit_test(blocklist_without_holes_and_allowlist_are_none),
		unit_test_with_files(drop_ins_follow_in_byte_order),
		unit_test_with_files(scalar_stands_once_in_all_files),
		unit_test_with_files(policy_section_stands_in_the_first_file_only),
		unit_test_with_files(list_files_are_found_beside_the_policy_file),
		unit_test_with_files(errors_in_list_files_name_their_line),
		unit_test_with_files(missing_and_odd_files_are_refused),
		unit_test_with_files(files_that_others_can_write_are_refused_when_trust_is_asked_for),
		unit_test_with_files(directories_that_others_can_write_are_refused_when_trust_is_asked_for),
		unit_test_with_files(links_to_policies_are_refused_when_trust_is_asked_for),
		unit_test_with_files(list_files_must_be_trusted_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
