/* SPDX-License-Identifier: GPL-2.0-only */
/* test_print.c - what is printed says the same when it is read again, whatever the policy. */
#include <sys/stat.h>
#include <unistd.h>

#include <portcullis/limits.h>

#include "made.h"
#include "print.h"
#include "random_glob.h"
#include "words.h"

static char *print(const struct policy *policy)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	policy_print(policy, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* The image without what printing may change: in which file and line a rule stands. NULL: refused. */
static struct image *compile(struct result *result)
{
	struct image *image = NULL;
	struct pc_rule *rules;

	if (image_compile(result->policy, &result->d, &image) < 0)
		return NULL;
	rules = (struct pc_rule *)&image->words[image_header(image)->rules.word];
	for (__u32 i = 0; i < image_header(image)->rules.count; i++)
		rules[i].line = 0;
	return image;
}

static bool has_long_line(const char *text)
{
	for (; *text; text += strcspn(text, "\n") + 1)
		if (strcspn(text, "\n") > PC_LINE_MAX)
			return true;
	return false;
}

/* Reads the result's policy from what is printed; whether it could be compiled. */
static bool assert_round_trip(struct result *first)
{
	struct image *image = compile(first), *again;
	char *text = print(first->policy), *second_text;
	struct result second = check_text(text);

	if (second.r < 0)
		print_error("%s\n%s\n", second.text, text);
	assert_int_equal(second.r, 0);
	assert_false(has_long_line(text));
	second_text = print(second.policy);
	assert_string_equal(text, second_text);
	again = compile(&second);
	assert_int_equal(!image, !again);
	if (image) {
		assert_int_equal(image->size, again->size);
		assert_memory_equal(image->words, again->words, image->size);
	}
	free(text);
	free(second_text);
	image_free(again);
	result_done(&second);
	image_free(image);
	return image;
}

static void assert_text_round_trip(const char *text)
{
	struct result result = assert_taken(text);

	assert_true(assert_round_trip(&result));
	result_done(&result);
}

static void every_form_is_printed_so_that_it_is_read_again(void **state)
{
	(void)state;
	assert_text_round_trip(sample);
	assert_text_round_trip(
		VERSION
		"mode = enforce\nname = web-host\n"
		"[list a]\nitem = /a\nmore = /b c\nitem = /x y\n"
		"[exec]\ndefault = deny\nmode = audit\nlog = all\nallow = /usr/{s,}bin/**\nallow = jit:\n"
		"deny = foreign:/**\naudit.quiet = anon:\ndeny = unresolved:\n"
		"[open]\nlog = none\ndeny.read.log = $a/;x\nnever.write = $a/\\x20\nallow = /\\;\n"
		"[connect]\ndefault = audit\ndeny = any port 22,1-3 tcp\nallow = unix:**\n"
		"deny = unix:@\\x00*\nnever = family:vsock\nallow = ::1 58\ndeny = 10.0.0.0/8 icmp\n"
		"[system]\ndefault = deny\nmode = audit\nlog = all\nallow.quiet = ptrace\nnever = kexec\n"
		"[expect]\nallow = exec /bin/ls\ndeny = connect  10.0.0.1   icmp\nallow = open /b;c write\n"
		"deny = system kexec\n");
}

/* Their ids order them in the image, whatever their order in the text: one of the two is not that of the ids. */
static void profiles_are_printed_so_that_they_are_read_again(void **state)
{
	(void)state;
	assert_text_round_trip(VERSION "[profile one]\nexe = /a\nexe = /b/*\n[profile two]\nexe = /c\n");
	assert_text_round_trip(VERSION "[profile two]\nexe = /c\n[profile one]\nexe = /a\nexe = /b/*\n");
	assert_text_round_trip(VERSION "[profile one]\nexe = /a\nunit = b.service\nuser = 1\n[profile two]\n"
				       "unit = a.service\nunit = b.service\ncgroup = /a/*\nmode = enforce\n"
				       "[open two]\ndeny = /a\n");
}

/* 190 bytes without a blank: with blanks around '=' it would be two more. */
static void a_full_line_is_printed_no_longer(void **state)
{
	char text[1024], name[256];

	(void)state;
	memset(name, 'n', sizeof(name));
	(void)snprintf(text, sizeof(text),
		       VERSION "[open]\ndeny=/%.90s/%.93s\n[expect]\ndeny=open /%.90s/%.88s\n"
			       "allow = open /x\n",
		       name, name, name, name);
	assert_text_round_trip(text);
}

static void an_item_goes_on_in_the_next_line(void **state)
{
	struct result result =
		assert_taken(VERSION "[list l]\nitem = /a\nmore = b/\nmore = c\n[open]\ndeny = $l\n");

	(void)state;
	assert_int_equal(result.policy->rule_count, 1);
	assert_string_equal(result.policy->rules[0].text, "deny = /ab/c");
	assert_int_equal(result.policy->rules[0].item.line, 4);
	result_done(&result);
	assert_refused(VERSION "[list l]\nmore = /a\n",
		       "text:4: error: 'more' goes on with the item before it, and there is none\n");
}

static void an_object_has_a_greatest_length(void **state)
{
	size_t room = 64 * 1024, used;
	char *text = calloc(1, room);

	(void)state;
	used = sprintf(text, VERSION "[list l]\nitem = /\n");
	for (unsigned int i = 0; i < 43; i++)
		used += sprintf(text + used, "more = %0100d/\n", 0);
	(void)sprintf(text + used, "[open]\ndeny = $l*%06d\ndeny = $l*%07d\n", 0, 0);
	assert_refused(
		text,
		"text:4: error: object of more than 4351 bytes, with what stands behind the list's name\n"
		"text:50: note: this rule could not use 1 of 1 objects of [list l]\n");
	used += sprintf(text + used, "more = 12345678\n");
	assert_refused(text, "text:48: error: object of more than 4351 bytes\n");
	free(text);
}

/* ---- Random policies, with a list file ---- */

static void append_path(FILE *out, unsigned int names)
{
	static const char *const atoms[] = { "usr", "lib64", "a b",   "x  y", "\\;z", "*",   "?",   "[a-c]",
					     "d;e", "=",     "\\x20", "#",    "$",    "p.q", "\\{", "{m,n}" };

	for (unsigned int i = 0; i < names; i++) {
		fputc('/', out);
		if (i > 0 && random_below(12) == 0) {
			fputs("*x", out);
			continue;
		}
		fputs(atoms[random_below(i < 3 ? sizeof(atoms) / sizeof(atoms[0]) : 5)], out);
		fprintf(out, "%u", random_below(40));
	}
	if (random_below(4) == 0)
		fputs("/**", out);
}

static void append_address(FILE *out)
{
	static const char *const ends[] = { "", " tcp", "  udp", " port 22 sctp", " 132" };

	if (random_below(3) == 0)
		fputs("any", out);
	else
		fprintf(out, "10.%u.%u.0/24", random_below(256), random_below(256));
	if (random_below(4) == 0) {
		fputs("  port 1", out);
		for (unsigned int i = random_below(200); i > 0; i--)
			fprintf(out, ",%u", 1 + random_below(65535));
		return;
	}
	fputs(ends[random_below(5)], out);
}

/* `number` is that of the rule in its section: two verbs for one word would be an error too often. */
static void append_rule(FILE *out, enum pc_section_id section, unsigned int number)
{
	static const char *const verbs[] = { "allow", "audit", "deny", "never" };
	static const char *const logs[] = { "", "", ".log", ".quiet" };
	static const char *const accesses[] = { "", ".read", ".write" };
	static const char *const words[] = { "userns", "mount", "bpf", "module", "ptrace", "kexec" };

	fprintf(out, "%s%s%s%s", verbs[random_below(4)], logs[random_below(4)],
		section == PC_OPEN ? accesses[random_below(3)] : "", random_below(2) ? " = " : "=");
	if (section == PC_SYSTEM)
		fputs(words[number % 6], out);
	else if (random_below(3) == 0)
		fprintf(out, "$%s", section == PC_CONNECT ? "nets" : "paths");
	else if (section == PC_CONNECT)
		fprintf(out, "172.16.%u.0/24", random_below(256));
	else
		append_path(out, 1 + random_below(4));
	fputc('\n', out);
}

static void write_random_list(const char *name, bool is_network)
{
	FILE *out = fopen(name, "w");

	assert_non_null(out);
	for (unsigned int i = 1 + random_below(4); i > 0; i--) {
		if (is_network)
			append_address(out);
		else
			append_path(out, 1 + random_below(random_below(2) ? 4 : 90));
		fputc('\n', out);
	}
	assert_int_equal(fclose(out), 0);
}

static void write_random_policy(void)
{
	FILE *out = fopen("text", "w");

	assert_non_null(out);
	fputs(VERSION "[list paths]\nfile = paths.txt\n[list nets]\nfile = nets.txt\n", out);
	for (unsigned int section = 0; section < PC_SECTIONS; section++) {
		fprintf(out, "[%s]\n", section_name(section));
		for (unsigned int i = random_below(8); i > 0; i--)
			append_rule(out, section, i);
	}
	fputs("[expect]\nallow=open /never-named read\n", out);
	assert_int_equal(fclose(out), 0);
	write_random_list("paths.txt", false);
	write_random_list("nets.txt", true);
}

/* In a directory of its own; with an empty tree, so that no rule passes through a link. */
static void random_policies_are_printed_so_that_they_are_read_again(void **state)
{
	char directory[] = "/tmp/test_print.XXXXXX", command[64];
	unsigned int taken = 0, compiled = 0;

	(void)state;
	random_start(random_seed());
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	assert_int_equal(mkdir("root", 0755), 0);
	for (unsigned int i = 0; i < 400; i++) {
		const struct policy_options options = { .root = "root" };
		struct result result = {};

		write_random_policy();
		result.r = policy_load("text", &options, &result.d, &result.policy);
		if (result.r == 0) {
			taken++;
			compiled += assert_round_trip(&result);
		}
		result_done(&result);
	}
	printf("%u of 400 taken, %u compiled\n", taken, compiled);
	assert_true(compiled > 100);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	assert_int_equal(chdir("/") || system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_printed_so_that_it_is_read_again),
		cmocka_unit_test(profiles_are_printed_so_that_they_are_read_again),
		cmocka_unit_test(a_full_line_is_printed_no_longer),
		cmocka_unit_test(an_item_goes_on_in_the_next_line),
		cmocka_unit_test(an_object_has_a_greatest_length),
		cmocka_unit_test(random_policies_are_printed_so_that_they_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
