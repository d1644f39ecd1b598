/* SPDX-License-Identifier: GPL-2.0-only */
/* daemon.h - start in the documented order, then one loop until a signal ends it. */
#pragma once

#include <systemd/sd-event.h>

#include "config.h"
#include "control.h"
#include "http.h"
#include "kernel.h"
#include "options.h"
#include "outputs.h"
#include "records.h"
#include "reload.h"
#include "watch.h"

struct daemon {
	struct options options;
	struct config config;
	int lock_fd;
	sd_event *event;
	struct kernel *kernel;
	struct generations *generations;
	struct outputs *outputs;
	struct records *records;
	struct repeats *repeats; /* NULL: each decision is told */
	struct control *control;
	struct http *metrics; /* NULL: nobody may ask */
	struct control_handler handler;
	struct reload *reload;
	struct watch *watch;
	sd_event_source *follow; /* see tasks_follow() */
	sd_event_source *proof;  /* see loop_add_proof() */
	struct policy_marks marks; /* of the live policy */
	char fallback[512]; /* why the last good policy is live instead of the configured one; "": it isn't */
	bool is_stale_told;	   /* that the live policy may lead elsewhere */
	__u64 started; /* CLOCK_BOOTTIME, ns */
	__u64 started_at; /* CLOCK_REALTIME, ns */
	__u64 hooks_asked; /* likewise */
	char dead_hook[256]; /* "": all are live */
	char obstacle[1024]; /* why this kernel can't enforce, with the remedy; "": it can */
	bool is_audit_forced;
	__u64 audit_until; /* CLOCK_BOOTTIME, ns; 0: until told otherwise */
	sd_event_source *audit_end;
	struct trial *trial; /* see trial.h; NULL: no policy is on trial */
	__u64 reloads;
	__u64 refused_reloads;
	__u64 reload_time; /* of the last one, ns */
	__u64 last_load;   /* CLOCK_REALTIME, ns: when one came to its end, the start included */
	bool is_load_refused; /* by that */
};

/*
 * Takes the lock, loads the policy into the kernel, opens the socket, drops capabilities. Everything that fails has
 * been logged with its remedy. −ENOTSUP: the kernel can't; other errors: refused by policy, usage or the file system.
 */
int daemon_start(const struct options *options, struct daemon **ret_daemon);
/* Until SIGTERM or SIGINT. */
int daemon_run(struct daemon *daemon);
/* Drains the records, closes all. Accepts NULL and half-started ones; returns NULL. */
struct daemon *daemon_free(struct daemon *daemon);
