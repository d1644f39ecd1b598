/* SPDX-License-Identifier: GPL-2.0-only */
/* mark.h - a number by which a sequence of texts is known again: FNV-1a, 64 bits. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

static inline void mark_add(__u64 *mark, const char *bytes, size_t length)
{
	/* The length keeps "ab" and "c" apart from "a" and "bc". */
	*mark = (*mark ^ length) * 0x100000001b3U;
	for (size_t i = 0; i < length; i++)
		*mark = (*mark ^ (unsigned char)bytes[i]) * 0x100000001b3U;
}
