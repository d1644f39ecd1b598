/* SPDX-License-Identifier: GPL-2.0-only */
/* pairs.h - notes of profiles that can fit the same task. */
#pragma once

#include "model.h"

/* 0 or −ENOMEM. */
int pairs_note(const struct policy *policy, struct diags *d);
