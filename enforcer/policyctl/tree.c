/* SPDX-License-Identifier: GPL-2.0-only */
/* tree.c - values out of a parsed JSON object. */
#include <stdio.h>
#include <string.h>

#include "tree.h"

#define DEPTH_MAX 8

yajl_val tree_find(yajl_val root, const char *path)
{
	const char *names[DEPTH_MAX + 1] = {};
	char copy[96];
	char *rest = copy;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (size_t i = 0; i < DEPTH_MAX && rest; i++)
		names[i] = strsep(&rest, ".");
	return yajl_tree_get(root, names, yajl_t_any);
}

const char *tree_string(yajl_val root, const char *path)
{
	const char *text = YAJL_GET_STRING(tree_find(root, path));

	return text ? text : "";
}

const char *tree_number(yajl_val root, const char *path)
{
	yajl_val value = tree_find(root, path);

	return YAJL_IS_NUMBER(value) ? YAJL_GET_NUMBER(value) : "0";
}

bool tree_is_true(yajl_val root, const char *path)
{
	return YAJL_IS_TRUE(tree_find(root, path));
}
