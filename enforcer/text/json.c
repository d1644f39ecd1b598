/* SPDX-License-Identifier: GPL-2.0-only */
/* json.c - numbers that yajl's generator has no call for. */
#include <stdio.h>

#include "json.h"

void json_key_number(yajl_gen gen, const char *key, unsigned long long number)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", number);

	json_string(gen, key);
	(void)yajl_gen_number(gen, text, (size_t)n);
}

void json_key_hex64(yajl_gen gen, const char *key, unsigned long long number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%016llx", number);
	json_key_string(gen, key, text);
}
