/* SPDX-License-Identifier: GPL-2.0-only */
/* changes_output.h - changed decisions for people, and as JSON. */
#pragma once

#include "changes.h"

/* They must be sorted. `image` is of the policy that was asked. */
void changes_show(const struct changes *changes, const struct image *image);
void changes_show_json(const struct changes *changes, const struct image *image);
