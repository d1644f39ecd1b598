/* SPDX-License-Identifier: GPL-2.0-only */
/* json.h - key and value pairs for yajl's generator, whose own calls take one token each. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>

/* A text for people and programs: one map, indented. NULL: out of memory. */
yajl_gen json_open(void);
/* Closes the map, writes it and frees the generator. −ENOMEM, −EIO: not all is written. */
int json_close(yajl_gen gen, FILE *out);

static inline void json_string(yajl_gen gen, const char *text)
{
	(void)yajl_gen_string(gen, (const unsigned char *)text, strlen(text));
}

static inline void json_key_bytes(yajl_gen gen, const char *key, const char *text, size_t length)
{
	json_string(gen, key);
	(void)yajl_gen_string(gen, (const unsigned char *)text, length);
}

static inline void json_key_string(yajl_gen gen, const char *key, const char *text)
{
	json_key_bytes(gen, key, text, strlen(text));
}

/* yajl's own integers are signed. */
void json_key_number(yajl_gen gen, const char *key, unsigned long long number);
void json_key_hex64(yajl_gen gen, const char *key, unsigned long long number);

static inline void json_key_bool(yajl_gen gen, const char *key, bool is_true)
{
	json_string(gen, key);
	(void)yajl_gen_bool(gen, is_true);
}

static inline void json_key_map(yajl_gen gen, const char *key)
{
	json_string(gen, key);
	(void)yajl_gen_map_open(gen);
}

static inline void json_key_array(yajl_gen gen, const char *key)
{
	json_string(gen, key);
	(void)yajl_gen_array_open(gen);
}
