/* SPDX-License-Identifier: GPL-2.0-only */
/* requests.c - what the daemon does when it is asked. */
#include <errno.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "clock.h"
#include "last_good.h"
#include "log.h"
#include "metrics.h"
#include "ownership.h"
#include "requests.h"
#include "rule_hits.h"
#include "status.h"
#include "tasks.h"
#include "trial.h"

/* Asking the hooks starts a program: whoever asks more often gets the last answer. */
#define HOOKS_INTERVAL_NS 1000000000ULL
/* Metrics are asked for by anybody on the host, day and night. */
#define HOOKS_METRICS_NS (10 * HOOKS_INTERVAL_NS)

/* Once for each that is another one: in the log, and where decisions are told. */
static void tell_trouble(const struct daemon *daemon, int error, const char *why)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s: %s", error == -ENOTCONN ? "not all hooks are live" : "enforcement is not sound", why) < 0)
		return;
	log_error("%s", text);
	if (daemon->records)
		records_tell_trouble(daemon->records, text);
}

int request_check_hooks(struct daemon *daemon)
{
	char why[sizeof(daemon->dead_hook)] = "";
	int r = kernel_prove(daemon->kernel, why, sizeof(why));
	__u64 until;

	if (r >= 0 && kernel_is_audit_forced(daemon->kernel, &until) != daemon->is_audit_forced) {
		(void)snprintf(why, sizeof(why), "audit mode is %s in the kernel, which nobody asked for here; 'policyctl mode' sets it",
			       daemon->is_audit_forced ? "not forced" : "forced");
		r = -ENOTRECOVERABLE;
	}
	if (r >= 0)
		why[0] = '\0';
	else if (!why[0])
		(void)snprintf(why, sizeof(why), "%s", strerror(-r));
	if (r < 0 && strcmp(why, daemon->dead_hook) != 0)
		tell_trouble(daemon, r, why);
	if (r >= 0 && daemon->dead_hook[0])
		log_info("all hooks are live again");
	memcpy(daemon->dead_hook, why, sizeof(why));
	daemon->hooks_asked = clock_boottime();
	return r;
}

/* As they were at most `age` ns ago. */
static bool are_hooks_live(struct daemon *daemon, __u64 age)
{
	if (clock_boottime() - daemon->hooks_asked >= age)
		(void)request_check_hooks(daemon);
	return !daemon->dead_hook[0];
}

/* Where nothing is refused by the policy, nothing is refused for the daemon's sake either. */
void request_protect(struct daemon *daemon)
{
	const struct config_protect *protect = &daemon->config.protect;
	const struct generation *live = generations_live(daemon->generations);
	bool is_enforcing = live && live->is_enforcing && !daemon->is_audit_forced;

	kernel_protect(daemon->kernel, !is_enforcing ? 0 :
		       protect->signals * PC_PROTECT_SIGNALS | protect->tracing * PC_PROTECT_TRACING | protect->bpf * PC_PROTECT_BPF);
}

/* What may still go back, or refuses nobody, is not what is to stay. */
void request_seal(struct daemon *daemon)
{
	const struct config_protect *protect = &daemon->config.protect;
	int r;

	if (!protect->is_sealed || kernel_is_sealed(daemon->kernel))
		return;
	if (!protect->bpf || !daemon->options.pins) {
		log_error("not sealed: that takes [protect] bpf = yes, and --pins, by which the policy outlives the daemon");
		return;
	}
	if (!generations_live(daemon->generations)->is_enforcing || daemon->is_audit_forced || daemon->trial) {
		log_warning("not sealed yet: %s", daemon->trial ? "the policy is on trial" : "the mode is audit, and nobody is refused");
		return;
	}
	r = kernel_seal(daemon->kernel);
	if (r < 0)
		log_error_errno(r, "not sealed: the pins can't be marked");
	else
		log_info("sealed: policy and mode stay as they are until the host is booted again");
}

static bool is_sealed(const struct daemon *daemon, FILE *out)
{
	if (!kernel_is_sealed(daemon->kernel))
		return false;
	fprintf(out, "error: sealed: policy and mode stay as they are until the host is booted again ([protect] sealed)\n");
	return true;
}

int request_apply(struct daemon *daemon, struct candidate *candidate, FILE *out)
{
	const struct generation *before = generations_live(daemon->generations);
	int r;

	if (candidate->generation->is_enforcing && daemon->obstacle[0]) {
		fprintf(out, "error: this kernel can't enforce; %s\n", daemon->obstacle);
		return -ENOTSUP;
	}
	if (candidate->generation->is_enforcing && !are_hooks_live(daemon, HOOKS_INTERVAL_NS)) {
		fprintf(out, "error: a policy in enforce mode needs all hooks live: %s\n", daemon->dead_hook);
		return -ENOTSUP;
	}
	tasks_tell_lost(daemon, candidate->generation);
	r = candidate_apply(candidate, daemon->kernel, daemon->generations, out);
	if (r < 0)
		return r;
	rule_hits_carry(daemon, before);
	request_protect(daemon);
	tasks_follow(daemon);
	daemon->marks = candidate->marks;
	daemon->is_stale_told = false;
	watch_take(daemon->watch, &candidate->watched);
	return 0;
}

static void tell_result(struct daemon *daemon, const struct reload_end *end, enum pc_ctl_result result, FILE *out)
{
	const struct generation *live = generations_live(daemon->generations);

	if (result != PC_CTL_FINE) {
		daemon->refused_reloads++;
		fprintf(out, "nothing changed: the policy that was live stays\n");
		log_error("%s was not loaded: the policy that was live stays", daemon->options.policy);
		return;
	}
	daemon->reloads++;
	fprintf(out, "loaded %s: %u rules, generation %016llx, in %llu ms\n", daemon->options.policy,
		generation_rules(live), (unsigned long long)live->id, daemon->reload_time / 1000000);
	log_info("loaded %s: %u rules, generation %016llx, in %llu ms", daemon->options.policy, generation_rules(live),
		 (unsigned long long)live->id, daemon->reload_time / 1000000);
	if (!end->wish.confirm_within)
		return;
	fprintf(out, "on trial: the policy before comes back in %u s unless 'policyctl confirm' says that this one is to stay\n",
		end->wish.confirm_within);
	log_info("on trial for %u s: without 'policyctl confirm' the policy before comes back", end->wish.confirm_within);
}

/* One that was loaded without a trial is to stay; one that a link brought about is no other. */
static int try_policy(struct daemon *daemon, const struct reload_end *end, FILE *out)
{
	__u32 seconds = end->wish.confirm_within;
	struct trial_policy *before = seconds ? trial_policy_take(daemon) : NULL;
	int r;

	if (seconds && !before) {
		fprintf(out, "error: out of memory: the policy that is live can't be kept to come back\n");
		return -ENOMEM;
	}
	r = request_apply(daemon, end->candidate, out);
	if (r < 0) {
		(void)trial_policy_free(before);
		return r;
	}
	daemon->fallback[0] = '\0';
	if (seconds) {
		last_good_try(daemon->options.state, &daemon->marks);
		return trial_begin(daemon, before, seconds);
	}
	if (daemon->trial && end->is_check)
		return 0;
	last_good_keep(daemon->options.state);
	trial_done(daemon);
	return 0;
}

/* The policy and the settings together, or neither. */
static enum pc_ctl_result take(struct daemon *daemon, const struct reload_end *end, FILE *out)
{
	_cleanup_(config_done) struct config config = {};

	if (is_sealed(daemon, out) || config_load(daemon->options.config, out, &config) < 0)
		return PC_CTL_REFUSED;
	if (try_policy(daemon, end, out) < 0)
		return PC_CTL_FAILED;
	if (!config_take_changes(&daemon->config, &config))
		fprintf(out, "note: [output] and [metrics] stay as they are until the daemon is started anew\n");
	control_admit_all(daemon->control, daemon->config.runner_count > 0);
	request_protect(daemon);
	request_seal(daemon);
	return PC_CTL_FINE;
}

/* The diagnostics go to the caller and to the daemon's own messages alike. */
static enum pc_ctl_result finish(struct daemon *daemon, const struct reload_end *end, FILE *out)
{
	enum pc_ctl_result result = end->result == RELOAD_REFUSED ? PC_CTL_REFUSED : PC_CTL_FAILED;
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);

	if (!memory)
		return PC_CTL_FAILED;
	(void)fputs(end->text ? end->text : "error: out of memory\n", memory);
	if (end->result == RELOAD_READY)
		result = take(daemon, end, memory);
	daemon->reload_time = clock_boottime() - end->started;
	daemon->last_load = clock_realtime();
	daemon->is_load_refused = result != PC_CTL_FINE;
	if (fclose(memory) == 0) {
		(void)fwrite(text, 1, length, out);
		log_lines(result == PC_CTL_FINE ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, text);
	}
	tell_result(daemon, end, result, out);
	(void)sd_notify(false, "READY=1");
	return result;
}

/* May come often, as mounts do. */
static void tell_stale(struct daemon *daemon, const char *what)
{
	if (!daemon->is_stale_told)
		log_warning("%s: the policy may lead elsewhere now; 'policyctl reload' loads it", what);
	daemon->is_stale_told = true;
}

/* Nobody waits for a check: it says something only if the policy's names lead elsewhere. */
static bool is_check_over(struct daemon *daemon, const struct reload_end *end)
{
	const struct policy_links *links = &end->candidate->watched.links;
	char what[512];

	switch (end->result) {
	case RELOAD_UNCHANGED:
		watch_take(daemon->watch, &end->candidate->watched);
		return true;
	case RELOAD_EDITED:
		watch_describe(daemon->watch, links, what, sizeof(what));
		(void)strncat(what, ", but its text was edited since it was loaded", sizeof(what) - strlen(what) - 1);
		tell_stale(daemon, what);
		return true;
	case RELOAD_READY:
		watch_describe(daemon->watch, links, what, sizeof(what));
		log_info("%s: loading the policy again", what);
		return false;
	default:
		tell_stale(daemon, "links or mounts changed, but the policy does not load");
		return true;
	}
}

void request_end_reload(const struct reload_end *end, void *userdata)
{
	struct daemon *daemon = userdata;
	_cleanup_free_ char *text = NULL;
	enum pc_ctl_result result;
	size_t length;
	FILE *out;

	if (end->is_check && is_check_over(daemon, end))
		return;
	out = open_memstream(&text, &length);
	if (!out)
		return;
	result = finish(daemon, end, out);
	if (fclose(out) == 0)
		control_answer(daemon->control, end->number, result, text);
}

__u64 request_reload(void *userdata, const struct pc_ctl_reload *wish)
{
	struct daemon *daemon = userdata;

	(void)sd_notify(false, "RELOADING=1");
	return reload_ask(daemon->reload, wish);
}

enum pc_ctl_result request_confirm(void *userdata, FILE *out)
{
	struct daemon *daemon = userdata;

	if (!trial_confirm(daemon)) {
		fprintf(out, "error: no policy is on trial: either it was confirmed, or the one before is live again; 'policyctl status' tells since when\n");
		return PC_CTL_REFUSED;
	}
	last_good_confirm(daemon->options.state);
	fprintf(out, "confirmed: the policy stays\n");
	log_info("the policy on trial was confirmed: it stays");
	request_seal(daemon);
	return PC_CTL_FINE;
}

void request_look_again(void *userdata)
{
	struct daemon *daemon = userdata;

	if (!kernel_is_sealed(daemon->kernel))
		reload_check(daemon->reload);
}

enum pc_ctl_result request_set_mode(void *userdata, const struct pc_ctl_mode *mode, FILE *out)
{
	struct daemon *daemon = userdata;
	bool is_forced = mode->is_audit_forced != 0;
	char until[64] = "";
	int r;

	if (is_sealed(daemon, out))
		return PC_CTL_REFUSED;
	r = trial_force_audit(daemon, is_forced, mode->seconds);
	if (r < 0) {
		fprintf(out, "error: the mode can't be set: %s\n", strerror(-r));
		log_error_errno(r, "cannot set the mode '%s'", is_forced ? "audit" : "policy");
		return PC_CTL_FAILED;
	}
	if (is_forced && mode->seconds)
		(void)snprintf(until, sizeof(until), ", for %u s", mode->seconds);
	fprintf(out, is_forced ? "audit mode%s: everything is decided and recorded, nothing is refused\n" : "mode as the policy says%s\n", until);
	log_info(is_forced ? "audit mode is forced%s: nothing is refused" : "mode as the policy says%s", until);
	request_seal(daemon);
	return PC_CTL_FINE;
}

/* What the daemon knows and what the kernel counts, `counters` for as long as the facts are used. */
static int gather(struct daemon *daemon, struct pc_counters *counters, struct status_facts *ret_facts)
{
	struct kernel_told told;
	struct status_facts facts = {
		.policy_path = daemon->options.policy,
		.uptime = clock_boottime() - daemon->started,
		.started = daemon->started_at,
		.live = generations_live(daemon->generations),
		.is_audit_forced = daemon->is_audit_forced,
		.is_sealed = kernel_is_sealed(daemon->kernel),
		.ring_size = kernel_ring_size(daemon->kernel),
		.pins = daemon->options.pins,
		.audit_until = daemon->audit_until,
		.trial_until = trial_until(daemon),
		.fallback = daemon->fallback[0] ? daemon->fallback : NULL,
		.dead_hook = daemon->dead_hook[0] ? daemon->dead_hook : NULL,
		.programs = kernel_programs(daemon->kernel),
		.counters = counters,
		.reloads = daemon->reloads,
		.refused_reloads = daemon->refused_reloads,
		.reload_time = daemon->reload_time,
		.last_load = daemon->last_load,
		.is_load_refused = daemon->is_load_refused,
		.clients = control_clients(daemon->control),
	};

	kernel_cache(daemon->kernel, &facts.cache);
	facts.untried_count = kernel_untried(daemon->kernel, facts.untried);
	/* What has been logged by the kernel is to have been taken by us. */
	(void)records_take(daemon->records, daemon->kernel);
	kernel_told(daemon->kernel, &told);
	facts.records = told.records;
	facts.malformed = records_malformed(daemon->records);
	facts.output_count = outputs_states(daemon->outputs, facts.outputs);
	*ret_facts = facts;
	return kernel_counters(daemon->kernel, counters);
}

enum pc_ctl_result request_status(void *userdata, FILE *out)
{
	struct daemon *daemon = userdata;
	struct pc_counters counters = {};
	struct status_facts facts;
	int r;

	(void)are_hooks_live(daemon, HOOKS_INTERVAL_NS);
	r = gather(daemon, &counters, &facts);
	if (r >= 0)
		r = status_write(&facts, out);
	if (r < 0) {
		fprintf(out, "error: cannot tell the status: %s\n", strerror(-r));
		log_error_errno(r, "cannot tell the status");
		return PC_CTL_FAILED;
	}
	return status_is_sound(&facts) ? PC_CTL_FINE : PC_CTL_REFUSED;
}

int request_metrics(void *userdata, FILE *out)
{
	struct daemon *daemon = userdata;
	_cleanup_free_ struct pc_hit *hits = NULL;
	struct pc_counters counters = {};
	struct status_facts facts;
	int r;

	(void)are_hooks_live(daemon, HOOKS_METRICS_NS);
	r = gather(daemon, &counters, &facts);
	if (r >= 0 && daemon->config.output.metrics_rules > 0)
		r = rule_hits_take(daemon, &hits);
	facts.hits = hits;
	facts.hits_shown = daemon->config.output.metrics_rules;
	if (r < 0)
		return log_error_errno(r, "cannot tell the metrics");
	/* Those who follow have the records that were just taken. */
	control_wake(daemon->control);
	metrics_write(&facts, out);
	return 0;
}
