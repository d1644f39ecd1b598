/* SPDX-License-Identifier: GPL-2.0-only */
/* metrics.c - what status tells, as text for Prometheus: a row of the table for each metric. */
#include <string.h>

#include "events.h"
#include "hits.h"
#include "metrics.h"
#include "ownership.h"
#include "text/line.h"
#include "text/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Bytes of a label's value, which may be a path. */
#define LABEL_MAX 1024

/* One metric on its way out. */
struct writer {
	const struct status_facts *facts;
	const char *name;
	FILE *out;
};

/* Labels' values may hold any UTF-8, with these three escaped. */
static void write_label(FILE *out, const char *key, const char *value)
{
	char clean[UTF8_CLEAN_MAX(LABEL_MAX)];
	size_t length = strnlen(value, LABEL_MAX);
	bool is_exact;

	length = utf8_clean(value, length, clean, &is_exact);
	fprintf(out, "%s=\"", key);
	for (size_t i = 0; i < length; i++) {
		if (clean[i] == '"' || clean[i] == '\\' || clean[i] == '\n')
			(void)fputc('\\', out);
		(void)fputc(clean[i] == '\n' ? 'n' : clean[i], out);
	}
	(void)fputc('"', out);
}

/* `labels`: key, value, key, value, …, NULL. */
static void write_sample(const struct writer *writer, const char *const labels[], double number)
{
	(void)fputs(writer->name, writer->out);
	for (size_t i = 0; labels[i]; i += 2) {
		(void)fputc(i == 0 ? '{' : ',', writer->out);
		write_label(writer->out, labels[i], labels[i + 1]);
	}
	/* Counts are exact up to 2^53, times to the microsecond. */
	fprintf(writer->out, "%s %.16g\n", labels[0] ? "}" : "", number);
}

/* ---- Metrics with labels. ---- */

static void write_build(const struct writer *writer)
{
	write_sample(writer, (const char *const[]){ "version", PORTCULLIS_VERSION, NULL }, 1);
}

static void write_decisions(const struct writer *writer)
{
	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		for (unsigned int k = 0; k < PC_NO_VERDICT; k++)
			write_sample(writer,
				     (const char *const[]){ "hook", event_hook_name(i), "verdict",
							    event_verdict_name(k), NULL },
				     writer->facts->counters->fate[i][k][PC_DECIDED]);
}

static void write_fate(const struct writer *writer, enum pc_fate fate)
{
	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		for (unsigned int k = 0; k < PC_NO_VERDICT; k++)
			write_sample(writer,
				     (const char *const[]){ "fate", status_fate_name(fate), "hook",
							    event_hook_name(i), "verdict",
							    event_verdict_name(k), NULL },
				     writer->facts->counters->fate[i][k][fate]);
}

static void write_fates(const struct writer *writer)
{
	for (unsigned int fate = PC_LOGGED; fate < PC_FATES; fate++)
		write_fate(writer, fate);
}

static void write_troubles(const struct writer *writer)
{
	for (unsigned int i = 0; i < PC_TROUBLES; i++)
		write_sample(writer, (const char *const[]){ "trouble", status_trouble_name(i), NULL },
			     writer->facts->counters->trouble[i]);
}

static void write_policy(const struct writer *writer)
{
	const struct generation *live = writer->facts->live;
	char id[24];

	if (!live)
		return;
	(void)snprintf(id, sizeof(id), "%016llx", (unsigned long long)live->id);
	write_sample(writer,
		     (const char *const[]){ "name", generation_text(live, live->name), "generation", id,
					    "path", writer->facts->policy_path, NULL },
		     1);
}

static void write_rules(const struct writer *writer)
{
	for (unsigned int i = 0; i < PC_SECTIONS && writer->facts->live; i++)
		write_sample(writer, (const char *const[]){ "hook", event_hook_name(i), NULL },
			     writer->facts->live->rules_of[i]);
}

/* "policy.ini", "12", "open web" */
static void write_line(const struct writer *writer, const struct hits_line *hits)
{
	const struct generation *live = writer->facts->live;
	const struct pc_rule *rule = &live->rules[hits->rule];
	const char *profile = generation_rule_profile(live, hits->rule);
	char line[LINE_DIGITS_MAX + 1] = "", section[PC_NAME_MAX + 16];

	(void)line_digits(line, rule->line);
	(void)snprintf(section, sizeof(section), "%s%s%s", event_hook_name(rule->section), profile ? " " : "",
		       profile ?: "");
	write_sample(writer,
		     (const char *const[]){ "file", generation_text(live, rule->file), "line", line, "section", section,
					    NULL },
		     hits->count);
}

static void write_hits(const struct writer *writer)
{
	const struct status_facts *facts = writer->facts;
	_cleanup_free_ struct hits_line *lines = facts->hits ? calloc(facts->hits_shown, sizeof(*lines)) : NULL;
	int count = lines ? hits_busiest(facts->live, facts->hits, lines, facts->hits_shown) : 0;

	for (int i = 0; i < count; i++)
		write_line(writer, &lines[i]);
}

/* A sample for each mode, so that none vanishes when it changes. */
static void write_mode(const struct writer *writer, unsigned int hook, const char *mode)
{
	static const char *const modes[] = { "enforce", "audit", "unknown", "none" };

	for (size_t i = 0; i < COUNT(modes); i++)
		write_sample(writer,
			     (const char *const[]){ "hook", event_hook_name(hook), "mode", modes[i], NULL },
			     strcmp(mode, modes[i]) == 0);
}

static void write_effective_modes(const struct writer *writer)
{
	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		write_mode(writer, i, status_effective_mode(writer->facts, i));
}

static void write_asked_modes(const struct writer *writer)
{
	const struct generation *live = writer->facts->live;

	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		write_mode(writer, i, live ? event_mode_name(live->modes[i]) : "none");
}

static void write_reloads(const struct writer *writer)
{
	write_sample(writer, (const char *const[]){ "result", "loaded", NULL }, writer->facts->reloads);
	write_sample(writer, (const char *const[]){ "result", "refused", NULL },
		     writer->facts->refused_reloads);
}

static void write_written(const struct writer *writer)
{
	for (size_t i = 0; i < writer->facts->output_count; i++)
		write_sample(writer, (const char *const[]){ "output", writer->facts->outputs[i].name, NULL },
			     writer->facts->outputs[i].written);
}

static void write_lost(const struct writer *writer)
{
	for (size_t i = 0; i < writer->facts->output_count; i++)
		write_sample(writer, (const char *const[]){ "output", writer->facts->outputs[i].name, NULL },
			     writer->facts->outputs[i].lost);
}

/* ---- Metrics that are one number. ---- */

static double seconds(__u64 ns)
{
	return (double)(ns / 1000) / 1e6;
}

static double get_sound(const struct status_facts *facts)
{
	return status_is_sound(facts);
}

static double get_live(const struct status_facts *facts)
{
	return !facts->dead_hook;
}

static double get_audit_forced(const struct status_facts *facts)
{
	return facts->is_audit_forced;
}

static double get_since(const struct status_facts *facts)
{
	return facts->live ? seconds(facts->live->loaded) : 0;
}

static double get_image(const struct status_facts *facts)
{
	return facts->live ? facts->live->image_size : 0;
}

static double get_load_success(const struct status_facts *facts)
{
	return !facts->is_load_refused;
}

static double get_last_load(const struct status_facts *facts)
{
	return seconds(facts->last_load);
}

static double get_load_time(const struct status_facts *facts)
{
	return seconds(facts->reload_time);
}

static double get_kernel_threads(const struct status_facts *facts)
{
	return facts->counters->kernel_threads;
}

static double get_no_policy(const struct status_facts *facts)
{
	return facts->counters->no_policy;
}

static double get_guarded(const struct status_facts *facts)
{
	return facts->counters->guarded;
}

static double get_own(const struct status_facts *facts)
{
	return facts->counters->own;
}

static double get_taken(const struct status_facts *facts)
{
	return facts->records;
}

static double get_malformed(const struct status_facts *facts)
{
	return facts->malformed;
}

static double get_fallback(const struct status_facts *facts)
{
	return facts->fallback != NULL;
}

static double get_trial(const struct status_facts *facts)
{
	return facts->trial_until != 0;
}

static double get_cache_on(const struct status_facts *facts)
{
	return facts->cache.is_on;
}

static double get_cache_size(const struct status_facts *facts)
{
	return facts->cache.bytes;
}

static double get_cache_asked(const struct status_facts *facts)
{
	return status_cache_asked(facts->counters);
}

static double get_cache_hits(const struct status_facts *facts)
{
	return status_cache_hits(facts->counters);
}

static double get_cache_fills(const struct status_facts *facts)
{
	return facts->counters->cache_fills;
}

static double get_cache_evictions(const struct status_facts *facts)
{
	return facts->counters->cache_evictions;
}

static double get_clients(const struct status_facts *facts)
{
	return facts->clients;
}

static double get_started(const struct status_facts *facts)
{
	return seconds(facts->started);
}

/* ---- All of them. ---- */

enum type {
	COUNTER,
	GAUGE,
};

/* One of the two: a number without labels, or all samples. */
struct metric {
	enum type type;
	const char *name;
	const char *help; /* neither newline nor backslash in it */
	double (*number)(const struct status_facts *facts);
	void (*samples)(const struct writer *writer);
};

static const struct metric metrics[] = {
	{ GAUGE, "portcullis_build_info", "The daemon's version; always 1.", .samples = write_build },
	{ GAUGE, "portcullis_sound",
	  "1: a policy is loaded, every hook is live and in the mode that the policy asks for.",
	  .number = get_sound },
	{ COUNTER, "portcullis_decisions_total",
	  "Decisions by what happened; audit: passed, but would have been denied.",
	  .samples = write_decisions },
	{ COUNTER, "portcullis_decision_fates_total",
	  "What became of the decisions; over all fates they add up to them.", .samples = write_fates },
	{ COUNTER, "portcullis_troubles_total",
	  "Decisions by the strictest rule, as the object could not be told.", .samples = write_troubles },
	{ COUNTER, "portcullis_kernel_thread_decisions_total", "What kernel threads did, always allowed.",
	  .number = get_kernel_threads },
	{ COUNTER, "portcullis_without_policy_total", "What hooks let pass while no policy was loaded.",
	  .number = get_no_policy },
	{ COUNTER, "portcullis_own_denials_total",
	  "Denials of the daemon itself, which were not carried out.", .number = get_own },
	{ COUNTER, "portcullis_guarded_total", "Attempts to end, stop or trace the daemon that were refused.",
	  .number = get_guarded },
	{ COUNTER, "portcullis_records_taken_total", "Records taken from the kernel.", .number = get_taken },
	{ COUNTER, "portcullis_records_malformed_total", "Of these, those that were no records.",
	  .number = get_malformed },
	{ COUNTER, "portcullis_output_written_total", "Records that an output took.",
	  .samples = write_written },
	{ COUNTER, "portcullis_output_lost_total", "Records that an output did not take.",
	  .samples = write_lost },
	{ GAUGE, "portcullis_hooks_live", "1: the daemon's own requests reach every hook.",
	  .number = get_live },
	{ GAUGE, "portcullis_mode_effective", "1 for the mode that the hook is in.",
	  .samples = write_effective_modes },
	{ GAUGE, "portcullis_mode_asked", "1 for the mode that the policy's host-wide section asks for.",
	  .samples = write_asked_modes },
	{ GAUGE, "portcullis_audit_forced", "1: nothing is refused, by 'policyctl mode audit'.",
	  .number = get_audit_forced },
	{ GAUGE, "portcullis_policy_info", "The live policy; always 1.", .samples = write_policy },
	{ GAUGE, "portcullis_policy_rules", "Rules of the live policy, those of profiles included.",
	  .samples = write_rules },
	{ COUNTER, "portcullis_rule_hits_total",
	  "Decisions by the lines of the policy that decided most.", .samples = write_hits },
	{ GAUGE, "portcullis_policy_image_bytes", "Size of the live policy in the kernel.",
	  .number = get_image },
	{ GAUGE, "portcullis_policy_loaded_timestamp_seconds", "Since when the live policy is live.",
	  .number = get_since },
	{ COUNTER, "portcullis_reloads_total", "Reloads by what came of them.", .samples = write_reloads },
	{ GAUGE, "portcullis_last_load_successful",
	  "0: the last reload was refused, the policy before it stays.", .number = get_load_success },
	{ GAUGE, "portcullis_last_load_timestamp_seconds",
	  "When the policy was last loaded or refused, the start included.", .number = get_last_load },
	{ GAUGE, "portcullis_last_reload_duration_seconds",
	  "How long the last reload took; 0: there was none.", .number = get_load_time },
	{ GAUGE, "portcullis_policy_fallback",
	  "1: the configured policy could not be loaded, the last good one is live.", .number = get_fallback },
	{ GAUGE, "portcullis_policy_on_trial", "1: the policy before comes back unless this one is confirmed.",
	  .number = get_trial },
	{ GAUGE, "portcullis_cache_on", "1: answers are remembered.", .number = get_cache_on },
	{ GAUGE, "portcullis_cache_bytes", "Room for remembered answers.", .number = get_cache_size },
	{ COUNTER, "portcullis_cache_lookups_total", "Opens and execs, for which answers are remembered.",
	  .number = get_cache_asked },
	{ COUNTER, "portcullis_cache_hits_total", "Of these, those whose answer was remembered.",
	  .number = get_cache_hits },
	{ COUNTER, "portcullis_cache_fills_total", "Answers that were put into the cache.",
	  .number = get_cache_fills },
	{ COUNTER, "portcullis_cache_evictions_total",
	  "Of these, those that took the place of one that still held.", .number = get_cache_evictions },
	{ GAUGE, "portcullis_control_clients", "Connections to the control socket.", .number = get_clients },
	{ GAUGE, "process_start_time_seconds", "When the daemon was started.", .number = get_started },
};

void metrics_write(const struct status_facts *facts, FILE *out)
{
	static const char *const types[] = { [COUNTER] = "counter", [GAUGE] = "gauge" };

	for (size_t i = 0; i < COUNT(metrics); i++) {
		const struct metric *metric = &metrics[i];
		struct writer writer = { .facts = facts, .name = metric->name, .out = out };

		fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
			types[metric->type]);
		if (metric->number)
			write_sample(&writer, (const char *const[]){ NULL }, metric->number(facts));
		else
			metric->samples(&writer);
	}
}
