/* SPDX-License-Identifier: GPL-2.0-only */
/* config.h - the daemon's own settings, portcullisd.conf: no policy, and no part of one. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Of [records] coalesce, seconds. */
#define CONFIG_COALESCE_DEFAULT 10
#define CONFIG_COALESCE_MAX 3600
/* Of [metrics] rules. */
#define CONFIG_RULES_DEFAULT 20
#define CONFIG_RULES_MAX 1000

#define CONFIG_PATH "/etc/portcullis/portcullisd.conf"

/* A line of [run NAME]: who may start commands in that profile. */
struct config_runner {
	char *profile; /* owned */
	bool is_group;
	id_t id;
};

/* [output] and [metrics]: where records and counters go. */
struct config_output {
	char *file; /* owned; NULL: into none */
	bool to_stdout;
	bool to_journal;
	bool to_syslog;
	char *metrics; /* owned; for listener_parse(), which takes it; NULL: nowhere */
	unsigned int metrics_rules; /* lines of the policy whose hits are told there */
};

/* [protect]: what is kept from the daemon itself while the policy is in enforce mode. */
struct config_protect {
	bool signals;
	bool tracing;
	bool bpf;
	bool files;
	bool is_sealed;
};

struct config {
	struct config_protect protect;
	unsigned int coalesce; /* seconds in which a decision that repeats is told once; 0: each is told */
	struct config_runner *runners;
	size_t runner_count;
	struct config_output output;
};

/*
 * Reads the file, which must be root's alone; NULL: CONFIG_PATH, which need not be there. −EINVAL: something is wrong with
 * it, told on `out` (NULL: to nobody) as FILE:LINE: error: TEXT.
 */
int config_load(const char *path, FILE *out, struct config *ret_config);
void config_done(struct config *config);

/* Whether that user, of those groups, may start commands in the profile; NULL: in any. */
bool config_may_run(const struct config *config, const char *profile, uid_t user, const gid_t *groups, size_t group_count);
/* Takes over who may run, and what is protected; what holds from the start on stays. Returns false if `next` would have that otherwise. */
bool config_take_changes(struct config *config, struct config *next);
