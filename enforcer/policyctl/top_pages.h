/* SPDX-License-Identifier: GPL-2.0-only */
/* top_pages.h - texts that `policyctl top` shows over all else. Owned by the caller; NULL: no memory. */
#pragma once

#include "top_model.h"

char *top_page_help(void);
/* The line of the policy that decided, and those around it. */
char *top_page_rule(const struct top_model *model, const struct record *record);
/* What `policyctl explain` says of the record's object today. */
char *top_page_explain(const struct top_model *model, const struct record *record);
