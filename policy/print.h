/* SPDX-License-Identifier: GPL-2.0-only */
/* print.h - the policy as one text: lists and files resolved, in a fixed order. */
#pragma once

#include <stdio.h>

#include "model.h"

/*
 * What is printed parses to the same image, but for where its rules stand. An object from a list file that
 * makes a line longer than PC_LINE_MAX is printed as it is: such a line is not read again. Aliases are not
 * printed: they are found again.
 */
void policy_print(const struct policy *policy, FILE *out);
