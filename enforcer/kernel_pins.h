/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_pins.h - maps, programs and links by their descriptors, and by their names in the folder of pins (pins.h). */
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* In DIR/next. 0 or −errno. */
int pin_make(int fd, const char *dir, const char *name);
/* From DIR/live: a file descriptor, or −errno. */
int pin_open(const char *dir, const char *name);
/* Another descriptor of the same, `least` or above, that closes on exec; or −errno. */
int fd_copy(int fd, int least);
/* Of a map; all zero, and −errno, where there is none. */
int map_info(int fd, struct bpf_map_info *ret_info);
/* Nobody but the daemon is to open that map or program: enters it in the map `guarded`. 0 or −errno. */
int guard_map(int guarded, int fd);
int guard_program(int guarded, int fd);
int guard_link(int guarded, int fd);
/* Of a map that is about to go, by its number. */
void unguard_map(int guarded, __u32 id);
/* The kernel's number of a map; 0: there is none. */
__u32 map_id(int fd);
/* The file descriptor of a link that libbpf made, which is freed; −errno where it (NULL) made none. */
int link_take(struct bpf_link *link);
