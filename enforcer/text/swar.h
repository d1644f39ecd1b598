/* SPDX-License-Identifier: GPL-2.0-only */
/* swar.h - looks at eight bytes of a text at once: nearly all text is plain, and is passed over quickly. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SWAR_EACH(byte) (0x0101010101010101ULL * (unsigned char)(byte))

static inline uint64_t swar_load(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Whether some byte is below `limit`, which is 128 at most. */
static inline bool swar_has_below(uint64_t word, unsigned char limit)
{
	return (word - SWAR_EACH(limit)) & ~word & SWAR_EACH(0x80);
}

static inline bool swar_has(uint64_t word, char byte)
{
	return swar_has_below(word ^ SWAR_EACH(byte), 1);
}
