/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_image.h - a policy's image in a map of its own: as large as its class, read back and frozen. */
#pragma once

#include <stddef.h>

/* Bytes of the maps for an image of that size: room for twice as much, as far as there is such a class. */
size_t image_class(size_t size);

/* Creates a map of `room` bytes with the image and zeros behind it. 0, and the caller owns *ret_fd, or −errno. */
int image_map_fill(size_t room, const void *image, size_t size, int *ret_fd);
