/* SPDX-License-Identifier: GPL-2.0-only */
/* account.h - users and groups by name or number. */
#pragma once

#include "policy.h"

enum account {
	ACCOUNT_USER,
	ACCOUNT_GROUP,
};

/*
 * The number of a user or group: as it is written, or by name from etc/passwd or etc/group of the tree that the options
 * name. By the files alone: a directory service may not answer when a host starts. −EINVAL: reported.
 */
int account_parse(enum account account, const char *text, const struct policy_options *options, struct diags *d,
		  const struct loc *loc, __u32 *ret_number);
