/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * last_good.h - the last policy that was loaded and not taken back, as text: used at a start where the configured one is not.
 *
 * DIR/last-good.ini is that. DIR/next.ini is written while a policy is compiled, and takes its place once it is live. One on
 * trial waits as DIR/trial.ini until it is confirmed; DIR/unconfirmed tells its text's mark: a start does not load it.
 */
#pragma once

#include <stdio.h>

#include "policy.h"

#define LAST_GOOD_PATH "/var/lib/portcullis"
#define LAST_GOOD_FILE "last-good.ini"

/* In the child that compiles: writes DIR/next.ini; what keeps it from that goes to `out`. */
void last_good_write(const char *dir, const struct policy *policy, FILE *out);

/* All of these do nothing where `dir` is NULL, and log what fails. */

/* Makes the folder, if it isn't there. */
void last_good_prepare(const char *dir);
/* What was written last is live, for good. */
void last_good_keep(const char *dir);
/* It is live, on trial. */
void last_good_try(const char *dir, const struct policy_marks *marks);
/* What was on trial is live for good, or was taken back. */
void last_good_confirm(const char *dir);
void last_good_drop(const char *dir);
/* Whether the text with these marks was on trial, and never confirmed. */
bool last_good_is_unconfirmed(const char *dir, const struct policy_marks *marks);
/* The path, to be freed, if there is such a file; else NULL. */
char *last_good_path(const char *dir);
