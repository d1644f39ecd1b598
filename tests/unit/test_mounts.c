/* SPDX-License-Identifier: GPL-2.0-only */
/* test_mounts.c - the canonical name of a file on several mounts, from the text of mountinfo. */
#include "mounts.h"
#include "policy_text.h"

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

static void file_systems_that_take_any_case_are_told(void **state)
{
	static const char text[] = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
				   "2 1 8:2 / /boot/efi rw shared:1 - vfat /dev/sda2 rw\n"
				   "3 1 8:3 / /media rw - vfatx /dev/sda3 rw\n4 1 8:4 / /mnt rw\n";
	struct mounts mounts;

	(void)state;
	assert_int_equal(mounts_parse(text, &mounts), 0);
	assert_int_equal(mounts.count, 4);
	for (size_t i = 0; i < mounts.count; i++)
		assert_int_equal(mount_is_folding(&mounts.list[i]), i == 1);
	mounts_done(&mounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_on_a_single_mount_is_canonical),
		cmocka_unit_test(bind_mount_further_down_renames_nothing),
		cmocka_unit_test(instances_of_kernel_file_systems_are_named_as_the_host_s),
		cmocka_unit_test(longest_root_names_among_mounts_equally_near),
		cmocka_unit_test(second_mount_of_a_whole_file_system_is_named_by_the_nearest),
		cmocka_unit_test(mount_on_a_mount_hides_it),
		cmocka_unit_test(quoted_and_odd_lines_of_mountinfo_are_understood),
		cmocka_unit_test(file_systems_that_take_any_case_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
