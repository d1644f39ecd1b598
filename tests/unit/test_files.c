/* SPDX-License-Identifier: GPL-2.0-only */
/* test_files.c - the files that a policy is made of, and who may have written them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy_text.h"

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
	(void)strcpy(directory, "/tmp/test_files.XXXXXX");
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
