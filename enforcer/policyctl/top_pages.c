/* SPDX-License-Identifier: GPL-2.0-only */
/* top_pages.c - texts that `policyctl top` shows over all else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "links.h"
#include "log_line.h"
#include "ownership.h"
#include "top_pages.h"
#include "words.h"

/* Lines of the policy before and behind the one that decided. */
#define AROUND 4
/* An explanation names each rule that was beaten. */
#define OUTPUT_MAX (256U << 10)

char *top_page_help(void)
{
	return strdup("Above, what the kernel has decided, by its own exact counters: a second, in all,\n"
		      "and each second of the last minute. Below, what was recorded and fits the\n"
		      "filter; /min is of late: what has come fades to half in 30 seconds.\n"
		      "\n"
		      "q           quit\n"
		      "p           pause, and go on\n"
		      "/           filter, in the words of policyctl log: hook open verdict deny\n"
		      "            object /etc/**; none: all. The tables begin anew\n"
		      "tab, 1-4    the next table, or that one: new denials (which flash for five\n"
		      "            seconds), programs, objects, rules\n"
		      "up, down, k, j, page up, page down, home, end\n"
		      "            select a line\n"
		      "enter       show the rule of the selected line in the policy\n"
		      "e           explain the selected line: what the policy says of it today\n"
		      "?           this\n"
		      "\n"
		      "A table holds 512 lines; TOTAL is of the time since a line is in it. When more\n"
		      "has come, it says by how much each /min may be too small; what has more than\n"
		      "that is never missing.\n");
}

static void write_record(FILE *out, const struct top_model *model, const struct record *record)
{
	_cleanup_free_ char *reason = rulebook_reason(model->book, record);
	_cleanup_free_ char *program = log_line_program(record);
	char what[32];

	log_line_what(record, what, sizeof(what));
	fprintf(out, "%s %s%s\n%s\n%s\n\n", what, record->object, record->is_cut ? "…" : "",
		program ? program : "", reason ? reason : "");
}

static void write_lines(FILE *out, FILE *policy, unsigned long wanted)
{
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	ssize_t length;

	for (unsigned long number = 1;
	     number <= wanted + AROUND && (length = getline(&line, &room, policy)) >= 0; number++) {
		if (number + AROUND < wanted)
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		fprintf(out, "%s %4lu  %s\n", number == wanted ? "→" : " ", number, line);
	}
}

static void write_rule(FILE *out, const struct record *record)
{
	const char *colon = strrchr(record->rule, ':');
	_cleanup_free_ char *path = colon ? strndup(record->rule, (size_t)(colon - record->rule)) : NULL;
	FILE *policy;

	if (!path) {
		fprintf(out, "No line of the policy decided.\n");
		return;
	}
	policy = fopen(path, "re");
	if (!policy) {
		fprintf(out, "%s cannot be read: %s\n", path, strerror(errno));
		return;
	}
	fprintf(out, "%s, as it is now:\n\n", path);
	write_lines(out, policy, strtoul(colon + 1, NULL, 10));
	(void)fclose(policy);
}

char *top_page_rule(const struct top_model *model, const struct record *record)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	write_record(out, model, record);
	write_rule(out, record);
	return fclose(out) == 0 ? text : NULL;
}

/* The object as a rule would be written: a name is quoted, what stands before it is not. */
static char *quote_object(const struct record *record)
{
	static const char *const prefixes[] = { "foreign:", "unix:@", "unix:", "" };
	_cleanup_free_ char *quoted = NULL;
	const char *prefix = "";
	char *text;

	if (!strchr(record->object, '/') && strncmp(record->object, "unix:@", strlen("unix:@")) != 0)
		return strdup(record->object);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]) && *prefix == '\0'; i++)
		if (strncmp(record->object, prefixes[i], strlen(prefixes[i])) == 0)
			prefix = prefixes[i];
	quoted = glob_quote(record->object + strlen(prefix));
	if (!quoted || asprintf(&text, "%s%s", prefix, quoted) < 0)
		return NULL;
	return text;
}

static void run_explain(char *const *argv, int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	(void)execv("/proc/self/exe", argv);
	_exit(EXIT_UNREACHABLE);
}

static char *read_output(int fd)
{
	char *text = malloc(OUTPUT_MAX + 1);
	size_t used = 0;
	ssize_t n = 0;

	while (text && used < OUTPUT_MAX &&
	       ((n = read(fd, text + used, OUTPUT_MAX - used)) > 0 || (n < 0 && errno == EINTR)))
		used += n > 0 ? (size_t)n : 0;
	if (text)
		text[used] = '\0';
	return text;
}

/* In a process of its own: it says all that it would say in a shell, and its memory goes with it. */
static char *ask_explain(char *const *argv)
{
	_cleanup_close_ int in = -1;
	int ends[2];
	char *text;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	in = ends[0];
	pid = fork();
	if (pid == 0)
		run_explain(argv, ends[1]);
	(void)close(ends[1]);
	if (pid < 0)
		return NULL;
	text = read_output(in);
	(void)close(take_fd(&in));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return text;
}

char *top_page_explain(const struct top_model *model, const struct record *record)
{
	_cleanup_free_ char *object = quote_object(record);
	const char *policy =
		model->args->given & ARGS_POLICY || !*model->path ? model->args->policy : model->path;
	const char *access = strcmp(record->access, "read") == 0 || strcmp(record->access, "write") == 0
				     ? record->access
				     : NULL;
	const char *argv[12] = { "policyctl", "explain", "--policy", policy, "--", section_name(record->hook),
				 object };
	size_t count = 7;

	if (record->is_cut || strlen(record->object) < record->object_length)
		return strdup(
			"The name of this object is too long, or holds a NUL byte: it cannot be asked about.\n");
	if (access)
		argv[count++] = access;
	if (*record->profile) {
		argv[count++] = "as";
		argv[count++] = record->profile;
	}
	return object ? ask_explain((char *const *)argv) : NULL;
}
