/* SPDX-License-Identifier: GPL-2.0-only */
/* start.c - the daemon's start, step by step: each logs its own failure. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confine.h"
#include "image.h"
#include "last_good.h"
#include "lock.h"
#include "log.h"
#include "loop.h"
#include "ownership.h"
#include "pins.h"
#include "privs.h"
#include "requests.h"
#include "rule_hits.h"
#include "start.h"
#include "tasks.h"
#include "trial.h"

/* Of the kernel's command line. */
#define OFF_WORD "portcullis=off"

static int start_lock(struct daemon *daemon)
{
	pid_t holder = 0;
	int r = lock_take(daemon->options.socket, &daemon->lock_fd, &holder);

	if (r == -EBUSY)
		log_error("portcullisd is already running with pid %d, which holds %s" LOCK_SUFFIX, (int)holder,
			  daemon->options.socket);
	else if (r < 0)
		log_error_errno(r, "cannot lock %s" LOCK_SUFFIX, daemon->options.socket);
	return r;
}

static int load_policy(const struct candidate_source *source, struct candidate *ret_candidate)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return -ENOMEM;
	r = candidate_load(source, memory, ret_candidate);
	if (fclose(memory) == 0)
		log_lines(r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, text);
	return r;
}

/* The last one that was loaded and not taken back: better than none, and than one that nobody confirmed. */
static int start_last_good(struct daemon *daemon, const char *why, struct candidate *ret_candidate)
{
	_cleanup_free_ char *path = last_good_path(daemon->options.state);
	const struct candidate_source source = { .path = path, .config = daemon->options.config, .is_forced = true };
	int r = path ? load_policy(&source, ret_candidate) : -ENOENT;

	if (r < 0)
		return r;
	(void)snprintf(daemon->fallback, sizeof(daemon->fallback), "%s %s; %s is in force instead", daemon->options.policy, why, path);
	log_error("%s", daemon->fallback);
	return 0;
}

static struct candidate_source source_of(const struct daemon *daemon)
{
	return (struct candidate_source){
		.path = daemon->options.policy,
		.state = daemon->options.state,
		.socket = daemon->options.socket,
		.config = daemon->options.config,
		.is_forced = daemon->options.is_forced,
	};
}

static int start_policy(struct daemon *daemon, struct candidate *ret_candidate)
{
	const struct candidate_source source = source_of(daemon);
	int r = load_policy(&source, ret_candidate);

	if (r >= 0 && !last_good_is_unconfirmed(source.state, &ret_candidate->marks))
		return 0;
	if (r >= 0)
		candidate_done(ret_candidate);
	*ret_candidate = (struct candidate){};
	if (start_last_good(daemon, r < 0 ? "was not loaded" : "was on trial, and nobody confirmed it", ret_candidate) == 0)
		return 0;
	log_error("not starting without a policy: %s was not loaded", daemon->options.policy);
	return r < 0 ? r : -EINVAL;
}

static int start_config(struct daemon *daemon)
{
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return -ENOMEM;
	r = config_load(daemon->options.config, memory, &daemon->config);
	if (fclose(memory) == 0)
		log_lines(LOG_LEVEL_ERROR, text);
	free(text);
	if (r < 0)
		log_error("not starting: %s is wrong", daemon->options.config ? daemon->options.config : CONFIG_PATH);
	return r;
}

/* Nobody is answered before the loop runs. */
static int start_outputs(struct daemon *daemon)
{
	const struct config_output *config = &daemon->config.output;
	int r = outputs_open(daemon->event, config, daemon->options.log, &daemon->outputs);

	if (r >= 0 && config->metrics)
		r = http_open(daemon->event, config->metrics, request_metrics, daemon, &daemon->metrics);
	return r;
}

/* What stands in the way of enforce mode alone is kept for the reloads to come. */
static int probe_kernel(struct daemon *daemon)
{
	struct kernel_probe probes[KERNEL_PROBES_MAX];
	size_t count = 0;
	bool is_fine = true;
	int r = kernel_probe(probes, &count);

	if (r < 0) {
		log_error_errno(r, "cannot tell what this kernel can do");
		return -ENOTSUP;
	}
	for (size_t i = 0; i < count; i++) {
		const struct kernel_probe *probe = &probes[i];

		if (probe->is_fine)
			continue;
		if (probe->is_for_enforcing) {
			(void)snprintf(daemon->obstacle, sizeof(daemon->obstacle), "%s: %s; remedy: %s", probe->what,
				       probe->found, probe->remedy);
			continue;
		}
		is_fine = false;
		log_error("%s: %s; remedy: %s", probe->what, probe->found, probe->remedy);
	}
	return is_fine ? 0 : -ENOTSUP;
}

static int open_kernel(struct daemon *daemon, const struct candidate *candidate)
{
	struct kernel_options options = {
		.image_size = candidate->generation->image_size,
		.is_coalescing = daemon->config.coalesce > 0,
		.pins = daemon->options.pins,
	};
	char why[512] = "";
	int r = probe_kernel(daemon);

	if (r < 0)
		return r;
	if (daemon->obstacle[0] && candidate->generation->is_enforcing) {
		log_error("%s", daemon->obstacle);
		return -ENOTSUP;
	}
	r = kernel_open(&options, &daemon->kernel, why, sizeof(why));
	if (r < 0) {
		log_error("cannot load the programs into the kernel: %s", why[0] ? why : strerror(-r));
		return -ENOTSUP;
	}
	return 0;
}

/* A hook that is not live is a policy that is not enforced: never silently. */
static int apply_first(struct daemon *daemon, struct candidate *candidate)
{
	const struct generation *before = generations_live(daemon->generations);
	bool is_enforcing = candidate->generation->is_enforcing;
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return -ENOMEM;
	r = candidate_prepare(candidate, daemon->kernel, memory);
	if (r >= 0 && before)
		tasks_tell_lost(daemon, candidate->generation);
	if (r >= 0)
		r = candidate_apply(candidate, daemon->kernel, daemon->generations, memory);
	if (fclose(memory) == 0)
		log_lines(LOG_LEVEL_ERROR, text);
	free(text);
	if (r < 0)
		return -ENOTSUP;
	if (before)
		rule_hits_carry(daemon, before);
	if (!daemon->fallback[0])
		last_good_keep(daemon->options.state);
	if (request_check_hooks(daemon) >= 0)
		return 0;
	if (!is_enforcing) {
		log_warning("going on, as the policy is in audit mode; 'policyctl status' tells when that changes");
		return 0;
	}
	log_error("not starting: a policy in enforce mode needs all hooks live");
	return -ENOTSUP;
}

static int go_on_sealed(struct daemon *daemon)
{
	log_warning("sealed: the policy that was live stays, whatever %s says now", daemon->options.policy);
	/* What is told of a dead hook is an error record: there is no way back from here. */
	(void)request_check_hooks(daemon);
	return 0;
}

/* What another daemon pinned decides as well, and is taken over by one that is told where it is. */
static void warn_of_pins(const struct daemon *daemon)
{
	if (!daemon->options.pins && pins_are_live(PINS_PATH))
		log_warning("an earlier daemon's policy is enforced besides, from %s: start with --pins, or 'policyctl detach --yes' first",
			    PINS_PATH);
}

/* By what was decided until now, and is until another image takes its place. */
static int take_live_policy(struct daemon *daemon)
{
	_cleanup_free_ struct pc_image_header *header = NULL;
	struct generation *generation = NULL;
	struct image image = {};
	__u64 loaded;
	int r = kernel_live_image(daemon->kernel, &header, &loaded);

	if (r == -ENOENT)
		return 0;
	if (r >= 0) {
		image.words = (__u64 *)header;
		image.size = header->size;
		r = generation_from_image(&image, &generation);
	}
	if (r < 0)
		return log_error_errno(r, "not starting: the policy that is live cannot be read");
	generation->loaded = loaded;
	generations_add(daemon->generations, generation);
	return 0;
}

static int settle(struct daemon *daemon)
{
	char why[512] = "";
	int r = kernel_settle(daemon->kernel, why, sizeof(why));

	if (r < 0) {
		log_error("not starting: %s", why[0] ? why : strerror(-r));
		return -ENOTSUP;
	}
	return 0;
}

/* What was recorded while there was no daemon; repeats of what an earlier one has told are told by their number. */
static void take_over(struct daemon *daemon)
{
	__u64 untold = 0;

	records_drain(daemon->records, daemon->kernel);
	for (unsigned int place = 0; place < PC_REPEATS; place++)
		if (!daemon->repeats || !repeats_has(daemon->repeats, place))
			untold += kernel_take_strangers(daemon->kernel, place);
	log_info("took over from an earlier daemon, with %llu records made since it ended",
		 (unsigned long long)records_taken(daemon->records));
	if (untold > 0)
		log_warning("%llu decisions that repeated its records were counted, but told by no line", (unsigned long long)untold);
}

static int start_kernel(struct daemon *daemon, struct candidate *candidate)
{
	int r = open_kernel(daemon, candidate);

	if (r < 0)
		return r;
	r = take_live_policy(daemon);
	if (r < 0)
		return r;
	r = daemon->options.is_recovering ? trial_force_audit(daemon, true, 0) : trial_take_over_audit(daemon);
	if (r < 0)
		return log_error_errno(r, "cannot set the mode to audit, or tell when it is to end");
	r = kernel_is_sealed(daemon->kernel) ? go_on_sealed(daemon) : apply_first(daemon, candidate);
	if (r < 0)
		return r;
	r = settle(daemon);
	if (r < 0)
		return r;
	r = records_new(daemon->outputs, daemon->generations, &daemon->records);
	if (r >= 0 && daemon->config.coalesce > 0)
		r = loop_add_repeats(daemon);
	if (r >= 0)
		r = loop_add_records(daemon);
	if (r >= 0)
		r = loop_add_proof(daemon);
	if (r < 0)
		return log_error_errno(r, "cannot take records from the kernel");
	if (kernel_origin(daemon->kernel) == KERNEL_FOLLOWED)
		take_over(daemon);
	if (kernel_origin(daemon->kernel) == KERNEL_OTHER_BUILD)
		log_warning("took over from a daemon of another build: what it counted, and recorded last, is not known here");
	request_protect(daemon);
	request_seal(daemon);
	warn_of_pins(daemon);
	return 0;
}

static int start_reload(struct daemon *daemon, struct candidate *candidate)
{
	struct reload_options options = {
		.source = source_of(daemon),
		.kernel = daemon->kernel,
		.marks = &daemon->marks,
		.fn = request_end_reload,
		.userdata = daemon,
	};
	int r = reload_new(daemon->event, &options, &daemon->reload);

	if (r >= 0)
		r = watch_new(daemon->event, request_look_again, daemon, &daemon->watch);
	if (r < 0)
		return log_error_errno(r, "cannot prepare for reloads");
	daemon->marks = candidate->marks;
	watch_take(daemon->watch, &candidate->watched);
	tasks_follow(daemon);
	return 0;
}

/* The folder that the file lies in, to be freed; NULL: there is no such file. */
static char *folder_of(const char *path)
{
	_cleanup_free_ char *text = path && strcmp(path, "-") != 0 ? strdup(path) : NULL;

	return text ? strdup(dirname(text)) : NULL;
}

/* It writes its log, what it keeps, what it pins, and removes its sockets in the end. */
static int start_confinement(const struct daemon *daemon)
{
	static const char unix_prefix[] = "unix:";
	const struct options *options = &daemon->options;
	const struct config_output *output = &daemon->config.output;
	bool is_unix = output->metrics && strncmp(output->metrics, unix_prefix, strlen(unix_prefix)) == 0;
	_cleanup_free_ char *log = folder_of(options->log), *file = folder_of(output->file), *socket = folder_of(options->socket);
	_cleanup_free_ char *metrics = folder_of(is_unix ? output->metrics + strlen(unix_prefix) : NULL);
	const char *const all[] = { log, file, socket, metrics, options->state, options->pins };
	const char *folders[sizeof(all) / sizeof(all[0]) + 1] = {};
	size_t count = 0;
	int r;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			folders[count++] = all[i];
	r = kernel_keep_canary();
	if (r >= 0)
		r = confine(folders);
	if (r == -EOPNOTSUPP)
		log_warning("this kernel has no Landlock: the daemon may write to any file that its capabilities let it");
	return r == -EOPNOTSUPP ? 0 : r;
}

static int start_control(struct daemon *daemon)
{
	int r;

	daemon->handler = (struct control_handler){
		.status = request_status,
		.reload = request_reload,
		.confirm = request_confirm,
		.set_mode = request_set_mode,
		.join = request_join,
		.tasks = request_tasks,
		.rules = request_rules,
		.may_run = request_may_run,
		.history = records_history(daemon->records),
		.userdata = daemon,
	};
	r = control_open(daemon->options.socket, daemon->event, &daemon->handler, &daemon->control);
	if (r < 0)
		return log_error_errno(r, "cannot listen on %s", daemon->options.socket);
	control_admit_all(daemon->control, daemon->config.runner_count > 0);
	r = privs_drop();
	if (r < 0)
		return log_error_errno(r, "cannot drop capabilities");
	r = start_confinement(daemon);
	if (r < 0)
		return log_error_errno(r, "cannot forbid itself what it doesn't need");
	r = outputs_start(daemon->outputs);
	if (r < 0)
		return log_error_errno(r, "cannot start the outputs");
	return 0;
}

/* A word of the kernel's command line, which whoever boots the host can give: nothing is to be enforced. */
static int refuse_if_off(void)
{
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen("/proc/cmdline", "re");
	bool is_off = false;
	char *state = NULL;
	size_t room = 0;

	if (!file)
		return 0;
	if (getline(&line, &room, file) > 0)
		for (const char *word = strtok_r(line, " \n", &state); word; word = strtok_r(NULL, " \n", &state))
			is_off |= strcmp(word, OFF_WORD) == 0;
	(void)fclose(file);
	if (!is_off)
		return 0;
	log_error("not starting: " OFF_WORD " is on the kernel's command line");
	return -EPERM;
}

/* Whatever is wrong with what an earlier daemon left, it is gone. */
static int start_recovery(const struct daemon *daemon)
{
	const char *dir = daemon->options.pins ?: PINS_PATH;
	int r;

	if (!daemon->options.is_recovering)
		return 0;
	if (pins_have(dir, PINS_SEALED)) {
		log_error("not recovering: the policy in %s is sealed: it ends when the host is booted again", dir);
		return -EPERM;
	}
	r = pins_remove(dir);
	if (r < 0 && r != -ENOENT && r != -EINVAL)
		return log_error_errno(r, "cannot end what is pinned in %s", dir);
	log_warning("recovering: nothing is refused until 'policyctl mode policy' says so");
	return 0;
}

int start_steps(struct daemon *daemon, struct candidate *candidate)
{
	int r;

	r = loop_open(daemon);
	if (r < 0)
		return log_error_errno(r, "cannot set up the event loop");
	r = refuse_if_off();
	if (r < 0)
		return r;
	r = start_lock(daemon);
	if (r < 0)
		return r;
	r = start_config(daemon);
	if (r < 0)
		return r;
	r = start_recovery(daemon);
	if (r < 0)
		return r;
	if (daemon->options.pins)
		kernel_announce(daemon->options.pins);
	last_good_prepare(daemon->options.state);
	r = start_policy(daemon, candidate);
	if (r < 0)
		return r;
	r = start_outputs(daemon);
	if (r < 0)
		return r;
	r = start_kernel(daemon, candidate);
	if (r < 0)
		return r;
	r = start_reload(daemon, candidate);
	if (r < 0)
		return r;
	return start_control(daemon);
}
