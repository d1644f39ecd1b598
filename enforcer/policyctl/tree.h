/* SPDX-License-Identifier: GPL-2.0-only */
/* tree.h - values out of a parsed JSON object, with an answer for those that are missing. */
#pragma once

#include <stdbool.h>
#include <yajl/yajl_tree.h>

/* A path like "policy.rules.exec". NULL: there is none. */
yajl_val tree_find(yajl_val root, const char *path);
/* "" if there is none. */
const char *tree_string(yajl_val root, const char *path);
/* The digits as they stood; "0" if there is none. */
const char *tree_number(yajl_val root, const char *path);
bool tree_is_true(yajl_val root, const char *path);
