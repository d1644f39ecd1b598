/* SPDX-License-Identifier: GPL-2.0-only */
/* status.c - `policyctl status`: the daemon's JSON, or the same for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "moment.h"
#include "output.h"
#include "ownership.h"
#include "tree.h"
#include "verbs.h"
#include "words.h"

static const char *const verdicts[] = { "allow", "audit", "deny", NULL };
static const char *const fates[] = { "decided", "logged", "coalesced", "unlogged", "lost", NULL };

static yajl_val find(yajl_val root, const char *a, const char *b, const char *c)
{
	const char *path[] = { a, b, c, NULL };

	return yajl_tree_get(root, path, yajl_t_any);
}

static void show_safe(const char *before, const char *text, const char *after)
{
	printf("%s", before);
	output_safe(stdout, text, strlen(text));
	printf("%s", after);
}

static void show_rules(yajl_val status)
{
	yajl_val rules = tree_find(status, "policy.rules");

	printf("rules       ");
	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		printf("%s%s %s", i ? ", " : "", section_name(i), tree_number(rules, section_name(i)));
	printf("; image of %s bytes\n", tree_number(status, "policy.image_bytes"));
}

static void show_policy(yajl_val status)
{
	const char *name = tree_string(status, "policy.name");

	if (!tree_is_true(status, "policy.loaded")) {
		printf("policy      %sNO POLICY IS LOADED: everything is allowed%s\n", colour_start(COLOUR_BAD), colour_end());
		return;
	}
	show_safe("policy      ", tree_string(status, "policy.path"), "");
	if (*name)
		show_safe(", name ", name, "");
	printf("\n");
	if (tree_find(status, "policy.fallback")) {
		printf("            %s", colour_start(COLOUR_BAD));
		show_safe("NOT THE CONFIGURED ONE: ", tree_string(status, "policy.fallback"), "");
		printf("%s\n", colour_end());
	}
	show_rules(status);
	printf("generation  %s, since %.19sZ; %s reloads, %s refused\n", tree_string(status, "policy.generation"),
	       tree_string(status, "policy.since"), tree_number(status, "policy.reloads"),
	       tree_number(status, "policy.refused_reloads"));
	if (tree_find(status, "policy.trial_seconds"))
		printf("            %son trial: the policy before comes back in %s s unless 'policyctl confirm' comes%s\n",
		       colour_start(COLOUR_BAD), tree_number(status, "policy.trial_seconds"), colour_end());
}

/* Of "effective" or "asked"; "unknown" where the daemon told nothing. */
static const char *mode_of(yajl_val status, const char *which, const char *hook)
{
	const char *mode = YAJL_GET_STRING(find(status, "mode", which, hook));

	return mode ? mode : "unknown";
}

static void show_modes(yajl_val status)
{
	bool is_as_asked = tree_is_true(status, "sound");

	printf("mode        ");
	for (unsigned int i = 0; i < PC_SECTIONS; i++) {
		const char *effective = mode_of(status, "effective", section_name(i));
		const char *asked = mode_of(status, "asked", section_name(i));

		printf("%s %s", section_name(i), effective);
		if (strcmp(effective, asked) != 0)
			printf(" %s(asked: %s)%s", colour_start(COLOUR_BAD), asked, colour_end());
		printf("%s", i + 1 == PC_SECTIONS ? "\n" : is_as_asked ? ", " : "\n            ");
	}
	if (tree_is_true(status, "mode.sealed"))
		printf("            sealed: as it is until the host is booted again\n");
	if (!tree_is_true(status, "mode.audit_forced"))
		return;
	printf("            %saudit is forced", colour_start(COLOUR_BAD));
	if (tree_find(status, "mode.audit_seconds"))
		printf(", for %s s", tree_number(status, "mode.audit_seconds"));
	printf("; 'policyctl mode policy' ends that%s\n", colour_end());
}

static void show_list(const char *label, yajl_val list)
{
	size_t column = 12;

	printf("%-12s", label);
	for (size_t i = 0; YAJL_IS_ARRAY(list) && i < YAJL_GET_ARRAY(list)->len; i++) {
		const char *text = YAJL_GET_STRING(YAJL_GET_ARRAY(list)->values[i]);

		if (!text)
			continue;
		if (column > 12 && column + strlen(text) > 79) {
			printf("\n%-12s", "");
			column = 12;
		}
		printf("%s ", text);
		column += strlen(text) + 1;
	}
	printf("\n");
}

static void show_kernel(yajl_val status)
{
	if (tree_is_true(status, "kernel.live")) {
		printf("hooks       %slive%s\n", colour_start(COLOUR_GOOD), colour_end());
	} else {
		printf("hooks       %s", colour_start(COLOUR_BAD));
		show_safe("NOT LIVE: ", tree_string(status, "kernel.trouble"), "");
		printf("%s\n", colour_end());
	}
	show_list("programs", tree_find(status, "kernel.programs"));
	show_list("caps kept", tree_find(status, "capabilities"));
}

static void show_fates(yajl_val status, const char *hook, const char *verdict)
{
	yajl_val row = find(status, "counters", hook, verdict);

	printf("%-7s %-6s", hook, verdict);
	for (size_t i = 0; fates[i]; i++)
		printf(" %12s", tree_number(row, fates[i]));
	printf("%s\n", tree_is_true(row, "balanced") ? "" : " *");
}

/* Who sees the mark must be told what it means. */
static void show_unbalanced(yajl_val status)
{
	bool is_balanced = true;

	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		for (size_t k = 0; verdicts[k]; k++)
			is_balanced &= tree_is_true(find(status, "counters", section_name(i), verdicts[k]), "balanced");
	if (!is_balanced)
		printf("* some are being decided or recorded right now\n");
}

static void show_counters(yajl_val status)
{
	printf("\n%-14s", "");
	for (size_t i = 0; fates[i]; i++)
		printf(" %12s", fates[i]);
	printf("\n");
	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		for (size_t k = 0; verdicts[k]; k++)
			show_fates(status, section_name(i), verdicts[k]);
	show_unbalanced(status);
	printf("\nrecords     %s taken", tree_number(status, "records.taken"));
	printf("; kernel threads %s, without policy %s\n", tree_number(status, "counters.kernel_threads"),
	       tree_number(status, "counters.no_policy"));
	if (strcmp(tree_number(status, "counters.guarded"), "0") != 0)
		printf("            %s%s attempts on the daemon itself were refused%s\n", colour_start(COLOUR_BAD),
		       tree_number(status, "counters.guarded"), colour_end());
}

static void show_outputs(yajl_val status)
{
	yajl_val outputs = tree_find(status, "outputs");
	size_t count = YAJL_IS_ARRAY(outputs) ? YAJL_GET_ARRAY(outputs)->len : 0;

	printf("outputs     %s", count ? "" : "none: records go to those who follow them\n");
	for (size_t i = 0; i < count; i++) {
		yajl_val output = YAJL_GET_ARRAY(outputs)->values[i];
		bool is_losing = strcmp(tree_number(output, "lost"), "0") != 0;

		printf("%s%-8s%s written, %s%s lost%s", i ? "            " : "", tree_string(output, "output"),
		       tree_number(output, "written"), is_losing ? colour_start(COLOUR_BAD) : "",
		       tree_number(output, "lost"), is_losing ? colour_end() : "");
		show_safe(*tree_string(output, "path") ? ": " : "", tree_string(output, "path"), "\n");
	}
}

static void show_cache(yajl_val status)
{
	printf("cache       ");
	if (!tree_is_true(status, "cache.on")) {
		printf("off: a hook is dead, or the kernel has no __d_move to watch\n");
		return;
	}
	printf("%s%% hits: %s of %s opens and execs\n", tree_number(status, "cache.hit_percent"),
	       tree_number(status, "cache.hits"), tree_number(status, "cache.asked"));
	printf("            %s slots in %s bytes; ", tree_number(status, "cache.slots"), tree_number(status, "cache.bytes"));
	printf("%s fills, %s evictions\n", tree_number(status, "cache.fills"), tree_number(status, "cache.evictions"));
}

static void show_troubles(yajl_val status)
{
	yajl_val troubles = tree_find(status, "troubles");
	bool is_first = true;

	printf("troubles    ");
	for (size_t i = 0; YAJL_IS_OBJECT(troubles) && i < YAJL_GET_OBJECT(troubles)->len; i++) {
		const char *name = YAJL_GET_OBJECT(troubles)->keys[i];
		const char *count = tree_number(troubles, name);

		if (strcmp(count, "0") == 0)
			continue;
		printf("%s%s %s", is_first ? "" : ", ", name, count);
		is_first = false;
	}
	printf(is_first ? "none\n" : "\n");
}

/* What the exit code says, in words. */
static void show_state(yajl_val status)
{
	if (tree_is_true(status, "sound"))
		printf("state       %sas the policy asks%s\n", colour_start(COLOUR_GOOD), colour_end());
	else
		printf("state       %sNOT AS THE POLICY ASKS: see mode and hooks%s\n", colour_start(COLOUR_BAD),
		       colour_end());
}

static void show(yajl_val status)
{
	char uptime[MOMENT_TEXT_MAX];

	moment_format_span(strtoull(tree_number(status, "uptime_seconds"), NULL, 10) * MOMENT_SECOND, uptime);
	printf("portcullisd %s, pid %s, up %s\n", tree_string(status, "version"), tree_number(status, "pid"), uptime);
	show_state(status);
	show_policy(status);
	show_modes(status);
	show_kernel(status);
	show_counters(status);
	show_outputs(status);
	show_cache(status);
	show_troubles(status);
}

int status_run(const struct args *args)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	char error[128] = "";
	yajl_val status;
	int r;

	r = connection_ask_text(args->socket, PC_CTL_STATUS, NULL, 0, &text, &size);
	if (r == EXIT_UNREACHABLE || (r == EXIT_REFUSED && size > 0 && text[0] != '{')) {
		/* Why, if the daemon itself said it. */
		if (size > 0)
			(void)fwrite(text, 1, size, stderr);
		return r;
	}
	if (args->given & ARGS_JSON) {
		(void)fwrite(text, 1, size, stdout);
		return r;
	}
	status = yajl_tree_parse(text, error, sizeof(error));
	if (!status) {
		fprintf(stderr, "policyctl: the daemon's status is no JSON: %s\n", error);
		return EXIT_UNREACHABLE;
	}
	show(status);
	yajl_tree_free(status);
	return r;
}
