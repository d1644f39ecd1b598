/* SPDX-License-Identifier: GPL-2.0-only */
/* daemon.c - start in the documented order, then one loop until a signal ends it. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include "daemon.h"
#include "lock.h"
#include "log.h"
#include "ownership.h"
#include "privs.h"
#include "requests.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void daemon_freep(struct daemon **daemon)
{
	(void)daemon_free(*daemon);
}

/* ---- What the loop waits for ---- */

static int on_records(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct daemon *daemon = userdata;
	int r = records_take(daemon->records, daemon->kernel);

	(void)source;
	(void)fd;
	(void)events;
	if (r < 0 && r != -EINTR && r != -EAGAIN)
		log_error_errno(r, "cannot take records from the kernel");
	control_wake(daemon->control);
	return 0;
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	(void)userdata;
	log_info("ending by signal %u", info->ssi_signo);
	(void)sd_notify(false, "STOPPING=1");
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *nobody = open_memstream(&text, &length);

	(void)source;
	(void)info;
	if (!nobody)
		return 0;
	(void)request_reload(userdata, nobody);
	(void)fclose(nobody);
	return 0;
}

static int on_reopen(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *daemon = userdata;
	int r = records_reopen_log(daemon->records);

	(void)source;
	(void)info;
	if (r < 0)
		log_error_errno(r, "cannot open %s anew: writing to the old file", daemon->options.log);
	else if (daemon->log)
		log_info("opened %s anew", daemon->options.log);
	return 0;
}

struct signal_row {
	int number;
	sd_event_signal_handler_t handler;
};

static const struct signal_row signals[] = {
	{ SIGTERM, on_end }, { SIGINT, on_end }, { SIGHUP, on_hangup }, { SIGUSR1, on_reopen },
};

/* From here on a signal waits for the loop: a reload asked for during the start is not lost. */
static int block_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < COUNT(signals); i++)
		(void)sigaddset(&set, signals[i].number);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return 0;
}

/* ---- The start, step by step: each logs its own failure ---- */

static int start_loop(struct daemon *daemon)
{
	int r = block_signals();

	if (r >= 0)
		r = sd_event_new(&daemon->event);
	for (size_t i = 0; r >= 0 && i < COUNT(signals); i++)
		r = sd_event_add_signal(daemon->event, NULL, signals[i].number, signals[i].handler, daemon);
	if (r >= 0)
		r = sd_event_set_watchdog(daemon->event, true);
	if (r < 0)
		return log_error_errno(r, "cannot set up the event loop");
	return 0;
}

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

static int start_policy(struct daemon *daemon, struct candidate *ret_candidate)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return -ENOMEM;
	r = candidate_load(daemon->options.policy, memory, ret_candidate);
	if (fclose(memory) == 0)
		log_lines(r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, text);
	if (r < 0)
		log_error("not starting without a policy: %s was not loaded", daemon->options.policy);
	return r;
}

static int start_log(struct daemon *daemon)
{
	int r;

	if (!daemon->options.log)
		return 0;
	r = logfile_open(daemon->options.log, &daemon->log);
	if (r < 0)
		return log_error_errno(r, "cannot open the decision log %s", daemon->options.log);
	return 0;
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
		.pins = daemon->options.pins,
		.image_size = candidate->generation->image_size,
	};
	char why[512] = "";
	int r = probe_kernel(daemon);

	if (r < 0)
		return r;
	if (daemon->obstacle[0] && generation_is_enforcing(candidate->generation)) {
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
	bool is_enforcing = generation_is_enforcing(candidate->generation);
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r;

	if (!memory)
		return -ENOMEM;
	r = candidate_apply(candidate, daemon->kernel, daemon->generations, memory);
	if (fclose(memory) == 0)
		log_lines(LOG_LEVEL_ERROR, text);
	free(text);
	if (r < 0)
		return -ENOTSUP;
	if (request_check_hooks(daemon) >= 0)
		return 0;
	if (!is_enforcing) {
		log_warning("going on, as the policy is in audit mode; 'policyctl status' tells when that changes");
		return 0;
	}
	log_error("not starting: a policy in enforce mode needs all hooks live");
	return -ENOTSUP;
}

static int start_kernel(struct daemon *daemon, struct candidate *candidate)
{
	int r = open_kernel(daemon, candidate);

	if (r < 0)
		return r;
	r = apply_first(daemon, candidate);
	if (r < 0)
		return r;
	r = records_new(daemon->event, daemon->log, daemon->generations, &daemon->records);
	if (r >= 0)
		r = sd_event_add_io(daemon->event, NULL, kernel_record_fd(daemon->kernel), EPOLLIN, on_records, daemon);
	if (r < 0)
		return log_error_errno(r, "cannot take records from the kernel");
	return 0;
}

static int start_control(struct daemon *daemon)
{
	int r;

	daemon->handler = (struct control_handler){
		.status = request_status,
		.reload = request_reload,
		.force_audit = request_force_audit,
		.history = records_history(daemon->records),
		.userdata = daemon,
	};
	r = control_open(daemon->options.socket, daemon->event, &daemon->handler, &daemon->control);
	if (r < 0)
		return log_error_errno(r, "cannot listen on %s", daemon->options.socket);
	r = privs_drop();
	if (r < 0)
		return log_error_errno(r, "cannot drop capabilities");
	return 0;
}

static int start_steps(struct daemon *daemon, struct candidate *candidate)
{
	int r;

	r = start_loop(daemon);
	if (r < 0)
		return r;
	r = start_lock(daemon);
	if (r < 0)
		return r;
	r = start_policy(daemon, candidate);
	if (r < 0)
		return r;
	r = start_log(daemon);
	if (r < 0)
		return r;
	r = start_kernel(daemon, candidate);
	if (r < 0)
		return r;
	return start_control(daemon);
}

int daemon_start(const struct options *options, struct daemon **ret_daemon)
{
	_cleanup_(daemon_freep) struct daemon *daemon = calloc(1, sizeof(*daemon));
	_cleanup_(candidate_done) struct candidate candidate = {};
	const struct generation *live;
	int r;

	if (!daemon)
		return -ENOMEM;
	daemon->options = *options;
	daemon->lock_fd = -1;
	daemon->started = request_time();
	daemon->generations = generations_new();
	if (!daemon->generations)
		return -ENOMEM;
	r = start_steps(daemon, &candidate);
	if (r < 0)
		return r;
	(void)malloc_trim(0);
	live = generations_live(daemon->generations);
	log_info("ready: %s, %u rules, generation %016llx", options->policy, generation_rules(live),
		 (unsigned long long)live->id);
	(void)sd_notify(false, "READY=1");
	*ret_daemon = take_ptr(daemon);
	return 0;
}

int daemon_run(struct daemon *daemon)
{
	int r = sd_event_loop(daemon->event);

	if (r < 0)
		return log_error_errno(r, "the event loop broke");
	return 0;
}

static void tell_balance(const struct daemon *daemon)
{
	struct pc_counters counters;
	__u64 lost = 0;

	if (kernel_counters(daemon->kernel, &counters) < 0)
		return;
	for (size_t i = 0; i < PC_SECTIONS; i++)
		for (size_t k = 0; k < PC_NO_VERDICT; k++)
			lost += counters.fate[i][k][PC_LOST];
	log_info("ended: %llu records taken, %llu lost, %llu unwritten",
		 (unsigned long long)records_taken(daemon->records), (unsigned long long)lost,
		 (unsigned long long)(daemon->log ? logfile_unwritten(daemon->log) : 0));
}

struct daemon *daemon_free(struct daemon *daemon)
{
	if (!daemon)
		return NULL;
	if (daemon->records) {
		records_drain(daemon->records, daemon->kernel);
		if (daemon->control)
			control_wake(daemon->control);
		tell_balance(daemon);
	}
	daemon->control = control_free(daemon->control);
	daemon->records = records_free(daemon->records);
	daemon->kernel = kernel_close(daemon->kernel);
	daemon->log = logfile_free(daemon->log);
	daemon->generations = generations_free(daemon->generations);
	daemon->event = sd_event_unref(daemon->event);
	if (daemon->lock_fd >= 0)
		(void)close(daemon->lock_fd);
	free(daemon);
	return NULL;
}
