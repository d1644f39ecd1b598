/* SPDX-License-Identifier: GPL-2.0-only */
/* test_links.c - rules whose names pass through links and bind mounts; the tree is made for the test. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "links.h"
#include "mounts.h"
#include "places.h"
#include "policy_text.h"

#define OPEN VERSION "[open]\n"
#define OTHER 1000

/*
 * bin -> usr/bin			usr/bin/{sh -> dash, dash, loop -> loop, far -> ../../bin/./sh}
 * etc/{alt -> /usr/bin/dash, dangling -> /usr/gone/x, "odd name" -> /usr/a*b, me -> /}
 * home/u (another user's) /{link -> /usr/bin, sub/link -> /usr/bin}
 * tmp (sticky) /{theirs -> /usr/bin (another user's), ours -> /usr/bin (root's)}
 */
static char tree[64];

static void make_link(const char *target, const char *name)
{
	assert_int_equal(symlink(target, name), 0);
}

static void make_directory(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(name, mode), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static void make_file(const char *name)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static int make_tree(void **state)
{
	static const char *const directories[] = { "usr",  "usr/bin", "usr/a*b",   "etc",
						   "home", "home/u",  "home/u/sub" };

	(void)state;
	(void)strcpy(tree, "/tmp/test_links.XXXXXX");
	assert_non_null(mkdtemp(tree));
	assert_int_equal(chdir(tree), 0);
	assert_int_equal(chmod(".", 0755), 0);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		make_directory(directories[i], 0755);
	make_directory("tmp", 01777);
	make_file("usr/bin/dash");
	make_link("usr/bin", "bin");
	make_link("dash", "usr/bin/sh");
	make_link("loop", "usr/bin/loop");
	make_link("../../bin/./sh", "usr/bin/far");
	make_link("/usr/bin/dash", "etc/alt");
	make_link("/usr/gone/x", "etc/dangling");
	make_link("/usr/a*b", "etc/odd name");
	make_link("/", "etc/me");
	make_link("/usr/bin", "home/u/link");
	make_link("/usr/bin", "home/u/sub/link");
	make_link("/usr/bin", "tmp/theirs");
	make_link("/usr/bin", "tmp/ours");
	assert_int_equal(chown("home/u", OTHER, OTHER), 0);
	assert_int_equal(lchown("tmp/theirs", OTHER, OTHER), 0);
	return 0;
}

static int remove_tree(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", tree);
	return chdir("/") || system(command);
}

static struct result check_tree(const char *text)
{
	const struct policy_options options = { .root = tree };
	struct result result = {};

	result.r = policy_parse("text", text, strlen(text), &options, &result.d, &result.policy);
	result.text = diags_text(&result.d);
	return result;
}

/* The texts of all rules, one a line, an alias indented. */
static const char *rules_text(const struct policy *policy)
{
	static char text[4096];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < policy->rule_count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s\n",
					 policy->rules[i].is_alias ? "  " : "", policy->rules[i].text);
	return text;
}

static void expect_rules(const char *text, const char *rules, const char *diagnostics)
{
	struct result result = check_tree(text);

	assert_string_equal(result.text, diagnostics);
	assert_int_equal(result.r, 0);
	assert_string_equal(rules_text(result.policy), rules);
	result_done(&result);
}

static void rule_without_link_has_no_alias(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /usr/bin/dash\ndeny = /**/x\ndeny = /usr/**\ndeny = /\n",
		     "deny = /usr/bin/dash\ndeny = /**/x\ndeny = /usr/**\ndeny = /\n", "");
}

static void link_in_the_way_gives_an_alias_with_a_note(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = /bin/dash\n", "deny.read = /bin/dash\n  deny.read = /usr/bin/dash\n",
		     "text:4: note: '/bin/dash' leads to '/usr/bin/dash': the rule also applies there\n");
}

static void alias_is_the_rule_in_all_but_its_name(void **state)
{
	struct result result = check_tree(OPEN "never.read.quiet = /bin/dash\n");
	const struct rule *alias = &result.policy->rules[1];

	(void)state;
	assert_true(alias->is_alias);
	assert_string_equal(alias->object.glob, "/usr/bin/dash");
	assert_int_equal(alias->verb, PC_VERB_NEVER);
	assert_int_equal(alias->access, PC_ACCESS_READ);
	assert_true(alias->access_given);
	assert_int_equal(alias->log, LOG_QUIET);
	assert_int_equal(alias->loc.line, 4);
	result_done(&result);
}

static void last_name_is_followed_too(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = /bin/sh\n", "deny.read = /bin/sh\n  deny.read = /usr/bin/dash\n",
		     "text:4: note: '/bin/sh' leads to '/usr/bin/dash': the rule also applies there\n");
	expect_rules(OPEN "deny.read = /etc/alt\n", "deny.read = /etc/alt\n  deny.read = /usr/bin/dash\n",
		     "text:4: note: '/etc/alt' leads to '/usr/bin/dash': the rule also applies there\n");
}

static void dots_in_targets_are_taken_from_where_links_lead(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = /bin/far\n", "deny.read = /bin/far\n  deny.read = /usr/bin/dash\n",
		     "text:4: note: '/bin/far' leads to '/usr/bin/dash': the rule also applies there\n");
}

static void write_rule_covers_the_links_own_name_too(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.write = /bin/sh\n",
		     "deny.write = /bin/sh\n  deny.write = /usr/bin/dash\n  deny.write = /usr/bin/sh\n",
		     "text:4: note: '/bin/sh' leads to '/usr/bin/dash': the rule also applies there\n"
		     "text:4: note: '/bin/sh' leads to '/usr/bin/sh': the rule also applies there\n");
}

static void wildcards_end_the_fixed_part(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /bin/s*\ndeny = /bin/**\ndeny = /bin/[ab]/sh\n",
		     "deny = /bin/s*\n  deny = /usr/bin/s*\ndeny = /bin/**\n  deny = /usr/bin/**\n"
		     "deny = /bin/[ab]/sh\n  deny = /usr/bin/[ab]/sh\n",
		     "text:4: note: '/bin' leads to '/usr/bin': the rule also applies there\n"
		     "text:5: note: '/bin' leads to '/usr/bin': the rule also applies there\n"
		     "text:6: note: '/bin' leads to '/usr/bin': the rule also applies there\n");
}

static void closing_slash_is_kept(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /bin/\n", "deny = /bin/\n  deny = /usr/bin/\n",
		     "text:4: note: '/bin' leads to '/usr/bin': the rule also applies there\n");
}

static void braces_are_expanded_before(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /{bin,etc,gone}/x*\n", "deny = /{bin,etc,gone}/x*\n  deny = /usr/bin/x*\n",
		     "text:4: note: '/bin' leads to '/usr/bin': the rule also applies there\n");
}

static void missing_end_still_has_an_alias(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = /bin/gone/x\ndeny.read = /etc/dangling\n",
		     "deny.read = /bin/gone/x\n  deny.read = /usr/bin/gone/x\ndeny.read = /etc/dangling\n"
		     "  deny.read = /usr/gone/x\n",
		     "text:4: note: '/bin/gone/x' leads to '/usr/bin/gone/x': the rule also applies there\n"
		     "text:5: note: '/etc/dangling' leads to '/usr/gone/x': the rule also applies there\n");
}

static void wildcard_bytes_of_a_target_are_quoted(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /etc/odd\\x20name/*\n",
		     "deny = /etc/odd\\x20name/*\n  deny = /usr/a\\*b/*\n",
		     "text:4: note: '/etc/odd name' leads to '/usr/a*b': the rule also applies there\n");
}

static void link_to_the_root_never_becomes_everything(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = /etc/me\ndeny.read = /etc/me/x*\n",
		     "deny.read = /etc/me\ndeny.read = /etc/me/x*\n  deny.read = /x*\n",
		     "text:5: note: '/etc/me' leads to '/': the rule also applies there\n");
}

static void circle_of_links_ends(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /usr/bin/loop\ndeny = /usr/bin/loop/x\n",
		     "deny = /usr/bin/loop\ndeny = /usr/bin/loop/x\n", "");
}

static void unix_sockets_are_followed_and_foreign_names_not(void **state)
{
	(void)state;
	expect_rules(
		VERSION "[connect]\ndeny = unix:/bin/s\ndeny = foreign:/bin/s\ndeny = unix:@/bin/s\n",
		"deny = unix:/bin/s\n  deny = unix:/usr/bin/s\ndeny = foreign:/bin/s\ndeny = unix:@/bin/s\n",
		"text:4: note: '/bin/s' leads to '/usr/bin/s': the rule also applies there\n");
}

static void alias_that_the_policy_says_itself_is_left_out(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = /bin/dash\ndeny.read = /usr/bin/dash\n",
		     "deny.read = /bin/dash\ndeny.read = /usr/bin/dash\n",
		     "text:4: note: '/bin/dash' leads to '/usr/bin/dash': the rule also applies there\n");
}

static void note_of_a_listed_object_stands_at_the_object(void **state)
{
	(void)state;
	expect_rules(OPEN "deny.read = $a\n[list a]\nitem = /bin/dash\n",
		     "deny.read = /bin/dash\n  deny.read = /usr/bin/dash\n",
		     "text:6: note: '/bin/dash' leads to '/usr/bin/dash': the rule also applies there\n");
}

static void link_that_others_can_change_is_a_warning_without_alias(void **state)
{
	(void)state;
	expect_rules(
		OPEN "deny = /home/u/link/sh\ndeny = /home/u/sub/link/sh\ndeny = /tmp/theirs\n",
		"deny = /home/u/link/sh\ndeny = /home/u/sub/link/sh\ndeny = /tmp/theirs\n",
		"text:4: warning: '/home/u/link' is a link that others than root can change: the rule does not apply where "
		"it leads\n"
		"text:5: warning: '/home/u/sub/link' is a link that others than root can change: the rule does not apply "
		"where it leads\n"
		"text:6: warning: '/tmp/theirs' is a link that others than root can change: the rule does not apply where "
		"it leads\n");
}

static void link_of_root_in_a_sticky_directory_is_followed(void **state)
{
	(void)state;
	expect_rules(OPEN "deny = /tmp/ours/*\n", "deny = /tmp/ours/*\n  deny = /usr/bin/*\n",
		     "text:4: note: '/tmp/ours' leads to '/usr/bin': the rule also applies there\n");
}

static void magic_links_are_never_followed(void **state)
{
	static const char text[] = OPEN "deny = /proc/self/mem\n";
	static const struct policy_options options = {};
	struct result result = {};

	(void)state;
	result.r = policy_parse("text", text, strlen(text), &options, &result.d, &result.policy);
	assert_string_equal(
		diags_text(&result.d),
		"text:4: warning: '/proc/self' is another link for each process: no file has a name through it; "
		"write /proc/*/ and the rest\n");
	assert_string_equal(rules_text(result.policy), "deny = /proc/self/mem\n");
	result_done(&result);
}

static void allow_of_a_literal_path_that_is_not_there_is_a_warning(void **state)
{
	(void)state;
	expect_rules(
		OPEN "allow = /usr/gone\nallow = /bin/dash/x\nallow = /usr/gone/*\ndeny = /usr/gone/y\n"
		     "allow.read = /usr/bin/dash\n",
		"allow = /usr/gone\nallow = /bin/dash/x\n  allow = /usr/bin/dash/x\nallow = /usr/gone/*\n"
		"deny = /usr/gone/y\nallow.read = /usr/bin/dash\n",
		"text:4: warning: allow of '/usr/gone', which is not there\n"
		"text:5: warning: allow of '/bin/dash/x', which is not there\n"
		"text:5: note: '/bin/dash/x' leads to '/usr/bin/dash/x': the rule also applies there\n");
}

static void expectations_are_resolved_alike(void **state)
{
	struct result result =
		check_tree(VERSION "[expect]\nallow = exec /bin/sh\nallow = exec /usr/bin/dash\n"
				   "allow = connect unix:/bin/s\\*\n");

	(void)state;
	assert_string_equal(result.text, "");
	assert_string_equal(result.policy->expectations[0].object.glob, "/usr/bin/dash");
	assert_string_equal(result.policy->expectations[1].object.glob, "/usr/bin/dash");
	assert_string_equal(result.policy->expectations[2].object.glob, "/usr/bin/s\\*");
	result_done(&result);
}

static void nothing_is_looked_at_offline(void **state)
{
	struct result result =
		assert_taken(OPEN "deny = /bin/sh\nallow = /no/such/file\ndeny = /proc/self/mem\n");

	(void)state;
	assert_int_equal(result.policy->rule_count, 3);
	result_done(&result);
}

/* ---- Mounts ---- */

/* A name's mount and canonical name by a mountinfo text. */
static void expect_canonical(const char *mountinfo, const char *name, const char *expected)
{
	struct mounts mounts;
	const struct mount *mount;
	char prefix[256];
	char *canonical;

	assert_int_equal(mounts_parse(mountinfo, &mounts), 0);
	mount = mounts_top(&mounts);
	assert_non_null(mount);
	for (size_t i = 1; i <= strlen(name); i++) {
		if (name[i] != '/' && name[i] != '\0')
			continue;
		(void)snprintf(prefix, sizeof(prefix), "%.*s", (int)i, name);
		mount = mounts_enter(&mounts, mount, prefix);
	}
	canonical = mounts_canonical(&mounts, mount, name);
	assert_string_equal(canonical, expected);
	free(canonical);
	mounts_done(&mounts);
}

#define ROOT "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
#define TMPFS "21 20 0:30 / /tmp rw - tmpfs tmpfs rw\n"

static void name_on_a_single_mount_is_canonical(void **state)
{
	(void)state;
	expect_canonical(ROOT TMPFS, "/etc/shadow", "/etc/shadow");
	expect_canonical(ROOT TMPFS, "/tmp/x", "/tmp/x");
	expect_canonical(ROOT TMPFS, "/tmp", "/tmp");
	expect_canonical(ROOT TMPFS, "/", "/");
}

static void bind_mount_further_down_renames_nothing(void **state)
{
	(void)state;
	expect_canonical(ROOT "22 20 8:1 /var/www /srv/www rw - ext4 /dev/sda1 rw\n", "/var/www/a/b",
			 "/var/www/a/b");
	expect_canonical(ROOT "22 20 8:1 /var/www /srv/www rw - ext4 /dev/sda1 rw\n", "/srv/www", "/var/www");
	expect_canonical(ROOT "22 20 8:1 /var/www /srv/www rw - ext4 /dev/sda1 rw\n", "/srv/www/a",
			 "/var/www/a");
	expect_canonical(ROOT "22 20 8:1 /etc/a /etc/b rw - ext4 /dev/sda1 rw\n", "/etc/b", "/etc/a");
}

static void instances_of_kernel_file_systems_are_named_as_the_host_s(void **state)
{
	const char *mountinfo =
		ROOT "22 20 0:22 / /proc rw - proc proc rw\n23 20 0:40 / /a/jail/proc rw - proc p rw\n"
		     "24 20 0:41 /sys /a/jail/sys rw - proc p rw\n25 20 0:42 / /a/tmp rw - tmpfs t rw\n";

	(void)state;
	expect_canonical(mountinfo, "/a/jail/proc/sys/kernel", "/proc/sys/kernel");
	expect_canonical(mountinfo, "/a/jail/sys/kernel", "/proc/sys/kernel");
	expect_canonical(mountinfo, "/proc/sys", "/proc/sys");
	expect_canonical(mountinfo, "/a/tmp/x", "/a/tmp/x");
}

static void longest_root_names_among_mounts_equally_near(void **state)
{
	(void)state;
	expect_canonical(ROOT "22 20 0:31 / /full rw - ext4 x rw\n23 20 0:31 /os/var /var rw - ext4 x rw\n",
			 "/full/os/var/log", "/var/log");
	expect_canonical(ROOT "22 20 0:31 / /full rw - ext4 x rw\n23 20 0:31 /os/var /var rw - ext4 x rw\n",
			 "/full/os/variant", "/full/os/variant");
}

static void second_mount_of_a_whole_file_system_is_named_by_the_nearest(void **state)
{
	(void)state;
	expect_canonical(ROOT
			 "22 20 0:31 / /mnt/deep/er rw - tmpfs x rw\n23 20 0:31 / /mnt/b rw - tmpfs x rw\n",
			 "/mnt/deep/er/x", "/mnt/b/x");
	expect_canonical(ROOT "22 20 0:31 / /mnt/a rw - tmpfs x rw\n23 20 0:31 / /mnt/b rw - tmpfs x rw\n",
			 "/mnt/b/x", "/mnt/a/x");
	expect_canonical(ROOT "22 20 8:1 / /mnt/root rw - ext4 x rw\n", "/mnt/root/etc/x", "/etc/x");
}

static void mount_on_a_mount_hides_it(void **state)
{
	(void)state;
	expect_canonical(ROOT TMPFS "25 21 0:32 /d /tmp rw - tmpfs x rw\n26 20 0:32 / /w rw - tmpfs x rw\n",
			 "/tmp/x", "/tmp/x");
	expect_canonical(ROOT "22 20 0:31 / /a/b rw - tmpfs x rw\n23 20 0:32 / /a rw - tmpfs y rw\n",
			 "/a/b/x", "/a/b/x");
}

static void quoted_and_odd_lines_of_mountinfo_are_understood(void **state)
{
	(void)state;
	expect_canonical(
		ROOT
		"nonsense\n23 20 0:4 net:[4026531840] /run/ns rw - nsfs nsfs rw\n"
		"24 20 8:1 /gone//deleted /x rw - ext4 x rw\n22 20 8:1 /a\\040b /c\\134d rw - ext4 x rw\n",
		"/c\\d/x", "/a b/x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_without_link_has_no_alias),
		cmocka_unit_test(link_in_the_way_gives_an_alias_with_a_note),
		cmocka_unit_test(alias_is_the_rule_in_all_but_its_name),
		cmocka_unit_test(last_name_is_followed_too),
		cmocka_unit_test(dots_in_targets_are_taken_from_where_links_lead),
		cmocka_unit_test(write_rule_covers_the_links_own_name_too),
		cmocka_unit_test(wildcards_end_the_fixed_part),
		cmocka_unit_test(closing_slash_is_kept),
		cmocka_unit_test(braces_are_expanded_before),
		cmocka_unit_test(missing_end_still_has_an_alias),
		cmocka_unit_test(wildcard_bytes_of_a_target_are_quoted),
		cmocka_unit_test(link_to_the_root_never_becomes_everything),
		cmocka_unit_test(circle_of_links_ends),
		cmocka_unit_test(unix_sockets_are_followed_and_foreign_names_not),
		cmocka_unit_test(alias_that_the_policy_says_itself_is_left_out),
		cmocka_unit_test(note_of_a_listed_object_stands_at_the_object),
		cmocka_unit_test(link_that_others_can_change_is_a_warning_without_alias),
		cmocka_unit_test(link_of_root_in_a_sticky_directory_is_followed),
		cmocka_unit_test(magic_links_are_never_followed),
		cmocka_unit_test(allow_of_a_literal_path_that_is_not_there_is_a_warning),
		cmocka_unit_test(expectations_are_resolved_alike),
		cmocka_unit_test(nothing_is_looked_at_offline),
		cmocka_unit_test(name_on_a_single_mount_is_canonical),
		cmocka_unit_test(bind_mount_further_down_renames_nothing),
		cmocka_unit_test(instances_of_kernel_file_systems_are_named_as_the_host_s),
		cmocka_unit_test(longest_root_names_among_mounts_equally_near),
		cmocka_unit_test(second_mount_of_a_whole_file_system_is_named_by_the_nearest),
		cmocka_unit_test(mount_on_a_mount_hides_it),
		cmocka_unit_test(quoted_and_odd_lines_of_mountinfo_are_understood),
	};

	/* A tree of somebody else has no link that is trusted. */
	if (geteuid() != 0) {
		print_message("test_links: SKIPPED, needs root to make files of root and of others\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
