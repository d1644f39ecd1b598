/* SPDX-License-Identifier: GPL-2.0-only */
/* listener.h - sockets that only this host reaches, and who on it. */
#pragma once

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

struct listener_address {
	struct sockaddr_storage address;
	socklen_t length;
};

/*
 * "127.0.0.1:PORT", "[::1]:PORT" (any loopback address) or "unix:/PATH". −EINVAL: something else, `why` says what is wrong
 * with it and what would do.
 */
int listener_parse(const char *text, struct listener_address *ret_address, char *why, size_t why_size);
/* −ENAMETOOLONG: unix sockets have short names. */
int listener_parse_path(const char *path, struct listener_address *ret_address);

/* The group of those who may ask for what changes nothing; (gid_t)−1: there is none. */
gid_t listener_readers(void);

/*
 * Binds and listens, without waiting for anybody. A unix socket is root's and, unless that is −1, the group's; a stale one
 * is replaced, nothing else is: −EEXIST.
 */
int listener_open(const struct listener_address *address, int type, gid_t group, int *ret_fd);
