/* SPDX-License-Identifier: GPL-2.0-only */
/* compile.h - compiles a policy in a child process. */
#pragma once

#include "apply.h"

/*
 * As candidate_load(), which see; fills image, links and marks. −ETIME, −EIO: the child took too long, or died; `out`
 * says so.
 */
int compile_apart(const struct candidate_source *source, FILE *out, struct candidate *candidate);

/* Whether that was as far as it went: the policy was compared with the one known, and nothing had to be told. */
bool compile_compared(int r);
