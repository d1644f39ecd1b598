/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_pins.c - maps, programs and links by their descriptors, and by their names in the folder of pins. */
#include "kernel_pins.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <portcullis/abi.h>
#include <stdio.h>
#include <unistd.h>

#include "pins.h"

int pin_make(int fd, const char *dir, const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" PINS_NEXT "/%s", dir, name);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

int pin_open(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/" PINS_LIVE "/%s", dir, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int fd_copy(int fd, int least)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, least > STDERR_FILENO ? least : STDERR_FILENO + 1);

	return copy < 0 ? -errno : copy;
}

int map_info(int fd, struct bpf_map_info *ret_info)
{
	__u32 size = sizeof(*ret_info);

	*ret_info = (struct bpf_map_info){};
	return bpf_obj_get_info_by_fd(fd, ret_info, &size) ? -errno : 0;
}

static int guard(int guarded, __u64 key)
{
	const __u8 yes = 1;

	return bpf_map_update_elem(guarded, &key, &yes, BPF_ANY) ? -errno : 0;
}

int guard_map(int guarded, int fd)
{
	struct bpf_map_info info;
	int r = map_info(fd, &info);

	return r ? r : guard(guarded, info.id);
}

__u32 map_id(int fd)
{
	struct bpf_map_info info;

	(void)map_info(fd, &info);
	return info.id;
}

void unguard_map(int guarded, __u32 id)
{
	const __u64 key = id;

	(void)bpf_map_delete_elem(guarded, &key);
}

int guard_program(int guarded, int fd)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : guard(guarded, info.id | PC_GUARDED_PROGRAM);
}

int guard_link(int guarded, int fd)
{
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : guard(guarded, info.id | PC_GUARDED_LINK);
}

int link_take(struct bpf_link *link)
{
	int fd;

	if (!link)
		return -errno;
	fd = fd_copy(bpf_link__fd(link), 0);
	(void)bpf_link__destroy(link);
	return fd;
}
