/* SPDX-License-Identifier: GPL-2.0-only */
/* utf8.h - turns bytes that anybody may have chosen into text that is safe inside JSON. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of the printable character at `bytes` (length ≥ 1); 0: none stands there, or one that is not seen itself but
 * changes what is: control characters, and those that turn the direction of writing.
 */
size_t utf8_printable(const char *bytes, size_t length);

/* The most that utf8_clean() makes of `length` bytes. */
#define UTF8_CLEAN_MAX(length) (3 * (length))

/*
 * Copies to `out`, each byte that is no part of well-formed UTF-8 (RFC 3629) replaced by U+FFFD; returns the bytes
 * written. *ret_is_exact is false if something was replaced or if there are control characters.
 */
size_t utf8_clean(const char *bytes, size_t length, char *out, bool *ret_is_exact);
