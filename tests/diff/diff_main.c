/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff_main.c - answers a file of cases by a policy, one line an object, for comparison with the reference.
 *
 * The line: what happens and the reference that is named, then the references of the cell (read, never_read,
 * write, never_write) with defaults taken in, of the host-wide section and, for a task in a profile, of the profile's;
 * then the mode. A reference is VERDICT:LINE:RECORDED, line 0 being the default; "-" is none. Of a program that is
 * started it is the profile that the program is given.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_ask.h"

static const char *const verdict_names[] = {
	[PC_DENY] = "deny",
	[PC_AUDIT] = "audit",
	[PC_ALLOW] = "allow",
	[PC_NO_VERDICT] = "-",
};

#define GROUPS_MAX 16
/* Room for the longest name of a case and for its hexadecimal form. */
#define CASE_BYTES_MAX 4096
#define CASE_LINE_MAX (2 * CASE_BYTES_MAX + 64)

/* A policy that doesn't fit is cut, and then refused or answered wrongly: no test passes by it. */
static int read_file(const char *path, char *text, size_t room, size_t *ret_length)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	*ret_length = fread(text, 1, room, file);
	(void)fclose(file);
	return 0;
}

/* Says why on stderr. */
static int compile_file(const char *path, struct image **ret_image)
{
	const struct policy_options options = { .is_offline = true };
	struct policy *policy = NULL;
	struct image *image = NULL;
	struct diags diags = {};
	static char text[1 << 20];
	size_t length = 0;
	int r;

	r = read_file(path, text, sizeof(text), &length);
	if (r < 0) {
		fprintf(stderr, "cannot read %s: %s\n", path, strerror(-r));
		return r;
	}
	r = policy_parse(path, text, length, &options, &diags, &policy);
	if (!r)
		r = image_compile(policy, &diags, &image);
	if (r < 0) {
		fprintf(stderr, "%s is refused: %s\n", path, strerror(-r));
		diags_sort(&diags);
		diags_print(&diags, stderr);
	} else {
		*ret_image = image;
	}
	diags_done(&diags);
	policy_free(policy);
	return r;
}

/* Reads the bytes of "0a0b…" or "-"; their number, or −EINVAL. */
static int parse_hex(const char *hex, unsigned char *ret_bytes)
{
	int length = 0;

	if (!strcmp(hex, "-"))
		return 0;
	for (; *hex; hex += 2, length++) {
		if (length == CASE_BYTES_MAX || sscanf(hex, "%2hhx", &ret_bytes[length]) != 1 || !hex[1])
			return -EINVAL;
	}
	return length;
}

static const struct pc_profile *image_profiles(const struct image *image)
{
	return (const struct pc_profile *)&image->words[image_header(image)->profiles.word];
}

/* Its place plus 1, 0 for "-", or −ENOENT. */
static int find_profile(const struct image *image, const char *name)
{
	if (!strcmp(name, "-"))
		return 0;
	for (__u32 i = 0; i < image_header(image)->profiles.count; i++)
		if (!strcmp(image_text(image, image_profiles(image)[i].name), name))
			return (int)i + 1;
	return -ENOENT;
}

static int parse_case(const struct image *image, const char *line, unsigned char *bytes, struct question *ret_question)
{
	static char hex[CASE_LINE_MAX];
	unsigned int section, kind, access, class, port, ask;
	char name[64];
	int length, profile;

	if (sscanf(line, "%u %u %u %u %u %u %63s %8255s", &section, &kind, &access, &class, &port, &ask, name, hex) != 8)
		return -EINVAL;
	length = parse_hex(hex, bytes);
	profile = find_profile(image, name);
	if (length < 0 || profile < 0 || section >= PC_SECTIONS || kind >= PC_KINDS)
		return -EINVAL;
	*ret_question = (struct question){
		.section = section,
		.kind = kind,
		.access = access,
		.bytes = bytes,
		.length = length,
		.class = class,
		.port = port,
		.ask = ask,
		.profile = (size_t)profile,
	};
	return 0;
}

/* "start USER GROUP,… NAME". */
static int parse_start(char *line, unsigned char *bytes, __u32 *groups, struct image_task *ret_task, const char **ret_program)
{
	char *rest = NULL, *group_list, *hex, *group_rest = NULL;
	int length;

	(void)strtok_r(line, " \n", &rest);
	*ret_task = (struct image_task){ .user = (__u32)strtoul(strtok_r(NULL, " \n", &rest) ?: "", NULL, 10), .groups = groups };
	group_list = strtok_r(NULL, " \n", &rest);
	hex = strtok_r(NULL, " \n", &rest);
	if (!group_list || !hex)
		return -EINVAL;
	for (char *group = strtok_r(group_list, ",", &group_rest); group; group = strtok_r(NULL, ",", &group_rest)) {
		if (ret_task->group_count == GROUPS_MAX)
			return -EINVAL;
		groups[ret_task->group_count++] = (__u32)strtoul(group, NULL, 10);
	}
	length = parse_hex(hex, bytes);
	if (length < 0 || length == CASE_BYTES_MAX)
		return -EINVAL;
	bytes[length] = 0;
	*ret_program = strcmp(hex, "-") ? (const char *)bytes : NULL;
	return 0;
}

static void print_ref(const struct image *image, __u32 ref)
{
	const struct pc_rule *rule = image_rule(image, ref);
	__u32 verdict = pc_ref_verdict(ref);

	if (verdict == PC_NO_VERDICT)
		printf(" -");
	else
		printf(" %s:%d:%d", verdict_names[verdict], rule ? (int)rule->line : -1,
		       !!(ref & PC_REF_RECORD));
}

/* The winner of one half of the cell, or the default where that counts. */
static __u32 take_default(const struct question *question, __u32 ref, __u32 default_ref)
{
	if (pc_ref_verdict(ref) == PC_NO_VERDICT && !(question->ask & PC_ASK_RULES_ONLY))
		return default_ref;
	return ref;
}

/* Of the section that lies there. */
static void print_cell(const struct image *image, const struct question *question, __u32 section,
		       const struct pc_cell *cell)
{
	struct pc_layer layer;

	pc_load_layer(image, section, &layer);
	if (question->access & PC_ACCESS_READ) {
		print_ref(image, take_default(question, cell->read, layer.default_read));
		print_ref(image, cell->never_read);
	} else {
		printf(" - -");
	}
	if (question->access & PC_ACCESS_WRITE) {
		print_ref(image, take_default(question, cell->write, layer.default_write));
		print_ref(image, cell->never_write);
	} else {
		printf(" - -");
	}
}

static void print_answer(const struct image *image, const struct question *question,
			 const struct pc_answer *answer)
{
	struct pc_cell cell;

	printf("%s", verdict_names[answer->verdict & 3]);
	print_ref(image, answer->ref);
	image_find_cell(image, question, &cell);
	print_cell(image, question, pc_host_section(question->section), &cell);
	if (question->profile) {
		image_find_profile_cell(image, question, &cell);
		print_cell(image, question, pc_profile_section(image, question->profile - 1, question->section), &cell);
	}
	printf(" %s\n", answer->mode == PC_MODE_ENFORCE ? "enforce" : "audit");
}

/* 0, or −EINVAL. */
static int answer_start(const struct image *image, char *line, unsigned char *bytes)
{
	__u32 groups[GROUPS_MAX];
	struct image_task task;
	const char *program;
	size_t place;

	if (parse_start(line, bytes, groups, &task, &program) < 0)
		return -EINVAL;
	place = image_choose(image, program, &task);
	puts(place ? image_text(image, image_profiles(image)[place - 1].name) : "-");
	return 0;
}

/* 0, or 1 if the kernel answers something else. */
static int ask_kernel_too(const char *line, const struct question *question, const struct pc_answer *expected)
{
	struct pc_answer answer = {};
	int r;

	r = kernel_ask(question, &answer);
	if (r < 0) {
		fprintf(stderr, "cannot ask the kernel: %s\n", strerror(-r));
		return r;
	}
	if (answer.ref == expected->ref && answer.verdict == expected->verdict &&
	    answer.mode == expected->mode)
		return 0;
	fprintf(stderr, "the kernel disagrees: verdict %u, reference %#x, mode %u, not %u, %#x, %u, for: %s",
		answer.verdict, answer.ref, answer.mode, expected->verdict, expected->ref, expected->mode,
		line);
	return 1;
}

/* The number of disagreements with the kernel, or −errno. */
static int answer_cases(const struct image *image, FILE *cases, bool with_kernel)
{
	static unsigned char bytes[CASE_BYTES_MAX];
	static char line[CASE_LINE_MAX];
	int disagreements = 0;

	while (fgets(line, sizeof(line), cases)) {
		struct question question;
		struct pc_answer answer;
		int r;

		if (!strncmp(line, "start ", 6)) {
			r = answer_start(image, line, bytes);
			if (r < 0)
				return r;
			continue;
		}
		r = parse_case(image, line, bytes, &question);
		if (r < 0) {
			fprintf(stderr, "not a case: %s", line);
			return r;
		}
		answer = image_ask(image, &question);
		print_answer(image, &question, &answer);
		r = with_kernel ? ask_kernel_too(line, &question, &answer) : 0;
		if (r < 0)
			return r;
		disagreements += r;
	}
	return disagreements;
}

/* 0: answered; 1: something is wrong; 3: the kernel disagrees. */
static int run(const char *policy, const char *cases_path, bool with_kernel)
{
	struct image *image = NULL;
	FILE *cases;
	int r;

	if (compile_file(policy, &image) < 0)
		return 1;
	cases = fopen(cases_path, "re");
	if (!cases) {
		fprintf(stderr, "cannot read %s: %s\n", cases_path, strerror(errno));
		image_free(image);
		return 1;
	}
	r = with_kernel ? kernel_use_image(image) : 0;
	if (r < 0)
		fprintf(stderr, "cannot give the kernel the image of %s: %s\n", policy, strerror(-r));
	else
		r = answer_cases(image, cases, with_kernel);
	(void)fclose(cases);
	image_free(image);
	return r < 0 ? 1 : r ? 3 : 0;
}

int main(int argc, char **argv)
{
	bool with_kernel = argc > 1 && !strcmp(argv[1], "--kernel");
	int r;

	if (argc - with_kernel != 3) {
		fprintf(stderr, "usage: diff-policy [--kernel] POLICY CASES\n");
		return 1;
	}
	if (with_kernel) {
		r = kernel_open();
		if (r < 0) {
			fprintf(stderr, "cannot load the programs that answer: %s\n", strerror(-r));
			return 1;
		}
	}
	r = run(argv[argc - 2], argv[argc - 1], with_kernel);
	if (with_kernel)
		kernel_close();
	return r;
}
