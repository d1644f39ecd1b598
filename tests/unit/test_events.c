/* SPDX-License-Identifier: GPL-2.0-only */
/* test_events.c - records become lines of valid JSON, whatever bytes they hold. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <yajl/yajl_tree.h>

#include "events.h"
#include "family.h"
#include "object_name.h"
#include "system_object.h"
#include "text/utf8.h"

#define IMAGE_ID 0x00ab00000000cd01ULL
static const char text_area[] = "\0/etc/p.ini\0web-host\0deny.read = /etc/shadow";
enum { FILE_OFFSET = 1, NAME_OFFSET = 12, RULE_OFFSET = 21 };

struct fixture {
	struct event_writer *writer;
	struct generations *generations;
	struct processes *processes;
	struct pc_event event;
	yajl_val record; /* of the last line */
};

/* Three rules: the default, line 5 (deny), line 6 (never). */
static struct generation *make_generation(void)
{
	struct generation *g = calloc(1, sizeof(*g));

	g->id = IMAGE_ID;
	g->rule_count = 3;
	g->rules = calloc(3, sizeof(*g->rules));
	g->rules[1] = (struct pc_rule){ .file = FILE_OFFSET, .line = 5, .section = PC_OPEN, .verb = PC_VERB_DENY };
	g->rules[2] = (struct pc_rule){ .file = FILE_OFFSET, .line = 6, .section = PC_OPEN, .verb = PC_VERB_NEVER };
	g->text_size = sizeof(text_area);
	g->text = malloc(sizeof(text_area));
	memcpy(g->text, text_area, sizeof(text_area));
	g->name = NAME_OFFSET;
	return g;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->writer = event_writer_new();
	f->processes = processes_new();
	f->generations = generations_new();
	generations_add(f->generations, make_generation());
	f->event = (struct pc_event){
		.image = IMAGE_ID, .cgroup = 77, .ino = 42, .dev = 8 << 20 | 1, .mnt_ns = 4026531840U, .rule = 1,
		.pid = 10, .tid = 11, .ppid = 12, .uid = 1000, .gid = 4294967294U, .hook = PC_OPEN,
		.verdict = PC_DENY, .verb = PC_DENY, .access = PC_ACCESS_READ, .comm = "cat",
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	yajl_tree_free(f->record);
	(void)event_writer_free(f->writer);
	(void)generations_free(f->generations);
	(void)processes_free(f->processes);
	free(f);
	return 0;
}

static int write_record(struct fixture *f, size_t size, const char **ret_line, size_t *ret_length)
{
	return event_writer_line(f->writer, &f->event, size, f->generations, f->processes, ret_line, ret_length);
}

/* Writes the record with that object and those arguments, and parses the line again. */
static void write_call(struct fixture *f, const void *object, size_t length, const char *args, size_t args_length)
{
	char error[256] = "", *copy;
	const char *line;
	size_t line_length;

	f->event.object_len = (__u32)length;
	if (length > PC_EVENT_OBJECT_MAX)
		length = PC_EVENT_OBJECT_MAX;
	memcpy(f->event.object, object, length);
	memcpy(f->event.object + length, args, args_length);
	f->event.args_length = (__u16)args_length;
	assert_int_equal(write_record(f, PC_EVENT_HEAD_SIZE + length + args_length, &line, &line_length), 0);
	assert_null(memchr(line, '\n', line_length));
	assert_null(memchr(line, '\0', line_length));
	copy = strndup(line, line_length);
	yajl_tree_free(f->record);
	f->record = yajl_tree_parse(copy, error, sizeof(error));
	if (!f->record)
		fail_msg("no JSON: %s: %s", error, copy);
	free(copy);
}

static void write_bytes(struct fixture *f, const void *object, size_t length)
{
	write_call(f, object, length, "", 0);
}

static void write_object(struct fixture *f, const char *object)
{
	write_bytes(f, object, strlen(object));
}

static yajl_val get(const struct fixture *f, const char *key)
{
	const char *path[] = { key, NULL };

	return yajl_tree_get(f->record, path, yajl_t_any);
}

static const char *get_string(const struct fixture *f, const char *key)
{
	yajl_val value = get(f, key);

	return YAJL_IS_STRING(value) ? YAJL_GET_STRING(value) : "(none)";
}

static const char *get_number(const struct fixture *f, const char *key)
{
	yajl_val value = get(f, key);

	return YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value) : "(none)";
}

static void every_key_of_a_record_is_there(void **state)
{
	static const char *const strings[][2] = {
		{ "hook", "open" },	{ "verdict", "deny" },	{ "access", "read" },	 { "object", "/etc/shadow" },
		{ "rule", "/etc/p.ini:5" }, { "verb", "deny" }, { "mode", "enforce" },	 { "policy", "web-host" },
		{ "generation", "00ab00000000cd01" }, { "comm", "cat" }, { "dev", "8:1" },
	};
	static const char *const numbers[][2] = {
		{ "seq", "1" },	    { "pid", "10" },	     { "tid", "11" },	   { "ppid", "12" },
		{ "uid", "1000" },  { "gid", "4294967294" }, { "cgroup_id", "77" }, { "mnt_ns", "4026531840" },
		{ "ino", "42" },
	};
	struct fixture *f = *state;

	write_object(f, "/etc/shadow");
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		assert_string_equal(get_string(f, strings[i][0]), strings[i][1]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_string_equal(get_number(f, numbers[i][0]), numbers[i][1]);
	assert_null(get(f, "object_hex"));
	assert_null(get(f, "object_cut"));
}

static void numbers_count_up(void **state)
{
	struct fixture *f = *state;

	write_object(f, "/a");
	write_object(f, "/b");
	assert_string_equal(get_number(f, "seq"), "2");
}

static void largest_numbers_stay_unsigned(void **state)
{
	struct fixture *f = *state;

	f->event.ino = f->event.cgroup = UINT64_MAX;
	write_object(f, "/a");
	assert_string_equal(get_number(f, "ino"), "18446744073709551615");
	assert_string_equal(get_number(f, "cgroup_id"), "18446744073709551615");
}

static void time_is_now_in_utc_with_nanoseconds(void **state)
{
	struct fixture *f = *state;
	struct timespec boot;
	struct tm tm = {};
	const char *rest;

	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	f->event.time = (__u64)boot.tv_sec * 1000000000U + (__u64)boot.tv_nsec;
	write_object(f, "/a");
	rest = strptime(get_string(f, "time"), "%Y-%m-%dT%H:%M:%S", &tm);
	assert_non_null(rest);
	assert_int_equal(strlen(rest), strlen(".123456789Z"));
	assert_true(rest[0] == '.' && rest[10] == 'Z');
	assert_true(llabs((long long)timegm(&tm) - (long long)time(NULL)) <= 2);
}

static void time_is_formatted_to_the_nanosecond(void **state)
{
	char text[EVENT_TIME_MAX];

	(void)state;
	event_format_time(1767323045000000006ULL, text);
	assert_string_equal(text, "2026-01-02T03:04:05.000000006Z");
}

static void rule_zero_is_the_default(void **state)
{
	struct fixture *f = *state;

	f->event.rule = PC_RULE_DEFAULT;
	f->event.verb = f->event.verdict = PC_ALLOW;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "rule"), "default");
	assert_string_equal(get_string(f, "verb"), "allow");
}

static void never_is_told_as_never(void **state)
{
	struct fixture *f = *state;

	f->event.rule = 2;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "rule"), "/etc/p.ini:6");
	assert_string_equal(get_string(f, "verb"), "never");
}

static void rule_of_a_forgotten_generation_is_unknown(void **state)
{
	struct fixture *f = *state;

	f->event.image = 1;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "rule"), "unknown");
	assert_string_equal(get_string(f, "generation"), "0000000000000001");
	f->event.image = IMAGE_ID;
	f->event.rule = 3;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "rule"), "unknown");
}

static void previous_generations_are_remembered(void **state)
{
	struct fixture *f = *state;

	for (__u64 id = 1; id <= 15; id++) {
		struct generation *g = make_generation();

		g->id = id;
		generations_add(f->generations, g);
	}
	write_object(f, "/a");
	assert_string_equal(get_string(f, "rule"), "/etc/p.ini:5");
	generations_add(f->generations, make_generation());
	assert_int_equal(generations_live(f->generations)->id, IMAGE_ID);
	assert_non_null(generations_find(f->generations, 1));
	generations_add(f->generations, make_generation());
	assert_null(generations_find(f->generations, 1));
}

static void audit_shows_what_happened_and_the_rules_verb(void **state)
{
	struct fixture *f = *state;

	f->event.verdict = PC_AUDIT;
	f->event.mode = PC_MODE_AUDIT;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "verdict"), "audit");
	assert_string_equal(get_string(f, "verb"), "deny");
	assert_string_equal(get_string(f, "mode"), "audit");
}

static void access_is_told_for_opens_only(void **state)
{
	struct fixture *f = *state;

	f->event.access = PC_ACCESS_READ | PC_ACCESS_WRITE;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "access"), "read+write");
	f->event.hook = PC_EXEC;
	write_object(f, "/a");
	assert_null(get(f, "access"));
}

static void objects_without_an_inode_have_no_dev(void **state)
{
	struct fixture *f = *state;

	f->event.ino = 0;
	write_object(f, "/a");
	assert_null(get(f, "dev"));
	assert_null(get(f, "ino"));
}

struct kind_case {
	enum pc_kind kind;
	const char *bytes;
	size_t length;
	unsigned int class;
	unsigned int port;
	const char *expected;
};

static void each_kind_is_written_as_in_a_policy(void **state)
{
	static const struct kind_case cases[] = {
		{ PC_KIND_PATH, "/a b", 4, 0, 0, "/a b" },
		{ PC_KIND_FOREIGN, "/x", 2, 0, 0, "foreign:/x" },
		{ PC_KIND_ANON, "", 0, 0, 0, "anon:" },
		{ PC_KIND_USERNS, "", 0, 0, 0, "userns:" },
		{ PC_KIND_JIT, "", 0, 0, 0, "jit:" },
		{ PC_KIND_UNRESOLVED, "", 0, 0, 0, "unresolved:" },
		{ PC_KIND_UNIX_PATH, "/run/x.sock", 11, 0, 0, "unix:/run/x.sock" },
		{ PC_KIND_UNIX_ABSTRACT, "name", 4, 0, 0, "unix:@name" },
		{ PC_KIND_IP4, "\x0a\1\2\3", 4, 6, 22, "10.1.2.3 port 22 tcp" },
		{ PC_KIND_IP4, "\x0a\1\2\3", 4, 17, 65535, "10.1.2.3 port 65535 udp" },
		{ PC_KIND_IP4, "\x0a\1\2\3", 4, 132, 1, "10.1.2.3 port 1 sctp" },
		{ PC_KIND_IP4, "\x0a\1\2\3", 4, 1, 0, "10.1.2.3 icmp" },
		{ PC_KIND_IP4, "\x0a\1\2\3", 4, 47, 0, "10.1.2.3 47" },
		{ PC_KIND_IP4, "\x0a\1\2\3", 4, PC_CLASS_RAW + 1, 0, "10.1.2.3 raw" },
		{ PC_KIND_IP6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, 58, 0, "::1 icmp" },
		{ PC_KIND_IP6, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, 6, 80, "fe80::1 port 80 tcp" },
		{ PC_KIND_FAMILY, "\x10", 1, 0, 0, "family:netlink" },
		{ PC_KIND_FAMILY, "\xfa", 1, 0, 0, "family:250" },
		{ PC_KIND_SYSTEM, "\1", 1, 0, 0, "userns" },
		{ PC_KIND_SYSTEM, "\6", 1, 0, 0, "kexec" },
		{ PC_KIND_SYSTEM, "\xfa", 1, 0, 0, "system:250" },
		{ 250, "", 0, 0, 0, "kind:250" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f->event.kind = cases[i].kind;
		f->event.class = (__u16)cases[i].class;
		f->event.port = (__u16)cases[i].port;
		write_bytes(f, cases[i].bytes, cases[i].length);
		assert_string_equal(get_string(f, "object"), cases[i].expected);
	}
}

static void family_names_are_those_of_the_language(void **state)
{
	static const struct loc loc = { .file = "test" };
	struct fixture *f = *state;
	struct diags d = {};
	unsigned int named = 0;

	f->event.kind = PC_KIND_FAMILY;
	for (unsigned int family = 0; family < 256; family++) {
		char byte = (char)family;
		const char *name;
		__u8 number = 0;

		write_bytes(f, &byte, 1);
		name = get_string(f, "object") + strlen("family:");
		if (name[0] >= '0' && name[0] <= '9')
			continue;
		assert_int_equal(family_parse(name, &d, &loc, &number), 0);
		assert_int_equal(number, family);
		named++;
	}
	assert_true(named > 30);
	diags_done(&d);
}

static void words_of_system_are_those_of_the_language(void **state)
{
	static const struct loc loc = { .file = "test" };
	struct fixture *f = *state;
	struct diags d = {};

	f->event.hook = PC_SYSTEM;
	f->event.kind = PC_KIND_SYSTEM;
	for (unsigned int object = 1; object < PC_SYSTEM_OBJECTS; object++) {
		char byte = (char)object;
		__u8 number = 0;

		write_bytes(f, &byte, 1);
		assert_int_equal(system_object_parse(get_string(f, "object"), &d, &loc, &number), 0);
		assert_int_equal(number, object);
		assert_string_equal(get_string(f, "hook"), "system");
		assert_null(get(f, "access"));
	}
	diags_done(&d);
}

static void control_bytes_are_escaped_and_given_in_hex(void **state)
{
	struct fixture *f = *state;

	write_bytes(f, "/a\n\"\\\0\x7f", 7);
	assert_string_equal(get_string(f, "object_hex"), "2f610a225c007f");
	f->event.kind = PC_KIND_UNIX_ABSTRACT;
	write_bytes(f, "\x1b[2J", 4);
	assert_string_equal(get_string(f, "object"), "unix:@\x1b[2J");
	assert_string_equal(get_string(f, "object_hex"), "756e69783a401b5b324a");
}

static void quotes_alone_need_no_hex(void **state)
{
	struct fixture *f = *state;

	write_object(f, "/\"quoted\"\\ and ünï");
	assert_string_equal(get_string(f, "object"), "/\"quoted\"\\ and ünï");
	assert_null(get(f, "object_hex"));
}

static void bytes_that_are_not_utf8_are_replaced_and_given_in_hex(void **state)
{
	struct fixture *f = *state;

	write_object(f, "/\xff\xc3(\xed\xa0\x80");
	assert_string_equal(get_string(f, "object"), "/\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(get_string(f, "object_hex"), "2fffc328eda080");
}

static void comm_may_hold_anything(void **state)
{
	struct fixture *f = *state;

	memcpy(f->event.comm, "\xff\"\n0123456789abc", sizeof(f->event.comm));
	write_object(f, "/a");
	assert_string_equal(get_string(f, "comm"), "\xef\xbf\xbd\"\n0123456789abc");
}

static void cut_objects_say_so(void **state)
{
	struct fixture *f = *state;
	char *name = malloc(5000);

	memset(name, 1, 5000);
	write_bytes(f, name, 5000);
	assert_true(YAJL_IS_TRUE(get(f, "object_cut")));
	assert_int_equal(strlen(get_string(f, "object")), PC_EVENT_OBJECT_MAX);
	assert_int_equal(strlen(get_string(f, "object_hex")), 2 * PC_EVENT_OBJECT_MAX);
	free(name);
}

static const char *get_item(const struct fixture *f, const char *key, size_t index)
{
	yajl_val list = get(f, key), item;

	if (!YAJL_IS_ARRAY(list) || index >= YAJL_GET_ARRAY(list)->len)
		return "(none)";
	item = YAJL_GET_ARRAY(list)->values[index];
	return YAJL_IS_STRING(item) ? YAJL_GET_STRING(item) : "(object)";
}

static void arguments_are_a_list_after_the_object(void **state)
{
	struct fixture *f = *state;

	f->event.hook = PC_EXEC;
	f->event.args_count = 4;
	write_call(f, "/bin/ls", 7, "ls\0\0\x01\"\0-l", 9);
	assert_string_equal(get_string(f, "object"), "/bin/ls");
	assert_string_equal(get_item(f, "args", 0), "ls");
	assert_string_equal(get_item(f, "args", 1), "");
	assert_string_equal(get_item(f, "args", 2), "\x01\"");
	assert_string_equal(get_item(f, "args", 3), "-l");
	assert_string_equal(get_item(f, "args", 4), "(none)");
	assert_null(get(f, "args_cut"));
	f->event.flags = PC_EVENT_ARGS_CUT;
	f->event.args_count = 0;
	write_object(f, "/bin/ls");
	assert_null(get(f, "args"));
	assert_true(YAJL_IS_TRUE(get(f, "args_cut")));
}

static const struct pc_process some_process = {
	.type = PC_RECORD_PROCESS, .pid = 10, .id = 0x1234567890abcdefULL, .exe_length = 8, .cgroup_length = 20, .unit_at = 14,
	.unit_length = 6, .exe_kind = PC_KIND_FOREIGN, .ancestor_count = 2,
	.ancestors = { { 9, "bash" }, { 1, "init" } }, .text = "/bin/cat/system.slice/a.unit",
};

static int tell(struct fixture *f, const struct pc_process *process)
{
	return processes_take(f->processes, process, PC_PROCESS_HEAD_SIZE + process->exe_length + process->cgroup_length);
}

static void a_record_names_the_process_that_was_told(void **state)
{
	struct fixture *f = *state;
	const char *path[] = { "ancestors", NULL }, *pid[] = { "pid", NULL };
	yajl_val ancestors;

	assert_int_equal(tell(f, &some_process), 0);
	f->event.process = some_process.id;
	write_object(f, "/a");
	assert_string_equal(get_string(f, "exe"), "foreign:/bin/cat");
	assert_string_equal(get_string(f, "cgroup"), "/system.slice/a.unit");
	assert_string_equal(get_string(f, "unit"), "a.unit");
	assert_null(get(f, "cgroup_id"));
	ancestors = yajl_tree_get(f->record, path, yajl_t_array);
	assert_non_null(ancestors);
	assert_int_equal(YAJL_GET_ARRAY(ancestors)->len, 2);
	assert_int_equal(YAJL_GET_INTEGER(yajl_tree_get(YAJL_GET_ARRAY(ancestors)->values[1], pid, yajl_t_number)), 1);
	f->event.process++;
	write_object(f, "/a");
	assert_null(get(f, "exe"));
	assert_null(get(f, "ancestors"));
}

static void processes_with_impossible_lengths_are_refused(void **state)
{
	static const struct {
		__u16 exe_length, cgroup_length, unit_at, unit_length;
		__u8 ancestor_count;
	} cases[] = {
		{ PC_EXE_MAX + 1, 0, 0, 0, 0 }, { 0, PC_CGROUP_MAX + 1, 0, 0, 0 }, { 1, 4, 3, 2, 0 },
		{ 1, 4, 65535, 1, 0 }, { 1, 4, 0, 4, PC_ANCESTORS_MAX + 1 },
	};
	struct fixture *f = *state;
	struct pc_process *process = calloc(2, sizeof(*process));

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*process = some_process;
		process->exe_length = cases[i].exe_length;
		process->cgroup_length = cases[i].cgroup_length;
		process->unit_at = cases[i].unit_at;
		process->unit_length = cases[i].unit_length;
		process->ancestor_count = cases[i].ancestor_count;
		assert_int_equal(tell(f, process), -EBADMSG);
	}
	assert_int_equal(processes_take(f->processes, &some_process, PC_PROCESS_HEAD_SIZE - 1), -EBADMSG);
	assert_int_equal(processes_take(f->processes, &some_process, PC_PROCESS_HEAD_SIZE + 27), -EBADMSG);
	assert_null(processes_find(f->processes, some_process.id));
	free(process);
}

/* Of those in one place the oldest is forgotten first. */
static void so_many_processes_are_held(void **state)
{
	struct pc_process process = some_process;
	struct fixture *f = *state;

	for (__u64 i = 0; i < 2 * PROCESSES_MAX; i++) {
		process.id = i;
		assert_int_equal(tell(f, &process), 0);
	}
	assert_null(processes_find(f->processes, PROCESSES_MAX - 1));
	for (__u64 i = PROCESSES_MAX; i < 2 * PROCESSES_MAX; i++)
		assert_non_null(processes_find(f->processes, i));
}

/* Replaces the record by its line for so many more. */
static void repeat_record(struct fixture *f, __u64 count)
{
	char error[256] = "", *copy, *told;
	const char *line;
	size_t length;

	assert_int_equal(write_record(f, PC_EVENT_HEAD_SIZE + f->event.object_len, &line, &length), 0);
	copy = strndup(line, length);
	assert_int_equal(event_writer_repeats(f->writer, copy, strlen(copy), count, &line, &length), 0);
	told = strndup(line, length);
	/* All but the time and the number, which come first. */
	assert_memory_equal(strstr(told, "\"hook\":"), strstr(copy, "\"hook\":"), strlen(strstr(copy, "\"hook\":")) - 1);
	yajl_tree_free(f->record);
	f->record = yajl_tree_parse(told, error, sizeof(error));
	if (!f->record)
		fail_msg("no JSON: %s: %s", error, told);
	free(copy);
	free(told);
}

static void what_repeats_is_told_by_the_line_of_the_first(void **state)
{
	struct fixture *f = *state;

	write_object(f, "/a\"b\",\"hook\":");
	assert_string_equal(get_number(f, "repeats"), "(none)");
	repeat_record(f, 4294967296);
	assert_string_equal(get_number(f, "repeats"), "4294967296");
	assert_string_equal(get_number(f, "seq"), "3");
	assert_string_equal(get_string(f, "object"), "/a\"b\",\"hook\":");
	assert_string_equal(get_string(f, "comm"), "cat");
}

static void records_shorter_than_their_head_are_refused(void **state)
{
	struct fixture *f = *state;
	const char *line;
	size_t length;

	assert_int_equal(event_writer_line(f->writer, &f->event, PC_EVENT_HEAD_SIZE - 1, f->generations, f->processes, &line, &length),
			 -EBADMSG);
}

static void utf8_is_judged_by_the_rfc(void **state)
{
	static const struct {
		const char *bytes;
		size_t printable;
	} cases[] = {
		{ "a", 1 }, { "\x7f", 0 }, { "\x1f", 0 }, { "\xc2\xa0", 2 }, { "\xc2\x9b", 0 }, { "\xc1\x81", 0 },
		{ "\xe0\x9f\x80", 0 }, { "\xe2\x82\xac", 3 }, { "\xed\xa0\x80", 0 }, { "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf0\x9f\x9a\xaa", 4 }, { "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 }, { "\xe2\x82", 0 },
		/* What turns the writing, and its neighbours. */
		{ "\xd8\x9c", 0 }, { "\xd8\x9b", 2 }, { "\xe2\x80\x8d", 3 }, { "\xe2\x80\x8e", 0 }, { "\xe2\x80\x8f", 0 },
		{ "\xe2\x80\xa8", 0 }, { "\xe2\x80\xae", 0 }, { "\xe2\x80\xaf", 3 }, { "\xe2\x81\xa5", 3 },
		{ "\xe2\x81\xa6", 0 }, { "\xe2\x81\xa9", 0 }, { "\xe2\x81\xaa", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_printable(cases[i].bytes, strlen(cases[i].bytes)), cases[i].printable);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_key_of_a_record_is_there),
		TEST(numbers_count_up),
		TEST(largest_numbers_stay_unsigned),
		TEST(time_is_now_in_utc_with_nanoseconds),
		TEST(time_is_formatted_to_the_nanosecond),
		TEST(rule_zero_is_the_default),
		TEST(never_is_told_as_never),
		TEST(rule_of_a_forgotten_generation_is_unknown),
		TEST(previous_generations_are_remembered),
		TEST(audit_shows_what_happened_and_the_rules_verb),
		TEST(access_is_told_for_opens_only),
		TEST(objects_without_an_inode_have_no_dev),
		TEST(each_kind_is_written_as_in_a_policy),
		TEST(family_names_are_those_of_the_language),
		TEST(words_of_system_are_those_of_the_language),
		TEST(control_bytes_are_escaped_and_given_in_hex),
		TEST(quotes_alone_need_no_hex),
		TEST(bytes_that_are_not_utf8_are_replaced_and_given_in_hex),
		TEST(comm_may_hold_anything),
		TEST(cut_objects_say_so),
		TEST(arguments_are_a_list_after_the_object),
		TEST(a_record_names_the_process_that_was_told),
		TEST(processes_with_impossible_lengths_are_refused),
		TEST(so_many_processes_are_held),
		TEST(what_repeats_is_told_by_the_line_of_the_first),
		TEST(records_shorter_than_their_head_are_refused),
		TEST(utf8_is_judged_by_the_rfc),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
