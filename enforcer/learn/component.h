/* SPDX-License-Identifier: GPL-2.0-only */
/* component.h - what of a file's name is of the moment: numbers, hashes, versions, temporary names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * All return 1 and a glob that is owned by the caller, or 0 if the name has nothing of the kind, or −ENOMEM. A name is
 * what stands between two slashes.
 */

/* The glob that matches this name alone. Printable UTF-8 stays as it is; never 0. */
int component_quote(const char *name, size_t length, char **ret_glob);
/*
 * A name that is a number, a date or a version: [0-9]*, behind a `v` too. In a name, between characters that are no
 * letters or digits: a UUID; a hash, which is 8 or more hexadecimal digits of one case with a decimal one among them; a
 * random word, see is_random(). NAME.tmp: *.tmp. `is_temporary`: it lies where temporary files do; so does what begins
 * with a dot, or has "tmp" in it.
 */
int component_shape(const char *name, size_t length, bool is_temporary, char **ret_glob);
/* Each run of decimal digits: [0-9]*. */
int component_numbers(const char *name, size_t length, char **ret_glob);
/*
 * As mkstemp(3) makes them: the last six of the last word that has as many, if there is a capital or a digit among them, but
 * not digits alone: ??????.
 */
int component_mkstemp(const char *name, size_t length, char **ret_glob);
/* *.ENDING, of 1 to 8 letters and digits and no mere number, or *.so.* of a library. */
int component_ending(const char *name, size_t length, char **ret_glob);
/* The same of libraries alone: *.so, *.so.* */
int component_library(const char *name, size_t length, char **ret_glob);
/* Whether files below a folder of this name are temporary. */
bool component_is_temporary(const char *name, size_t length);
