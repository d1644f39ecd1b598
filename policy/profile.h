/* SPDX-License-Identifier: GPL-2.0-only */
/* profile.h - the profiles of a policy. */
#pragma once

#include "model.h"

/* Made from the name, so that a task stays in its profile over any reload. */
__u64 profile_id(const char *name);
/* The section of its choice that holds those patterns. */
static inline unsigned int choice_section(const struct policy *policy, size_t profile, enum choice_section section)
{
	return section_number(1 + policy->profile_count + policy->profiles[profile].choice,
			      (enum pc_section_id)section);
}

/* NULL: there is none of that name. */
const struct profile *policy_profile(const struct policy *policy, const char *name);
void profile_done(struct profile *profile);
