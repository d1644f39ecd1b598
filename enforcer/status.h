/* SPDX-License-Identifier: GPL-2.0-only */
/* status.h - what the daemon tells about itself and the kernel: one JSON object. */
#pragma once

#include <portcullis/abi.h>
#include <stdbool.h>
#include <stdio.h>

#include "apply.h"
#include "kernel.h"
#include "outputs.h"

/* What is told, gathered by the daemon; all borrowed. */
struct status_facts {
	const char *policy_path;
	__u64 uptime; /* ns */
	const struct generation *live; /* NULL: no policy was ever loaded */
	const char *fallback; /* why the last good policy is live; NULL: the configured one is */
	bool is_audit_forced;
	bool is_sealed; /* neither policy nor mode changes until the next boot */
	size_t ring_size; /* bytes, of each of two */
	const char *pins; /* folder; NULL: the policy ends with the daemon */
	__u64 audit_until; /* CLOCK_BOOTTIME, ns; 0: until told otherwise */
	__u64 trial_until; /* likewise: when the policy before comes back; 0: no policy is on trial */
	const char *dead_hook; /* NULL: the canary went through all */
	const char *const *programs;
	const char *untried[PC_HOOKS]; /* hooks: see kernel_untried() */
	size_t untried_count;
	const struct pc_counters *counters;
	struct kernel_cache cache;
	__u64 records;	 /* taken from the kernel */
	__u64 malformed; /* of these, dropped */
	struct output_state outputs[OUTPUTS_MAX];
	size_t output_count;
	__u64 reloads;
	__u64 refused_reloads;
	__u64 reload_time; /* of the last reload, ns */
	size_t clients;
	__u64 started;	     /* CLOCK_REALTIME, ns */
	__u64 last_load;     /* likewise: when the last load of a policy came to its end, well or not */
	const struct pc_hit *hits; /* of the live policy's rules; NULL: they are not told */
	size_t hits_shown;	     /* of so many lines of it */
	bool is_load_refused; /* it did not end well */
};

/* A policy is loaded, every hook is live and every section is in the mode that the policy asks for. */
bool status_is_sound(const struct status_facts *facts);
int status_write(const struct status_facts *facts, FILE *out);

/* "enforce" or "audit"; "unknown" where a hook is dead, "none" without a policy. */
const char *status_effective_mode(const struct status_facts *facts, unsigned int section);
/* Opens and execs: nothing else is asked of the cache. */
__u64 status_cache_asked(const struct pc_counters *counters);
__u64 status_cache_hits(const struct pc_counters *counters);
const char *status_fate_name(enum pc_fate fate);
const char *status_trouble_name(enum pc_trouble trouble);
