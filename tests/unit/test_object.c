/* SPDX-License-Identifier: GPL-2.0-only */
/* test_object.c - objects of rules: paths, special objects, addresses, unix names, families, words of [system]. */
#include <arpa/inet.h>
#include <errno.h>

#include "object.h"
#include "policy_text.h"
#include "ports.h"

static const struct loc here = { .file = "text", .line = 7 };

static struct objects assert_object(const char *text, enum pc_section_id section)
{
	struct objects objects = {};
	struct diags d = {};

	assert_int_equal(object_parse(text, section, &d, &here, &objects), 0);
	assert_string_equal(diags_text(&d), "");
	diags_done(&d);
	return objects;
}

static void assert_no_object(const char *text, enum pc_section_id section, const char *error)
{
	struct objects objects = {};
	struct diags d = {};
	char expected[512];

	(void)snprintf(expected, sizeof(expected), "text:7: error: %s\n", error);
	assert_int_equal(object_parse(text, section, &d, &here, &objects), -EINVAL);
	assert_string_equal(diags_text(&d), expected);
	assert_int_equal(objects.count, 0);
	diags_done(&d);
}

static void assert_glob(const char *text, enum pc_section_id section, enum pc_kind kind, const char *glob)
{
	struct objects objects = assert_object(text, section);

	assert_int_equal(objects.count, 1);
	assert_int_equal(objects.list[0].kind, kind);
	if (glob)
		assert_string_equal(objects.list[0].glob, glob);
	else
		assert_null(objects.list[0].glob);
	objects_done(&objects);
}

/* "10.0.0.0/8 80-90,443 6": what an address object came to, without ports and protocol where it has none. */
static void assert_address(const char *text, const char *expected)
{
	struct objects objects = assert_object(text, PC_CONNECT);
	const struct object *object = &objects.list[0];
	char address[INET6_ADDRSTRLEN], found[512];
	size_t used;

	assert_int_equal(objects.count, 1);
	assert_non_null(inet_ntop(object->kind == PC_KIND_IP4 ? AF_INET : AF_INET6, object->address, address,
				  sizeof(address)));
	used = (size_t)snprintf(found, sizeof(found), "%s/%u", address, object->prefix);
	for (size_t i = 0; i < object->port_count; i++)
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%c%u-%u", i ? ',' : ' ',
					 object->ports[i].first, object->ports[i].last);
	if (object->protocol >= 0)
		(void)snprintf(found + used, sizeof(found) - used, " %d", object->protocol);
	assert_string_equal(found, expected);
	objects_done(&objects);
}

static void path_is_an_object_of_exec_and_open(void **state)
{
	(void)state;
	assert_glob("/tmp/**", PC_EXEC, PC_KIND_PATH, "/tmp/**");
	assert_glob("/etc/{a,b}", PC_OPEN, PC_KIND_PATH, "/etc/{a,b}");
}

static void special_objects_stand_in_every_section_of_names(void **state)
{
	(void)state;
	for (int section = 0; section <= PC_CONNECT; section++) {
		assert_glob("anon:", section, PC_KIND_ANON, NULL);
		assert_glob("userns:", section, PC_KIND_USERNS, NULL);
		assert_glob("unresolved:", section, PC_KIND_UNRESOLVED, NULL);
		assert_glob("foreign:/lib/**", section, PC_KIND_FOREIGN, "/lib/**");
	}
}

static void jit_is_for_exec_alone(void **state)
{
	(void)state;
	assert_glob("jit:", PC_EXEC, PC_KIND_JIT, NULL);
	assert_no_object("jit:", PC_OPEN, "jit: is no object of [open], only of [exec]");
	assert_no_object("jit:", PC_CONNECT, "jit: is no object of [connect], only of [exec]");
}

static void special_objects_take_no_argument(void **state)
{
	(void)state;
	assert_no_object("anon:/x", PC_EXEC, "'/x' is too much; anon: stands alone");
	assert_no_object("userns:/**", PC_OPEN, "'/**' is too much; userns: stands alone");
}

static void foreign_needs_a_path(void **state)
{
	(void)state;
	assert_no_object("foreign:", PC_EXEC, "foreign: needs a name, as in foreign:/**");
	assert_no_object("foreign:**", PC_EXEC, "pattern '**': does not begin with '/'");
}

static void bad_patterns_are_refused_while_parsing(void **state)
{
	(void)state;
	assert_no_object("/a//b", PC_OPEN, "pattern '/a//b': has an empty name ('//')");
	assert_no_object("unix:run/x", PC_CONNECT, "pattern 'run/x': does not begin with '/'");
}

static void words_without_slash_are_no_path(void **state)
{
	(void)state;
	assert_no_object("etc/shadow", PC_OPEN,
			 "'etc/shadow' is no object of [open]; a path begins with '/'");
	assert_no_object("anon", PC_EXEC, "'anon' is no object of [exec]; did you mean 'anon:'?");
	assert_no_object("unix:/run/x", PC_OPEN, "unix: is no object of [open], only of [connect]");
}

static void path_alone_is_no_object_of_connect(void **state)
{
	(void)state;
	assert_no_object("/run/x", PC_CONNECT,
			 "'/run/x' is no object of [connect]; a unix socket is written unix:/run/x");
}

static void unix_names_are_paths_or_abstract(void **state)
{
	(void)state;
	assert_glob("unix:/run/php/*.sock", PC_CONNECT, PC_KIND_UNIX_PATH, "/run/php/*.sock");
	assert_glob("unix:@app-*", PC_CONNECT, PC_KIND_UNIX_ABSTRACT, "app-*");
	assert_glob("unix:@**", PC_CONNECT, PC_KIND_UNIX_ABSTRACT, "**");
}

static void unix_double_star_is_every_named_socket(void **state)
{
	(void)state;
	assert_glob("unix:**", PC_CONNECT, PC_KIND_UNIX_PATH, "/");
}

static void families_are_named(void **state)
{
	struct objects objects = assert_object("family:vsock", PC_CONNECT);

	(void)state;
	assert_int_equal(objects.list[0].kind, PC_KIND_FAMILY);
	assert_int_equal(objects.list[0].byte, 40);
	objects_done(&objects);
	assert_no_object("family:vsok", PC_CONNECT, "unknown address family 'vsok'; did you mean 'vsock'?");
	assert_no_object("family:inet", PC_CONNECT, "family:inet is never asked for; write 0.0.0.0/0");
}

static void words_are_the_objects_of_system(void **state)
{
	static const char *const words[] = {
		[PC_SYSTEM_USERNS] = "userns", [PC_SYSTEM_MOUNT] = "mount",   [PC_SYSTEM_BPF] = "bpf",
		[PC_SYSTEM_MODULE] = "module", [PC_SYSTEM_PTRACE] = "ptrace", [PC_SYSTEM_KEXEC] = "kexec",
	};

	(void)state;
	for (size_t i = 1; i < PC_SYSTEM_OBJECTS; i++) {
		struct objects objects = assert_object(words[i], PC_SYSTEM);

		assert_int_equal(objects.count, 1);
		assert_int_equal(objects.list[0].kind, PC_KIND_SYSTEM);
		assert_int_equal(objects.list[0].byte, i);
		assert_null(objects.list[0].glob);
		objects_done(&objects);
	}
}

static void other_words_are_no_objects_of_system(void **state)
{
	static const char known[] = "; known: userns, mount, bpf, module, ptrace, kexec";
	static const char *const wrong[] = { "", "/etc/shadow", "10.0.0.1", "anon:", "unresolved:", "*", "mount /mnt", "reboot" };
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(error, sizeof(error), "'%s' is no object of [system]%s", wrong[i], known);
		assert_no_object(wrong[i], PC_SYSTEM, error);
	}
	assert_no_object("moutn", PC_SYSTEM, "'moutn' is no object of [system]; did you mean 'mount'?");
	assert_no_object("Kexec", PC_SYSTEM, "'Kexec' is no object of [system]; did you mean 'kexec'?");
	assert_no_object("userns:", PC_SYSTEM, "'userns:' is no object of [system]; did you mean 'userns'?");
	assert_no_object("modules", PC_SYSTEM, "'modules' is no object of [system]; did you mean 'module'?");
}

static void words_of_system_are_no_objects_elsewhere(void **state)
{
	(void)state;
	assert_no_object("mount", PC_EXEC, "'mount' is no object of [exec]; a path begins with '/'");
	assert_no_object("userns", PC_OPEN, "'userns' is no object of [open]; did you mean 'userns:'?");
	assert_no_object("bpf", PC_CONNECT,
			 "'bpf' is not an address; host names are not looked up, write 10.1.2.3, 10.0.0.0/8, "
			 "2001:db8::/32 or any");
}

static void addresses_have_a_prefix(void **state)
{
	(void)state;
	assert_address("10.1.2.3", "10.1.2.3/32");
	assert_address("10.0.0.0/8", "10.0.0.0/8");
	assert_address("0.0.0.0/0", "0.0.0.0/0");
	assert_address("2001:DB8::/32", "2001:db8::/32");
	assert_address("::1", "::1/128");
	assert_address("::/0", "::/0");
}

static void ports_and_protocol_follow_the_address(void **state)
{
	(void)state;
	assert_address("10.0.0.0/8 port 22", "10.0.0.0/8 22-22");
	assert_address("10.0.0.0/8  port  22,8000-8100\ttcp", "10.0.0.0/8 22-22,8000-8100 6");
	assert_address("10.0.0.0/8 udp", "10.0.0.0/8 17");
	assert_address("10.0.0.0/8 port 1 sctp", "10.0.0.0/8 1-1 132");
	assert_address("10.0.0.0/8 raw", "10.0.0.0/8 256");
	assert_address("10.0.0.0/8 47", "10.0.0.0/8 47");
	assert_address("10.0.0.0/8 port 5 6", "10.0.0.0/8 5-5 6");
	assert_address("10.0.0.0/8 port 5 33", "10.0.0.0/8 5-5 33");
}

static void protocol_number_is_told_from_a_name(void **state)
{
	struct objects objects = assert_object("10.0.0.0/8 tcp", PC_CONNECT);

	(void)state;
	assert_false(objects.list[0].is_protocol_number);
	objects_done(&objects);
	objects = assert_object("10.0.0.0/8 6", PC_CONNECT);
	assert_int_equal(objects.list[0].protocol, 6);
	assert_true(objects.list[0].is_protocol_number);
	objects_done(&objects);
}

static void icmp_is_another_number_in_ipv6(void **state)
{
	(void)state;
	assert_address("10.0.0.0/8 icmp", "10.0.0.0/8 1");
	assert_address("::/0 icmp", "::/0 58");
	assert_address("::/0 1", "::/0 1");
}

static void any_is_both_kinds_of_address(void **state)
{
	struct objects objects = assert_object("any port 53 udp", PC_CONNECT);

	(void)state;
	assert_int_equal(objects.count, 2);
	assert_int_equal(objects.list[0].kind, PC_KIND_IP4);
	assert_int_equal(objects.list[1].kind, PC_KIND_IP6);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(objects.list[i].prefix, 0);
		assert_true(objects.list[i].is_any);
		assert_int_equal(objects.list[i].port_count, 1);
		assert_int_equal(objects.list[i].ports[0].first, 53);
		assert_int_equal(objects.list[i].protocol, 17);
	}
	objects_done(&objects);
}

static void any_icmp_has_both_numbers(void **state)
{
	struct objects objects = assert_object("any icmp", PC_CONNECT);

	(void)state;
	assert_int_equal(objects.list[0].protocol, 1);
	assert_int_equal(objects.list[1].protocol, 58);
	objects_done(&objects);
}

static void mapped_addresses_are_ipv4(void **state)
{
	(void)state;
	assert_address("::ffff:10.1.2.3", "10.1.2.3/32");
	assert_address("::ffff:10.0.0.0/104", "10.0.0.0/8");
	assert_address("::ffff:0:0/96", "0.0.0.0/0");
	assert_address("::ffff:10.0.0.0/104 icmp", "10.0.0.0/8 1");
}

static void shorter_prefixes_over_the_mapped_ones_are_ipv6(void **state)
{
	(void)state;
	assert_address("::/80", "::/80");
	assert_address("::fffe:0:0/95", "::fffe:0:0/95");
}

static void host_bits_are_an_error_with_the_corrected_form(void **state)
{
	(void)state;
	assert_no_object("10.1.2.3/8", PC_CONNECT,
			 "'10.1.2.3/8' has bits set beyond its prefix; write 10.0.0.0/8 or 10.1.2.3");
	assert_no_object(
		"2001:db8::1/32", PC_CONNECT,
		"'2001:db8::1/32' has bits set beyond its prefix; write 2001:db8::/32 or 2001:db8::1");
	assert_no_object(
		"::ffff:10.1.2.3/104", PC_CONNECT,
		"'::ffff:10.1.2.3/104' has bits set beyond its prefix; write 10.0.0.0/8 or 10.1.2.3");
	assert_no_object("10.0.0.1/31", PC_CONNECT,
			 "'10.0.0.1/31' has bits set beyond its prefix; write 10.0.0.0/31 or 10.0.0.1");
}

static void wrong_addresses_are_refused(void **state)
{
	static const char *const wrong[] = { "10.0.0.300", "10.0.0", "010.0.0.1", "localhost", "fe80::1%eth0",
					     "1.2.3.4:80", "[::1]",  "ANY",       ":::" };
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)snprintf(
			error, sizeof(error),
			"'%s' is not an address; host names are not looked up, write 10.1.2.3, 10.0.0.0/8, "
			"2001:db8::/32 or any",
			wrong[i]);
		assert_no_object(wrong[i], PC_CONNECT, error);
	}
}

static void wrong_prefix_lengths_are_refused(void **state)
{
	(void)state;
	assert_no_object("10.0.0.0/33", PC_CONNECT, "prefix length '33' is not in 0-32");
	assert_no_object("::/129", PC_CONNECT, "prefix length '129' is not in 0-128");
	assert_no_object("10.0.0.0/", PC_CONNECT, "prefix length '' is not in 0-32");
	assert_no_object("10.0.0.0/-1", PC_CONNECT, "prefix length '-1' is not in 0-32");
	assert_no_object("10.0.0.0/255.0.0.0", PC_CONNECT, "prefix length '255.0.0.0' is not in 0-32");
}

static void ports_are_sorted_and_joined(void **state)
{
	(void)state;
	assert_address("::1 port 90,80-85,84-86,87,1,65535", "::1/128 1-1,80-87,90-90,65535-65535");
}

static void wrong_ports_are_refused(void **state)
{
	(void)state;
	assert_no_object("any port 0", PC_CONNECT, "port 0 is not in 1-65535");
	assert_no_object("any port 65536", PC_CONNECT, "port 65536 is not in 1-65535");
	assert_no_object("any port 1-99999999999999999999", PC_CONNECT,
			 "port 99999999999999999999 is not in 1-65535");
	assert_no_object("any port http", PC_CONNECT,
			 "'http' is not a port; services are not looked up, write its number");
	assert_no_object("any port 90-80", PC_CONNECT, "port range 90-80 is backwards; write 80-90");
	assert_no_object("any port", PC_CONNECT,
			 "a port is missing; write port 22 or port 22,8000-8100, without blanks");
	assert_no_object("any port 22, 80", PC_CONNECT,
			 "a port is missing; write port 22 or port 22,8000-8100, without blanks");
	assert_no_object("any port -5", PC_CONNECT,
			 "a port is missing; write port 22 or port 22,8000-8100, without blanks");
}

static void wrong_protocols_are_refused(void **state)
{
	(void)state;
	assert_no_object("any tpc", PC_CONNECT, "unknown word 'tpc' after the address; did you mean 'tcp'?");
	assert_no_object("any ports 5", PC_CONNECT,
			 "unknown word 'ports' after the address; did you mean 'port'?");
	assert_no_object("any 256", PC_CONNECT, "protocol 256 is not in 0-255");
	assert_no_object("any tcp udp", PC_CONNECT,
			 "'udp' is too much; an address is followed by [port LIST] [PROTOCOL]");
	assert_no_object("any tcp port 22", PC_CONNECT,
			 "the protocol stands behind the ports: ADDRESS port LIST PROTOCOL");
}

static void ports_of_a_protocol_without_ports_are_refused(void **state)
{
	(void)state;
	assert_no_object("any port 22 icmp", PC_CONNECT,
			 "protocol icmp has no ports, the rule would never match");
	assert_no_object("any port 22 raw", PC_CONNECT,
			 "protocol raw has no ports, the rule would never match");
	assert_no_object("any port 22 47", PC_CONNECT,
			 "protocol 47 has no ports, the rule would never match");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_is_an_object_of_exec_and_open),
		cmocka_unit_test(special_objects_stand_in_every_section_of_names),
		cmocka_unit_test(jit_is_for_exec_alone),
		cmocka_unit_test(special_objects_take_no_argument),
		cmocka_unit_test(foreign_needs_a_path),
		cmocka_unit_test(bad_patterns_are_refused_while_parsing),
		cmocka_unit_test(words_without_slash_are_no_path),
		cmocka_unit_test(path_alone_is_no_object_of_connect),
		cmocka_unit_test(unix_names_are_paths_or_abstract),
		cmocka_unit_test(unix_double_star_is_every_named_socket),
		cmocka_unit_test(families_are_named),
		cmocka_unit_test(words_are_the_objects_of_system),
		cmocka_unit_test(other_words_are_no_objects_of_system),
		cmocka_unit_test(words_of_system_are_no_objects_elsewhere),
		cmocka_unit_test(addresses_have_a_prefix),
		cmocka_unit_test(ports_and_protocol_follow_the_address),
		cmocka_unit_test(protocol_number_is_told_from_a_name),
		cmocka_unit_test(icmp_is_another_number_in_ipv6),
		cmocka_unit_test(any_is_both_kinds_of_address),
		cmocka_unit_test(any_icmp_has_both_numbers),
		cmocka_unit_test(mapped_addresses_are_ipv4),
		cmocka_unit_test(shorter_prefixes_over_the_mapped_ones_are_ipv6),
		cmocka_unit_test(host_bits_are_an_error_with_the_corrected_form),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(wrong_prefix_lengths_are_refused),
		cmocka_unit_test(ports_are_sorted_and_joined),
		cmocka_unit_test(wrong_ports_are_refused),
		cmocka_unit_test(wrong_protocols_are_refused),
		cmocka_unit_test(ports_of_a_protocol_without_ports_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
