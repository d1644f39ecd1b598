/* SPDX-License-Identifier: GPL-2.0-only */
/* hash.h - what the hash tables of policy/ have in common. */
#pragma once

#include <linux/types.h>

/* Spreads the bits of a number or a running hash over all 64 (the finalizer of MurmurHash3). */
static inline __u64 hash_mix(__u64 x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}
