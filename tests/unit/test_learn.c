/* SPDX-License-Identifier: GPL-2.0-only */
/* test_learn.c - what of a name is of the moment, and which names become one glob. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learn/component.h"
#include "learn/merge.h"
#include "ownership.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL (MERGE_SHAPES | MERGE_NUMBERS | MERGE_LIBRARIES | MERGE_ENDINGS | MERGE_SIBLINGS)

/* ---- Names alone ---- */

struct shape {
	const char *name;
	const char *glob; /* NULL: it stays */
};

static void check_shapes(const struct shape *shapes, size_t count, bool is_temporary)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_free_ char *glob = NULL;
		int r = component_shape(shapes[i].name, strlen(shapes[i].name), is_temporary, &glob);

		assert_int_equal(r, shapes[i].glob ? 1 : 0);
		if (shapes[i].glob)
			assert_string_equal(glob, shapes[i].glob);
	}
}

static void what_is_of_the_moment_becomes_a_glob(void **state)
{
	static const struct shape shapes[] = {
		{ "4711", "[0-9]*" },
		{ "0", "[0-9]*" },
		{ "2026-11-21", "[0-9]*" },
		{ "1.2.3", "[0-9]*" },
		{ "6.1.0-18-amd64", "[0-9]*" },
		{ "v1.22.0", "v[0-9]*" },
		{ "d41d8cd98f00b204e9800998ecf8427e", "[0-9a-f]*" },
		{ "D41D8CD98F00", "[0-9A-F]*" },
		{ "blob-d41d8cd98f00.bin", "blob-[0-9a-f]*.bin" },
		{ "dump-20261121.sql", "dump-[0-9]*.sql" },
		{ "550e8400-e29b-41d4-a716-446655440000.json", "????????"
							       "-????"
							       "-????"
							       "-????"
							       "-????????????.json" },
		{ "sess_k3v8q2m9x7c1b5n0d4f6g8h2", "sess_????????????????????????" },
		{ "token-aB3dE9fGh1Jk2LmN", "token-????????????????" },
		{ "systemd-private-0123456789abcdef0123456789abcdef-x.service-AbC123",
		  "systemd-private-[0-9a-f]*-x.service-AbC123" },
		{ "index.tmp", "*.tmp" },
		{ ".index.html.Xy7Zq2", ".index.html.??????" },
		{ "tmp.aB3dE9fGh1", "tmp.??????????" },
	};

	(void)state;
	check_shapes(shapes, COUNT(shapes), false);
}

static void words_that_people_choose_stay(void **state)
{
	static const struct shape shapes[] = {
		{ "passwd", NULL },
		{ "x86_64-linux-gnu", NULL },
		{ "libc.so.6", NULL },
		{ "libX11.so.6", NULL },
		{ "libQt5DBus.so.5", NULL },
		{ "libKF5CoreAddons.so.5", NULL },
		{ "base64", NULL },
		{ "sha256sums", NULL },
		{ "python3.11", NULL },
		{ "00-default.conf", NULL },
		{ "1.conf", NULL },
		{ "7z", NULL },
		{ "defaced", NULL },
		{ "deadbeef", NULL },
		{ "NetworkManager", NULL },
		{ "id_ed25519", NULL },
		{ "tty1", NULL },
		{ "", NULL },
		{ "version", NULL },
		{ ".bashrc", NULL },
		{ ".tmp", NULL },
		{ "550e8400-e29b-41d4-a716-44665544000g", "[0-9a-f]*-e29b-41d4-a716-44665544000g" },
	};

	(void)state;
	check_shapes(shapes, COUNT(shapes), false);
}

static void what_mkstemp_adds_is_left_out(void **state)
{
	static const struct shape shapes[] = {
		{ "ccodoKGy.o", "cc??????.o" },
		{ "cchp9Pmv.cdtor.o", "cc??????.cdtor.o" },
		{ "sh-thd.Ab3dE9", "sh-thd.??????" },
		{ "a*bcD3fg", "a\\*??????" },
		{ "name-server", NULL },
		{ "agent.123456", NULL },
		{ "a1b2c", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++) {
		_cleanup_free_ char *glob = NULL;
		int r = component_mkstemp(shapes[i].name, strlen(shapes[i].name), &glob);

		assert_int_equal(r, shapes[i].glob ? 1 : 0);
		if (shapes[i].glob)
			assert_string_equal(glob, shapes[i].glob);
	}
}

static void shorter_random_words_are_known_below_temporary_folders(void **state)
{
	static const struct shape shapes[] = {
		{ "AbC123", "??????" },
		{ "ccYz81Qe.s", "????????.s" },
		{ "ssh-hTb7kUmusSea", "ssh-????????????" },
		{ "ssh-mTbKsUmusS", "ssh-??????????" },
		{ "ssh-mnBbmusK5s", "ssh-??????????" },
		{ "notes", NULL },
		{ "Readme", NULL },
		{ "PostgreSQL", NULL },
		{ "NetworkManager2", NULL },
	};

	(void)state;
	check_shapes(shapes, COUNT(shapes), true);
}

static void a_quoted_name_has_no_meaning_left(void **state)
{
	static const char name[] = "a b\n*?[x]{y,z};\\\x1b\xff\xc3\xa4$=#";
	_cleanup_free_ char *glob = NULL;

	(void)state;
	assert_int_equal(component_quote(name, sizeof(name) - 1, &glob), 1);
	assert_string_equal(glob, "a\\x20b\\x0a\\*\\?\\[x\\]\\{y\\,z\\}\\;\\\\\\x1b\\xff\xc3\xa4$=#");
}

/* ---- Names together ---- */

/* No glob that holds this text may be. */
static const char *forbidden;
/* "/a/" …: the directory of the last question. */
static char asked_directory[64];

static int may(const char *glob, const char *directory, void *userdata)
{
	(void)userdata;
	(void)snprintf(asked_directory, sizeof(asked_directory), "%s", directory ? directory : "");
	return !(forbidden && strstr(glob, forbidden));
}

/* "/a/b(1) /c/d(2)": the globs, each with how many names it stands for. */
static const char *merge(const char *const *names, size_t count, unsigned int methods, bool is_abstract)
{
	const struct merge_options options = { .methods = methods, .is_abstract = is_abstract, .may = may };
	struct merge_name list[64];
	static char text[2048];
	struct merged *merged;
	size_t merged_count;
	char *end = text;

	for (size_t i = 0; i < count; i++)
		list[i] = (struct merge_name){ names[i], strlen(names[i]) };
	assert_int_equal(merge_names(list, count, &options, &merged, &merged_count), 0);
	*text = '\0';
	for (size_t i = 0; i < merged_count; i++)
		end += sprintf(end, "%s%s(%zu)", i ? " " : "", merged[i].glob, merged[i].count);
	merged_free(merged, merged_count);
	return text;
}

/* The format with each of the letters a, b, … in it. */
static const char *merge_letters(const char *format, size_t count, unsigned int methods)
{
	char names[32][64];
	const char *list[32];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(names[i], sizeof(names[i]), format, (int)('a' + i));
		list[i] = names[i];
	}
	return merge(list, count, methods, false);
}

#define assert_merged(expected, ...)                                                   \
	do {                                                                           \
		const char *const names[] = { __VA_ARGS__ };                           \
		assert_string_equal(merge(names, COUNT(names), ALL, false), expected); \
	} while (0)

static void names_that_differ_in_numbers_become_one(void **state)
{
	(void)state;
	assert_merged("/dev/x/tty[0-9]*(2)", "/dev/x/tty1", "/dev/x/tty22");
	assert_merged("/dev/x/tty1(1)", "/dev/x/tty1");
	assert_merged("/d/e/a1(1) /d/f/a2(1)", "/d/e/a1", "/d/f/a2");
	assert_merged("/proc/[0-9]*/stat(2)", "/proc/17/stat", "/proc/1/stat");
	assert_merged("/db/base/[0-9]*/a[0-9]*_fsm(2) /db/base/[0-9]*/b[0-9]*(2)", "/db/base/5/b100",
		      "/db/base/5/b101", "/db/base/5/a100_fsm", "/db/base/7/a101_fsm");
}

static void siblings_become_one_from_eight_on(void **state)
{
	(void)state;
	assert_string_equal(merge_letters("/srv/x/n%c", 8, ALL), "/srv/x/*(8)");
	assert_string_equal(asked_directory, "/srv/x/");
	assert_non_null(strstr(merge_letters("/srv/x/n%c", 7, ALL), "/srv/x/ng(1)"));
	assert_string_equal(merge_letters("/srv/x/%c.html", 8, ALL), "/srv/x/*.html(8)");
	assert_string_equal(merge_letters("/srv/x/p%c/index", 8, ALL), "/srv/x/*/index(8)");
	assert_string_equal(asked_directory, "/srv/x/");
	assert_string_equal(merge_letters("/usr/lib/lib%c.so.6", 8, MERGE_LIBRARIES), "/usr/lib/*.so.*(8)");
	assert_non_null(strstr(merge_letters("/usr/bin/n%c", 26, MERGE_LIBRARIES), "/usr/bin/nz(1)"));
}

static void what_a_glob_covers_anyway_is_its_own(void **state)
{
	(void)state;
	assert_merged("/tmp/*.s(9)", "/tmp/a.s", "/tmp/b.s", "/tmp/c.s", "/tmp/d.s", "/tmp/e.s", "/tmp/f.s",
		      "/tmp/g.s", "/tmp/h.s", "/tmp/ccYz81Qe.s");
	assert_merged("/tmp/*.s(8) /tmp/????????.o(1)", "/tmp/a.s", "/tmp/b.s", "/tmp/c.s", "/tmp/d.s",
		      "/tmp/e.s", "/tmp/f.s", "/tmp/g.s", "/tmp/h.s", "/tmp/ccYz81Qe.o");
}

static void what_lies_below_the_top_stays(void **state)
{
	(void)state;
	assert_non_null(strstr(merge_letters("/n%c", 20, ALL), "/nt(1)"));
	assert_non_null(strstr(merge_letters("/etc/n%c", 20, ALL), "/etc/nt(1)"));
	assert_non_null(strstr(merge_letters("/home/n%c/x", 20, ALL), "/home/nt/x(1)"));
	assert_merged("/home/1/x(1) /home/2/x(1)", "/home/1/x", "/home/2/x");
	assert_merged("/run/user/1000/bus(1) /run/user/1001/bus(1)", "/run/user/1000/bus", "/run/user/1001/bus");
	assert_merged("/17(1) /18(1)", "/17", "/18");
	assert_string_equal(merge_letters("/tmp/n%c", 20, ALL), "/tmp/*(20)");
}

static void what_may_not_be_is_not(void **state)
{
	(void)state;
	forbidden = "/*";
	assert_string_equal(merge_letters("/srv/x/n%c", 8, ALL), "/srv/x/[!.]*(8)");
	assert_non_null(strstr(merge_letters("/srv/x/.n%c", 8, ALL), "/srv/x/.nh(1)"));
	forbidden = "[";
	assert_merged("/proc/1/stat(1) /proc/17/stat(1)", "/proc/17/stat", "/proc/1/stat");
	forbidden = NULL;
}

static void abstract_names_are_merged_by_shape_alone(void **state)
{
	static const char *const names[] = { "x/0123456789ab", "x/1123456789ab", "plain",
					     "/tmp/.X11-unix/X0" };

	(void)state;
	assert_string_equal(merge(names, COUNT(names), MERGE_SHAPES, true),
			    "/tmp/.X11-unix/X0(1) plain(1) x/[0-9a-f]*(2)");
}

static void the_order_of_the_names_changes_nothing(void **state)
{
	static const char *const names[] = { "/a/b/c1", "/a/b/c2", "/x/y", "/a/b/d" };
	const char *const backwards[] = { names[3], names[2], names[1], names[0] };
	_cleanup_free_ char *first = strdup(merge(names, COUNT(names), ALL, false));

	(void)state;
	assert_string_equal(merge(backwards, COUNT(names), ALL, false), first);
	assert_string_equal(first, "/a/b/c[0-9]*(2) /a/b/d(1) /x/y(1)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_of_the_moment_becomes_a_glob),
		cmocka_unit_test(words_that_people_choose_stay),
		cmocka_unit_test(shorter_random_words_are_known_below_temporary_folders),
		cmocka_unit_test(what_mkstemp_adds_is_left_out),
		cmocka_unit_test(a_quoted_name_has_no_meaning_left),
		cmocka_unit_test(names_that_differ_in_numbers_become_one),
		cmocka_unit_test(siblings_become_one_from_eight_on),
		cmocka_unit_test(what_a_glob_covers_anyway_is_its_own),
		cmocka_unit_test(what_lies_below_the_top_stays),
		cmocka_unit_test(what_may_not_be_is_not),
		cmocka_unit_test(abstract_names_are_merged_by_shape_alone),
		cmocka_unit_test(the_order_of_the_names_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
