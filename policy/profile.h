/* SPDX-License-Identifier: GPL-2.0-only */
/* profile.h - the profiles of a policy. */
#pragma once

#include "model.h"

/* Made from the name, so that a task stays in its profile over any reload. */
__u64 profile_id(const char *name);
/* NULL: there is none of that name. */
const struct profile *policy_profile(const struct policy *policy, const char *name);
void profile_done(struct profile *profile);
