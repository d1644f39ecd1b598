/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_image.h - a policy's image in a map of its own: as large as its class, read back and frozen. */
#pragma once

#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the maps for an image of that size: room for twice as much, as far as there is such a class. */
size_t image_class(size_t size);

/* An image on its way: the map that holds it, and that in which its rules' hits will be counted. */
struct set_image {
	int fd;
	int hits;
	unsigned int hits_place; /* as in its header */
	bool has_profiles;
};

/* Maps for an image, zeros behind it up to `room`; its header is told where hits go. 0, or −errno. */
int set_image_make(size_t room, void *image, size_t size, unsigned int hits_place, struct set_image *ret_image);
/* Closes the maps that are still its own. */
void set_image_done(struct set_image *image);

/* One that is in the kernel. */
struct image_view {
	const struct pc_image_header *header;
	size_t room; /* bytes of its map */
};

/* 0, or −errno. −EBADMSG: it is none. */
int image_map_view(int fd, struct image_view *ret_view);
void image_view_done(struct image_view *view);
