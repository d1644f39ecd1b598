/* SPDX-License-Identifier: GPL-2.0-only */
/* top_rows.h - the lines of `policyctl top`, for a terminal or for none: text of so many columns at most. */
#pragma once

#include <stdio.h>

#include "top_model.h"

/* "Programs" */
const char *top_rows_title(enum top_table table);
/* The policy, its mode, the time, and what is lost. */
void top_rows_write_head(FILE *out, const struct top_model *model, size_t columns);
void top_rows_write_rate_heading(FILE *out, size_t columns);
/* A hook's decisions of one verdict: a second, in all, and each second of the last minute as a bar. */
void top_rows_write_rate(FILE *out, const struct rates *rates, unsigned int hook, unsigned int verdict,
			 size_t columns);
void top_rows_write_heading(FILE *out, enum top_table table, size_t columns);
void top_rows_write(FILE *out, enum top_table table, const struct top_model *model,
		    const struct tally_entry *entry, size_t columns);
