/* SPDX-License-Identifier: GPL-2.0-only */
/* status.c - what the daemon tells about itself and the kernel: one JSON object. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "events.h"
#include "ownership.h"
#include "privs.h"
#include "status.h"
#include "text/json.h"
#include "text/utf8.h"

/* Paths are the administrator's, but JSON is UTF-8 all the same. */
static void add_path(yajl_gen gen, const char *key, const char *text)
{
	char clean[UTF8_CLEAN_MAX(1024)];
	size_t length = strlen(text);
	bool is_exact;

	length = utf8_clean(text, length < 1024 ? length : 1024, clean, &is_exact);
	json_key_bytes(gen, key, clean, length);
}

/* Rounded up; nothing where there is no end. */
static void add_time_left(yajl_gen gen, const char *key, __u64 until)
{
	__u64 now = clock_boottime();

	if (until)
		json_key_number(gen, key, until > now ? (until - now + 999999999U) / 1000000000U : 0);
}

static void add_policy(yajl_gen gen, const struct status_facts *facts)
{
	const struct generation *live = facts->live;
	char time[EVENT_TIME_MAX];

	json_key_map(gen, "policy");
	add_path(gen, "path", facts->policy_path);
	json_key_bool(gen, "loaded", live != NULL);
	if (facts->fallback)
		add_path(gen, "fallback", facts->fallback);
	if (live) {
		event_format_time(live->loaded, time);
		if (*generation_text(live, live->name))
			add_path(gen, "name", generation_text(live, live->name));
		json_key_hex64(gen, "generation", live->id);
		json_key_string(gen, "since", time);
		json_key_number(gen, "image_bytes", live->image_size);
		json_key_map(gen, "rules");
		for (unsigned int i = 0; i < PC_SECTIONS; i++)
			json_key_number(gen, event_hook_name(i), live->rules_of[i]);
		(void)yajl_gen_map_close(gen);
	}
	add_time_left(gen, "trial_seconds", facts->trial_until);
	json_key_number(gen, "reloads", facts->reloads);
	json_key_number(gen, "refused_reloads", facts->refused_reloads);
	json_key_number(gen, "reload_us", facts->reload_time / 1000);
	(void)yajl_gen_map_close(gen);
}

/* A dead hook decides nothing; which one it is, the canary says in words. */
const char *status_effective_mode(const struct status_facts *facts, unsigned int section)
{
	if (!facts->live)
		return "none";
	if (facts->dead_hook)
		return "unknown";
	if (facts->is_audit_forced)
		return event_mode_name(PC_MODE_AUDIT);
	return event_mode_name(facts->live->modes[section]);
}

bool status_is_sound(const struct status_facts *facts)
{
	for (unsigned int i = 0; i < PC_SECTIONS && facts->live; i++)
		if (strcmp(status_effective_mode(facts, i), event_mode_name(facts->live->modes[i])) != 0)
			return false;
	return facts->live != NULL && !facts->fallback;
}

static void add_modes(yajl_gen gen, const struct status_facts *facts)
{
	json_key_map(gen, "mode");
	json_key_map(gen, "asked");
	for (unsigned int i = 0; i < PC_SECTIONS && facts->live; i++)
		json_key_string(gen, event_hook_name(i), event_mode_name(facts->live->modes[i]));
	(void)yajl_gen_map_close(gen);
	json_key_map(gen, "effective");
	for (unsigned int i = 0; i < PC_SECTIONS; i++)
		json_key_string(gen, event_hook_name(i), status_effective_mode(facts, i));
	(void)yajl_gen_map_close(gen);
	json_key_bool(gen, "audit_forced", facts->is_audit_forced);
	add_time_left(gen, "audit_seconds", facts->audit_until);
	json_key_bool(gen, "sealed", facts->is_sealed);
	(void)yajl_gen_map_close(gen);
}

static void add_kernel(yajl_gen gen, const struct status_facts *facts)
{
	json_key_map(gen, "kernel");
	json_key_bool(gen, "live", !facts->dead_hook);
	if (facts->pins)
		add_path(gen, "pins", facts->pins);
	if (facts->dead_hook)
		add_path(gen, "trouble", facts->dead_hook);
	json_key_array(gen, "programs");
	for (const char *const *name = facts->programs; name && *name; name++)
		json_string(gen, *name);
	(void)yajl_gen_array_close(gen);
	json_key_array(gen, "untried");
	for (size_t i = 0; i < facts->untried_count; i++)
		json_string(gen, facts->untried[i]);
	(void)yajl_gen_array_close(gen);
	(void)yajl_gen_map_close(gen);
}

static void add_privileges(yajl_gen gen)
{
	const char *name;

	json_key_array(gen, "capabilities");
	for (size_t i = 0; (name = privs_name(i)); i++)
		json_string(gen, name);
	(void)yajl_gen_array_close(gen);
}

const char *status_fate_name(enum pc_fate fate)
{
	static const char *const names[PC_FATES] = { "decided", "logged", "coalesced", "unlogged", "lost" };

	return names[fate];
}

static void add_fates(yajl_gen gen, const __u64 fates[PC_FATES])
{
	__u64 sum = 0;

	(void)yajl_gen_map_open(gen);
	for (size_t i = 0; i < PC_FATES; i++)
		json_key_number(gen, status_fate_name(i), fates[i]);
	for (size_t i = PC_LOGGED; i < PC_FATES; i++)
		sum += fates[i];
	json_key_bool(gen, "balanced", sum == fates[PC_DECIDED]);
	(void)yajl_gen_map_close(gen);
}

static void add_counters(yajl_gen gen, const struct pc_counters *counters)
{
	json_key_map(gen, "counters");
	for (unsigned int i = 0; i < PC_SECTIONS; i++) {
		json_key_map(gen, event_hook_name(i));
		for (unsigned int k = PC_NO_VERDICT; k-- > 0;) {
			json_string(gen, event_verdict_name(k));
			add_fates(gen, counters->fate[i][k]);
		}
		(void)yajl_gen_map_close(gen);
	}
	json_key_number(gen, "kernel_threads", counters->kernel_threads);
	json_key_number(gen, "no_policy", counters->no_policy);
	json_key_number(gen, "own", counters->own);
	json_key_number(gen, "guarded", counters->guarded);
	(void)yajl_gen_map_close(gen);
}

__u64 status_cache_asked(const struct pc_counters *counters)
{
	__u64 asked = 0;

	for (unsigned int i = 0; i < PC_NO_VERDICT; i++)
		asked += counters->fate[PC_OPEN][i][PC_DECIDED] + counters->fate[PC_EXEC][i][PC_DECIDED];
	return asked;
}

__u64 status_cache_hits(const struct pc_counters *counters)
{
	return counters->remembered[PC_OPEN] + counters->remembered[PC_EXEC];
}

static void add_cache(yajl_gen gen, const struct status_facts *facts)
{
	const struct pc_counters *counters = facts->counters;
	__u64 hits = status_cache_hits(counters), asked = status_cache_asked(counters);

	json_key_map(gen, "cache");
	json_key_bool(gen, "on", facts->cache.is_on);
	json_key_number(gen, "bytes", facts->cache.bytes);
	json_key_number(gen, "slots", facts->cache.slots);
	json_key_number(gen, "asked", asked);
	json_key_number(gen, "hits", hits);
	json_key_number(gen, "hit_percent", asked ? hits * 100 / asked : 0);
	json_key_number(gen, "fills", counters->cache_fills);
	json_key_number(gen, "evictions", counters->cache_evictions);
	(void)yajl_gen_map_close(gen);
}

const char *status_trouble_name(enum pc_trouble trouble)
{
	static const char *const names[PC_TROUBLES] = {
		"no_scratch", "raced", "deep", "detached", "casefold", "mounts", "address", "fault", "profile", "stub",
	};

	return names[trouble];
}

static void add_troubles(yajl_gen gen, const struct pc_counters *counters)
{
	json_key_map(gen, "troubles");
	for (size_t i = 0; i < PC_TROUBLES; i++)
		json_key_number(gen, status_trouble_name(i), counters->trouble[i]);
	(void)yajl_gen_map_close(gen);
}

static void add_records(yajl_gen gen, const struct status_facts *facts)
{
	json_key_map(gen, "records");
	json_key_number(gen, "taken", facts->records);
	json_key_number(gen, "malformed", facts->malformed);
	json_key_number(gen, "clients", facts->clients);
	json_key_number(gen, "ring_bytes", facts->ring_size);
	(void)yajl_gen_map_close(gen);
}

static void add_outputs(yajl_gen gen, const struct status_facts *facts)
{
	json_key_array(gen, "outputs");
	for (size_t i = 0; i < facts->output_count; i++) {
		const struct output_state *output = &facts->outputs[i];

		(void)yajl_gen_map_open(gen);
		json_key_string(gen, "output", output->name);
		if (output->path)
			add_path(gen, "path", output->path);
		json_key_number(gen, "written", output->written);
		json_key_number(gen, "lost", output->lost);
		(void)yajl_gen_map_close(gen);
	}
	(void)yajl_gen_array_close(gen);
}

int status_write(const struct status_facts *facts, FILE *out)
{
	yajl_gen gen = json_open();

	if (!gen)
		return -ENOMEM;
	json_key_bool(gen, "sound", status_is_sound(facts));
	json_key_string(gen, "version", PORTCULLIS_VERSION);
	json_key_number(gen, "pid", (unsigned long long)getpid());
	json_key_number(gen, "uptime_seconds", facts->uptime / 1000000000U);
	add_policy(gen, facts);
	add_modes(gen, facts);
	add_kernel(gen, facts);
	add_privileges(gen);
	add_counters(gen, facts->counters);
	add_cache(gen, facts);
	add_troubles(gen, facts->counters);
	add_records(gen, facts);
	add_outputs(gen, facts);
	return json_close(gen, out);
}
