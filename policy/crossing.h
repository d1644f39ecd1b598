/* SPDX-License-Identifier: GPL-2.0-only */
/* crossing.h - warns of patterns whose wildcards lead on through links only: no file has such a name. */
#pragma once

#include "places.h"

struct crossing {
	struct places *places; /* both borrowed */
	struct diags *d;
	char *head;       /* owned: the beginning that was looked at last; many rules share it */
	char *first_link; /* owned: a link that it matches, if it matches nothing else; else NULL */
};

/* Looks at one glob without braces; the warning stands at `loc`. 0 or −ENOMEM. */
int crossing_warn(struct crossing *crossing, const char *glob, const struct loc *loc);
void crossing_done(struct crossing *crossing);
