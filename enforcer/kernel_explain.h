/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_explain.h - the line that says why something could not be done. */
#pragma once

#include <stddef.h>

/* Into `why`, cut at its size; NULL: nobody asks. */
void kernel_explain(char *why, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
