/* SPDX-License-Identifier: GPL-2.0-only */
/* test_listener.c - what is listened on is reached from this host only, and replaces nothing but a stale socket. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "listener.h"

static void addresses_of_this_host_are_taken(void **state)
{
	static const char *const texts[] = { "127.0.0.1:1", "127.255.0.3:65535", "[::1]:9477",
					     "unix:/run/x.sock" };
	static const sa_family_t families[] = { AF_INET, AF_INET, AF_INET6, AF_UNIX };
	struct listener_address address;
	char why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(listener_parse(texts[i], &address, why, sizeof(why)), 0);
		assert_int_equal(address.address.ss_family, families[i]);
	}
}

static void all_others_are_refused_with_the_reason(void **state)
{
	static const char *const rows[][2] = {
		{ "0.0.0.0:9477", "open to the network" },
		{ "[::]:9477", "open to the network" },
		{ "10.0.0.1:9477", "open to the network" },
		{ "126.255.255.255:1", "open to the network" },
		{ "128.0.0.1:1", "open to the network" },
		{ "[2001:db8::1]:80", "open to the network" },
		{ "localhost:9477", "no address and port" },
		{ "9477", "no address and port" },
		{ ":9477", "no address and port" },
		{ "127.0.0.1", "no address and port" },
		{ "127.0.0.1:", "no address and port" },
		{ "127.0.0.1:0", "no address and port" },
		{ "127.0.0.1:65536", "no address and port" },
		{ "127.0.0.1:+1", "no address and port" },
		{ "127.0.0.1:80x", "no address and port" },
		{ "::1:9477", "no address and port" },
		{ "[::1]9477", "no address and port" },
		{ "[127.0.0.1:80", "no address and port" },
		{ "[:", "no address and port" },
		{ "[]:1", "no address and port" },
		{ "unix:", "no address and port" },
		{ "unix:run/x", "no address and port" },
		{ "unix:@x", "no address and port" },
		{ "unix:/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
		  "0123456789",
		  "too long" },
	};
	struct listener_address address = { .length = 77 };
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why[0] = '\0';
		assert_int_equal(listener_parse(rows[i][0], &address, why, sizeof(why)), -EINVAL);
		assert_non_null(strstr(why, rows[i][0]));
		assert_non_null(strstr(why, rows[i][1]));
	}
	assert_int_equal(address.length, 77);
}

static void only_a_socket_is_replaced(void **state)
{
	char folder[] = "/tmp/portcullis-listener.XXXXXX", path[64];
	struct listener_address address;
	struct stat st;
	int fd = -1, second = -1;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(listener_parse_path(path, &address), 0);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(listener_open(&address, SOCK_STREAM, (gid_t)-1, &second), -EEXIST);
	assert_int_equal(second, -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(listener_open(&address, SOCK_STREAM, (gid_t)-1, &fd), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(listener_open(&address, SOCK_STREAM, getgid(), &second), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	(void)close(fd);
	(void)close(second);
	(void)unlink(path);
	(void)rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_this_host_are_taken),
		cmocka_unit_test(all_others_are_refused_with_the_reason),
		cmocka_unit_test(only_a_socket_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
