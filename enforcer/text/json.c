/* SPDX-License-Identifier: GPL-2.0-only */
/* json.c - numbers that yajl's generator has no call for; not by printf(), which costs as much as the rest of a record. */
#include "json.h"

void json_key_number(yajl_gen gen, const char *key, unsigned long long number)
{
	char text[24], *at = text + sizeof(text);

	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	json_string(gen, key);
	(void)yajl_gen_number(gen, at, (size_t)(text + sizeof(text) - at));
}

void json_key_hex64(yajl_gen gen, const char *key, unsigned long long number)
{
	char text[16];

	for (size_t i = sizeof(text); i-- > 0; number >>= 4)
		text[i] = "0123456789abcdef"[number & 15];
	json_key_bytes(gen, key, text, sizeof(text));
}
