/* SPDX-License-Identifier: GPL-2.0-only */
/* reload.h - the policy read, compiled and put into the kernel by a thread of its own, while the loop goes on. */
#pragma once

#include <portcullis/ctl.h>
#include <systemd/sd-event.h>

#include "apply.h"

enum reload_result {
	RELOAD_READY,	  /* the candidate can be made live */
	RELOAD_UNCHANGED, /* its names lead where they led: only its links are there */
	RELOAD_EDITED,	  /* its names lead elsewhere, but its text is another too */
	RELOAD_REFUSED,	  /* the policy is wrong, the text says why */
	RELOAD_FAILED,	  /* the kernel or the machine refused, the text says why */
};

/* What came of one; what the candidate still holds afterwards is freed. */
struct reload_end {
	__u64 number;
	__u64 started; /* CLOCK_BOOTTIME, ns */
	bool is_check; /* nobody asked but a link or a mount */
	struct pc_ctl_reload wish;
	enum reload_result result;
	struct candidate *candidate;
	char *text; /* diagnostics, one a line; may be written to */
};

typedef void reload_end_fn(const struct reload_end *end, void *userdata);

struct reload_options {
	struct candidate_source source; /* without `known` */
	struct kernel *kernel;
	const struct policy_marks *marks; /* of the live policy; looked at when a check begins */
	reload_end_fn *fn;		  /* called by the loop; may ask again */
	void *userdata;
};

struct reload;

/* What the options point to is borrowed. */
int reload_new(sd_event *event, const struct reload_options *options, struct reload **ret_reload);
/* Must be idle. Accepts NULL; returns NULL. */
struct reload *reload_free(struct reload *reload);
/* No thread is at work: nothing uses the kernel's side but the loop. */
bool reload_is_idle(const struct reload *reload);

/*
 * Loads the policy as it is from now on: not by a turn that runs already. Returns the number of the turn, 1, 2, …. Of several
 * that wait for the same turn the more careful wish counts.
 */
__u64 reload_ask(struct reload *reload, const struct pc_ctl_reload *wish);
/* The same, but only if the names of the same text lead elsewhere now. */
void reload_check(struct reload *reload);
