/* SPDX-License-Identifier: GPL-2.0-only */
/* explain_output.c - an explanation for people, and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain_output.h"
#include "output.h"
#include "ownership.h"
#include "text/json.h"
#include "text/utf8.h"
#include "words.h"

static const char *const verdicts[] = { [PC_DENY] = "deny", [PC_AUDIT] = "audit", [PC_ALLOW] = "allow" };
static const char *const accesses[] = { "", "read", "write", "read+write" };

static const char *mode_name(const struct explain_view *view)
{
	return view->policy->sections[view->explanation->section].mode == PC_MODE_ENFORCE ? "enforce" : "audit";
}

/* What the mode makes of the verdict. */
static const char *effect(const struct explain_view *view)
{
	if (view->explanation->verdict == PC_ALLOW)
		return "it passes";
	if (view->explanation->verdict == PC_AUDIT || view->policy->sections[view->explanation->section].mode == PC_MODE_AUDIT)
		return "it passes and is recorded as a would-be denial";
	return "it is refused";
}

/* ---- For people ---- */

static void show_text(const char *text)
{
	output_safe(stdout, text, strlen(text));
}

/* "policy.ini:12  deny = $feed" and, for a list's object, where it stands. */
static void show_rule(const struct rule *rule)
{
	show_text(rule->loc.file);
	printf(":%u  ", rule->loc.line);
	show_text(rule->text);
	if (rule->item.file) {
		printf("  (from ");
		show_text(rule->item.file);
		printf(":%u)", rule->item.line);
	}
	if (rule->is_alias)
		printf("  (through a link)");
	printf("\n");
}

static void show_decider(const struct explain_view *view)
{
	const struct section *section = &view->policy->sections[view->explanation->section];
	const struct loc *loc = &section->scalars[SECTION_DEFAULT];

	printf("  by    ");
	if (view->explanation->source == EXPLAIN_RULE) {
		show_rule(&view->policy->rules[view->explanation->rule]);
	} else if (view->explanation->source == EXPLAIN_NOTHING || !loc->file) {
		printf("default: no rule speaks of it\n");
	} else {
		show_text(loc->file);
		printf(":%u  default = %s\n", loc->line, verdicts[section->default_verdict]);
	}
}

void explain_show(const struct explain_view *view)
{
	const struct explanation *explanation = view->explanation;
	const char *verdict = verdicts[explanation->verdict];

	printf("%s%s%s  %s ", colour_start(colour_of_verdict(verdict)), verdict, colour_end(),
	       section_name(view->section));
	show_text(view->judged);
	if (view->section == PC_OPEN)
		printf(" (%s)", accesses[view->access]);
	if (view->profile)
		printf(" as %s", view->profile);
	printf("\n");
	show_decider(view);
	printf("  mode  %s: %s\n", mode_name(view), effect(view));
	if (strcmp(view->typed, view->judged) != 0) {
		printf("  from  ");
		show_text(view->typed);
		printf("\n");
	}
	if (view->note)
		printf("  note  %s\n", view->note);
	for (size_t i = 0; i < explanation->loser_count; i++) {
		printf("  beat  ");
		show_rule(&view->policy->rules[explanation->losers[i].rule]);
		printf("        %s%s%s\n", colour_start(COLOUR_FAINT), explanation->losers[i].why, colour_end());
	}
}

/* ---- As JSON ---- */

static void add_clean(yajl_gen gen, const char *key, const char *text)
{
	size_t length = strlen(text);
	_cleanup_free_ char *clean = malloc(UTF8_CLEAN_MAX(length) + 1);
	bool is_exact;

	if (!clean)
		return;
	length = utf8_clean(text, length, clean, &is_exact);
	json_key_bytes(gen, key, clean, length);
}

static void add_place(yajl_gen gen, const char *key, const struct loc *loc)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s:%u", loc->file, loc->line) < 0) {
		text = NULL;
		return;
	}
	add_clean(gen, key, text);
}

static void add_rule(yajl_gen gen, const struct rule *rule)
{
	add_place(gen, "rule", &rule->loc);
	add_clean(gen, "text", rule->text);
	if (rule->item.file)
		add_place(gen, "item", &rule->item);
	if (rule->is_alias)
		json_key_bool(gen, "alias", true);
}

static void add_answer(yajl_gen gen, const struct explain_view *view)
{
	json_key_string(gen, "verdict", verdicts[view->explanation->verdict]);
	json_key_string(gen, "hook", section_name(view->section));
	if (view->section == PC_OPEN)
		json_key_string(gen, "access", accesses[view->access]);
	add_clean(gen, "object", view->typed);
	add_clean(gen, "canonical", view->judged);
	json_key_string(gen, "mode", mode_name(view));
	if (view->profile)
		json_key_string(gen, "profile", view->profile);
	if (view->note)
		json_key_string(gen, "note", view->note);
	if (view->explanation->source == EXPLAIN_RULE)
		add_rule(gen, &view->policy->rules[view->explanation->rule]);
	else
		json_key_string(gen, "rule", "default");
}

void explain_show_json(const struct explain_view *view)
{
	const struct explanation *explanation = view->explanation;
	yajl_gen gen = json_open();

	if (!gen)
		return;
	add_answer(gen, view);
	json_key_array(gen, "beaten");
	for (size_t i = 0; i < explanation->loser_count; i++) {
		(void)yajl_gen_map_open(gen);
		add_rule(gen, &view->policy->rules[explanation->losers[i].rule]);
		json_key_string(gen, "why", explanation->losers[i].why);
		(void)yajl_gen_map_close(gen);
	}
	(void)yajl_gen_array_close(gen);
	(void)json_close(gen, stdout);
}
