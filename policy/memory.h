/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.h - owning locals and growing arrays, for the files of policy/. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

#define take_ptr(p)                                                                                          \
	({                                                                                                   \
		__typeof__(p) taken = (p);                                                                   \
		(p) = NULL;                                                                                  \
		taken;                                                                                       \
	})

/* For locals of any pointer type: `_cleanup_(memory_freep) char *text = NULL;` */
static inline void memory_freep(void *pointer)
{
	free(*(void **)pointer);
}

/*
 * Makes room for `count` items of `size` bytes in *array, whose room is *room items; grows by half.
 * What is there stays where it was on −ENOMEM.
 */
static inline int memory_grow(void *array, size_t *room, size_t count, size_t size)
{
	size_t wanted = *room + *room / 2 < 16 ? 16 : *room + *room / 2;
	void *grown;

	if (count <= *room)
		return 0;
	if (wanted < count)
		wanted = count;
	grown = reallocarray(*(void **)array, wanted, size);
	if (!grown)
		return -ENOMEM;
	*(void **)array = grown;
	*room = wanted;
	return 0;
}

/* Spreads the bits of a number or a running hash over all 64 (the finalizer of MurmurHash3). */
static inline unsigned long long memory_mix(unsigned long long x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}
