/* SPDX-License-Identifier: GPL-2.0-only */
/* json.c - what yajl's generator has no call for. */
#include "json.h"

yajl_gen json_open(void)
{
	yajl_gen gen = yajl_gen_alloc(NULL);

	if (!gen)
		return NULL;
	(void)yajl_gen_config(gen, yajl_gen_beautify, 1);
	(void)yajl_gen_config(gen, yajl_gen_indent_string, "  ");
	(void)yajl_gen_map_open(gen);
	return gen;
}

int json_close(yajl_gen gen, FILE *out)
{
	const unsigned char *text;
	size_t length;
	int r = -ENOMEM;

	(void)yajl_gen_map_close(gen);
	if (yajl_gen_get_buf(gen, &text, &length) == yajl_gen_status_ok)
		r = fwrite(text, 1, length, out) == length ? 0 : -EIO;
	yajl_gen_free(gen);
	return r;
}

void json_key_number(yajl_gen gen, const char *key, unsigned long long number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%llu", number);

	json_string(gen, key);
	(void)yajl_gen_number(gen, text, (size_t)length);
}

void json_key_hex64(yajl_gen gen, const char *key, unsigned long long number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%016llx", number);
	json_key_string(gen, key, text);
}
