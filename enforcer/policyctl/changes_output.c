/* SPDX-License-Identifier: GPL-2.0-only */
/* changes_output.c - changed decisions for people, and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "changes_output.h"
#include "output.h"
#include "ownership.h"
#include "text/json.h"
#include "text/utf8.h"

/* NULL: the default decides now. */
static const struct pc_rule *rule_of(const struct change *change, const struct image *image)
{
	if (change->now_ref == PC_REF_NONE || (change->now_ref & PC_REF_RULE_MASK) == PC_RULE_DEFAULT)
		return NULL;
	return image_rule(image, change->now_ref);
}

/* ---- For people ---- */

static void show_text(const char *text)
{
	(void)output_safe(stdout, text, strlen(text));
}

/* "2026-01-02T03:04:05.678901234Z" → "2026-01-02 03:04:05"; what a line has instead of a time is shown as it is. */
static void show_time(const char *time)
{
	size_t day = strcspn(time, "T");

	(void)output_safe(stdout, time, day);
	if (time[day]) {
		printf(" ");
		(void)output_safe(stdout, time + day + 1, strcspn(time + day + 1, ".Z"));
	}
}

static void show_verdict(const char *label, const char *verdict)
{
	printf("  %s  %s%-5s%s  ", label, colour_start(colour_of_verdict(verdict)), verdict, colour_end());
}

static void show_change(const struct change *change, const struct image *image)
{
	const struct pc_rule *rule = rule_of(change, image);

	printf("%s ", change->hook);
	(void)output_safe(stdout, change->object, change->object_length);
	if (*change->access) {
		printf(" (");
		show_text(change->access);
		printf(")");
	}
	printf("  by ");
	show_text(change->program);
	if (*change->profile) {
		printf(" as ");
		show_text(change->profile);
	}
	printf("\n");
	show_verdict("was", change->was);
	show_text(change->was_rule);
	printf("\n");
	show_verdict("now", record_verdict_name(change->now));
	if (rule) {
		show_text(image_text(image, rule->file));
		printf(":%u  ", rule->line);
		show_text(image_text(image, rule->text));
	} else {
		printf("default");
	}
	printf("\n  %llu time%s, ", change->count, change->count == 1 ? "" : "s");
	show_time(change->first);
	if (strcmp(change->first, change->last) != 0) {
		printf(" to ");
		show_time(change->last);
	}
	printf("\n\n");
}

void changes_show(const struct changes *changes, const struct image *image)
{
	for (size_t i = 0; i < changes->count; i++)
		show_change(changes->list[i], image);
	printf("%llu decisions: %llu unchanged, %llu newly denied, %llu newly recorded, %llu newly allowed, "
	       "%llu not judged\n",
	       changes->decisions, changes->unchanged, changes->by_verdict[PC_DENY],
	       changes->by_verdict[PC_AUDIT], changes->by_verdict[PC_ALLOW], changes->unjudged.total);
	if (changes->newly_profiled > 0)
		printf("  %llu  were judged as of no profile, though the policy would put the program into one\n",
		       changes->newly_profiled);
	unjudged_show(&changes->unjudged, stdout);
}

/* ---- As JSON ---- */

static void add_clean(yajl_gen gen, const char *key, const char *bytes, size_t length, bool *ret_is_exact)
{
	_cleanup_free_ char *clean = malloc(UTF8_CLEAN_MAX(length) + 1);

	if (!clean)
		return;
	length = utf8_clean(bytes, length, clean, ret_is_exact);
	json_key_bytes(gen, key, clean, length);
}

static void add_text(yajl_gen gen, const char *key, const char *text)
{
	bool is_exact;

	if (*text)
		add_clean(gen, key, text, strlen(text), &is_exact);
}

/* As records have it. */
static void add_object(yajl_gen gen, const struct change *change)
{
	_cleanup_free_ char *hex = malloc(2 * change->object_length + 1);
	bool is_exact = true;

	add_clean(gen, "object", change->object, change->object_length, &is_exact);
	if (is_exact || !hex)
		return;
	for (size_t i = 0; i < change->object_length; i++)
		(void)sprintf(hex + 2 * i, "%02x", (unsigned char)change->object[i]);
	json_key_string(gen, "object_hex", hex);
}

static void add_now(yajl_gen gen, const struct change *change, const struct image *image)
{
	const struct pc_rule *rule = rule_of(change, image);
	_cleanup_free_ char *place = NULL;

	json_key_string(gen, "now", record_verdict_name(change->now));
	if (!rule || asprintf(&place, "%s:%u", image_text(image, rule->file), rule->line) < 0) {
		json_key_string(gen, "now_rule", "default");
		return;
	}
	add_text(gen, "now_rule", place);
	add_text(gen, "now_text", image_text(image, rule->text));
}

static void add_change(yajl_gen gen, const struct change *change, const struct image *image)
{
	(void)yajl_gen_map_open(gen);
	add_text(gen, "hook", change->hook);
	add_text(gen, "access", change->access);
	add_object(gen, change);
	add_text(gen, "program", change->program);
	add_text(gen, "profile", change->profile);
	add_text(gen, "was", change->was);
	add_text(gen, "was_rule", change->was_rule);
	add_now(gen, change, image);
	json_key_number(gen, "count", change->count);
	add_text(gen, "first", change->first);
	add_text(gen, "last", change->last);
	(void)yajl_gen_map_close(gen);
}

static void add_unjudged(yajl_gen gen, const struct unjudged_reason *reason)
{
	(void)yajl_gen_map_open(gen);
	json_key_string(gen, "why", reason->why);
	json_key_number(gen, "count", reason->count);
	add_text(gen, "file", reason->first.file);
	json_key_number(gen, "line", reason->first.line);
	(void)yajl_gen_map_close(gen);
}

static void add_all(yajl_gen gen, const struct changes *changes, const struct image *image)
{
	json_key_array(gen, "changes");
	for (size_t i = 0; i < changes->count; i++)
		add_change(gen, changes->list[i], image);
	(void)yajl_gen_array_close(gen);
	json_key_number(gen, "decisions", changes->decisions);
	json_key_number(gen, "unchanged", changes->unchanged);
	json_key_number(gen, "newly_denied", changes->by_verdict[PC_DENY]);
	json_key_number(gen, "newly_recorded", changes->by_verdict[PC_AUDIT]);
	json_key_number(gen, "newly_allowed", changes->by_verdict[PC_ALLOW]);
	json_key_number(gen, "newly_profiled", changes->newly_profiled);
	json_key_array(gen, "unjudged");
	for (size_t i = 0; i < changes->unjudged.count; i++)
		add_unjudged(gen, &changes->unjudged.list[i]);
	(void)yajl_gen_array_close(gen);
}

void changes_show_json(const struct changes *changes, const struct image *image)
{
	yajl_gen gen = json_open();

	if (!gen)
		return;
	add_all(gen, changes, image);
	(void)json_close(gen, stdout);
}
