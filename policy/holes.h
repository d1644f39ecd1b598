/* SPDX-License-Identifier: GPL-2.0-only */
/* holes.h - warns of what a blocklist of programs lets through. */
#pragma once

#include "model.h"

/* Looks at the rules alone. */
void holes_warn(const struct policy *policy, struct diags *d);
