/* SPDX-License-Identifier: GPL-2.0-only */
/* loop.c - what the loop waits for besides its clients: signals and records. */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "loop.h"
#include "requests.h"

/* How often the hooks are tried unasked. */
#define PROOF_US 60000000U
#define PROOF_ACCURACY_US 1000000U

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
	(void)source;
	(void)info;
	(void)request_reload(userdata, &(struct pc_ctl_reload){});
	return 0;
}

static int on_reopen(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct daemon *daemon = userdata;

	(void)source;
	(void)info;
	outputs_reopen(daemon->outputs);
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

int loop_open(struct daemon *daemon)
{
	int r = block_signals();

	if (r >= 0)
		r = sd_event_new(&daemon->event);
	for (size_t i = 0; r >= 0 && i < COUNT(signals); i++)
		r = sd_event_add_signal(daemon->event, NULL, signals[i].number, signals[i].handler, daemon);
	if (r >= 0)
		r = sd_event_set_watchdog(daemon->event, true);
	return r < 0 ? r : 0;
}

static void on_repeats(const char *line, size_t length, __u64 count, void *userdata)
{
	struct daemon *daemon = userdata;

	records_tell_repeats(daemon->records, line, length, count);
	if (daemon->control)
		control_wake(daemon->control);
}

int loop_add_repeats(struct daemon *daemon)
{
	struct repeats_options options = {
		.kernel = daemon->kernel,
		.window = daemon->config.coalesce * 1000000000ULL,
		.fn = on_repeats,
		.userdata = daemon,
	};
	int r = repeats_new(daemon->event, &options, &daemon->repeats);

	if (r >= 0)
		records_set_repeats(daemon->records, daemon->repeats);
	return r;
}

/* Whoever switched the programs off, or something else in their place, is told without being asked. */
static int on_proof(sd_event_source *source, uint64_t now, void *userdata)
{
	struct daemon *daemon = userdata;
	int r;

	(void)now;
	(void)request_check_hooks(daemon);
	control_wake(daemon->control);
	r = sd_event_source_set_time_relative(source, PROOF_US);
	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int loop_add_proof(struct daemon *daemon)
{
	return sd_event_add_time_relative(daemon->event, &daemon->proof, CLOCK_BOOTTIME, PROOF_US, PROOF_ACCURACY_US, on_proof, daemon);
}

int loop_add_records(struct daemon *daemon)
{
	return sd_event_add_io(daemon->event, NULL, kernel_record_fd(daemon->kernel), EPOLLIN, on_records, daemon);
}
