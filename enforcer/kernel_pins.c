/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_pins.c - maps, programs and links by their names in the folder of pins. */
#include "kernel_pins.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

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

int link_take(struct bpf_link *link)
{
	int fd;

	if (!link)
		return -errno;
	fd = fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		fd = -errno;
	(void)bpf_link__destroy(link);
	return fd;
}
