/* SPDX-License-Identifier: GPL-2.0-only */
/* print.h - the policy as one text: lists and files resolved, in a fixed order. */
#pragma once

#include <stdio.h>

#include "model.h"

/*
 * What is printed parses to the same image, but for where its rules stand, and is printed the same again. An
 * object that makes a line too long becomes a list of its own, [list long-N]; one that holds more than 180
 * blanks in a row can't be cut, and is refused when it is read again. Aliases are not printed: they are found
 * again.
 */
void policy_print(const struct policy *policy, FILE *out);
