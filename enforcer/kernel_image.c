/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_image.c - a policy's image in a map of its own: as large as its class, read back and frozen. */
#include "kernel_image.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <portcullis/abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_hits.h"
#include "kernel_pins.h"

size_t image_class(size_t size)
{
	size_t class = PC_IMAGE_CLASS_MIN;

	while (class < 2 * size && class < PC_IMAGE_CLASS_MAX)
		class *= 4;
	return class;
}

static int create(size_t room)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG | BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pc_image", sizeof(__u32), room, 1, &options);

	return fd < 0 ? -errno : fd;
}

static int write_whole(int fd, size_t room, const void *image, size_t size)
{
	char *element = calloc(1, room);
	__u32 zero = 0;
	int r;

	if (!element)
		return -ENOMEM;
	memcpy(element, image, size);
	r = bpf_map_update_elem(fd, &zero, element, BPF_ANY) ? -errno : 0;
	free(element);
	return r;
}

/* The element is far larger than most images: it is compared in place. */
static int verify(int fd, const void *image, size_t size)
{
	void *element = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	int r;

	if (element == MAP_FAILED)
		return -errno;
	r = memcmp(element, image, size) ? -EIO : 0;
	(void)munmap(element, size);
	return r;
}

static int map_fill(size_t room, const void *image, size_t size, int *ret_fd)
{
	int fd = create(room), r;

	if (fd < 0)
		return fd;
	r = write_whole(fd, room, image, size);
	if (!r && bpf_map_freeze(fd))
		r = -errno;
	if (!r)
		r = verify(fd, image, size);
	if (r)
		(void)close(fd);
	else
		*ret_fd = fd;
	return r;
}

int set_image_make(size_t room, void *image, size_t size, unsigned int hits_place, struct set_image *ret_image)
{
	struct pc_image_header *header = image;
	struct set_image made = { .fd = -1, .hits_place = hits_place, .has_profiles = header->profiles.count > 0 };
	int r;

	header->hits = hits_place;
	made.hits = hits_map_create(header->rules.count);
	r = made.hits < 0 ? made.hits : map_fill(room, image, size, &made.fd);
	if (r)
		set_image_done(&made);
	else
		*ret_image = made;
	return r;
}

void set_image_done(struct set_image *image)
{
	if (image->fd >= 0)
		(void)close(image->fd);
	if (image->hits >= 0)
		(void)close(image->hits);
	image->fd = -1;
	image->hits = -1;
}

static bool is_image(const struct pc_image_header *header, size_t room)
{
	return header->magic == PC_IMAGE_MAGIC && header->version == PC_IMAGE_VERSION && header->size <= room && header->hits < PC_HITS;
}

int image_map_view(int fd, struct image_view *ret_view)
{
	struct bpf_map_info info;
	struct image_view view;
	void *memory;
	int r = map_info(fd, &info);

	if (r)
		return r;
	view.room = info.value_size;
	memory = mmap(NULL, view.room, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	view.header = memory;
	*ret_view = view;
	if (is_image(view.header, view.room))
		return 0;
	image_view_done(ret_view);
	return -EBADMSG;
}

void image_view_done(struct image_view *view)
{
	(void)munmap((void *)view->header, view->room);
}
