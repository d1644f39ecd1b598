/* SPDX-License-Identifier: GPL-2.0-only */
/* ports.h - lists of ports: "22,8000-8100" → sorted ranges. */
#pragma once

#include "model.h"

/*
 * The ranges sorted, disjoint and not adjacent, owned by the caller; returns their number. −EINVAL: reported
 * to `d` at `loc`. `list` needs no NUL at its end.
 */
int ports_parse(const char *list, size_t len, struct diags *d, const struct loc *loc,
		struct port_range **ret_ports);
