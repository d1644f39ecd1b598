/* SPDX-License-Identifier: GPL-2.0-only */
/* rule_hits.h - how often rules decided, as far as the daemon has to do with it: policyctl rules, metrics, reloads. */
#pragma once

#include "daemon.h"

/* Of the live policy's rules, all policies before it included: rule_end of them, owned by the caller. */
int rule_hits_take(const struct daemon *daemon, struct pc_hit **ret_counts);
/* A policy was made live instead of `before`, which is still to be found: its rules' hits are kept. */
void rule_hits_carry(const struct daemon *daemon, const struct generation *before);

/* For struct control_handler; `userdata` is the daemon. */
enum pc_ctl_result request_rules(void *userdata, FILE *out, struct rule_list **ret_list);
