/* SPDX-License-Identifier: GPL-2.0-only */
/* ownership.h - ownership visible in one function: cleanup attributes and take_*(); arrays that grow. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void cleanup_closedir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* The value of an owning variable, which no longer owns it. */
#define take_ptr(pointer)                                      \
	({                                                     \
		__typeof__(pointer) *_taken_from = &(pointer); \
		__typeof__(pointer) _taken = *_taken_from;     \
		*_taken_from = NULL;                           \
		_taken;                                        \
	})

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/*
 * Room for one more item behind `count` others: grows by doubling whenever the count is a power of two, so
 * the capacity need not be kept. NULL: out of memory, the old array stands.
 */
static inline void *array_grow(void *array, size_t count, size_t size)
{
	if (count != 0 && (count < 8 || (count & (count - 1)) != 0))
		return array;
	return reallocarray(array, count ? 2 * count : 8, size);
}

/*
 * Makes room for `count` items of `size` bytes in *array, whose room is *room items; grows by half. What is
 * there stays where it was on −ENOMEM.
 */
static inline int array_reserve(void *array, size_t *room, size_t count, size_t size)
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
