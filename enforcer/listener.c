/* SPDX-License-Identifier: GPL-2.0-only */
/* listener.c - sockets that only this host reaches, and who on it. */
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <portcullis/ctl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "listener.h"
#include "ownership.h"

#define BACKLOG 16

int listener_parse_path(const char *path, struct listener_address *ret_address)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&ret_address->address;

	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	*ret_address = (struct listener_address){ .length = sizeof(*address) };
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path, strlen(path) + 1);
	return 0;
}

static bool parse_port(const char *text, in_port_t *ret_port)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || port < 1 || port > 65535)
		return false;
	*ret_port = htons((in_port_t)port);
	return true;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* `host` and `port` of HOST:PORT or [HOST]:PORT; −EINVAL: it is neither. */
static int parse_inet(const char *host, const char *port, struct listener_address *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->address;

	*address = (struct listener_address){};
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1 && parse_port(port, &v4->sin_port)) {
		v4->sin_family = AF_INET;
		address->length = sizeof(*v4);
		return 0;
	}
	*address = (struct listener_address){};
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 && parse_port(port, &v6->sin6_port)) {
		v6->sin6_family = AF_INET6;
		address->length = sizeof(*v6);
		return 0;
	}
	return -EINVAL;
}

static int parse_host_and_port(const char *text, struct listener_address *ret_address)
{
	const char *colon = strrchr(text, ':');
	bool has_brackets = colon && text[0] == '[' && colon[-1] == ']';
	char host[INET6_ADDRSTRLEN];
	size_t length;

	if (!colon)
		return -EINVAL;
	length = (size_t)(colon - text) - (has_brackets ? 2 : 0);
	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text + has_brackets, length);
	host[length] = '\0';
	/* Without brackets nobody could tell where the port begins. */
	if (!has_brackets && strchr(host, ':'))
		return -EINVAL;
	return parse_inet(host, colon + 1, ret_address);
}

int listener_parse(const char *text, struct listener_address *ret_address, char *why, size_t why_size)
{
	static const char known[] = "127.0.0.1:PORT, [::1]:PORT or unix:/PATH";
	struct listener_address address;

	if (strncmp(text, "unix:/", 6) == 0) {
		if (listener_parse_path(text + 5, ret_address) == 0)
			return 0;
		(void)snprintf(why, why_size,
			       "'%s' is too long for a unix socket, whose path has up to 107 bytes", text);
		return -EINVAL;
	}
	if (parse_host_and_port(text, &address) < 0) {
		(void)snprintf(why, why_size, "'%s' is no address and port; write %s", text, known);
		return -EINVAL;
	}
	if (!is_loopback(&address.address)) {
		(void)snprintf(why, why_size,
			       "'%s' is open to the network, and nobody is asked for a password; write %s",
			       text, known);
		return -EINVAL;
	}
	*ret_address = address;
	return 0;
}

/* By the file alone: a directory service may not answer yet, and its modules would stay in memory. */
gid_t listener_readers(void)
{
	FILE *groups = fopen("/etc/group", "re");
	const struct group *group = NULL;
	gid_t found = (gid_t)-1;

	if (!groups)
		return found;
	do
		group = fgetgrent(groups);
	while (group && strcmp(group->gr_name, PC_CTL_GROUP) != 0);
	if (group)
		found = group->gr_gid;
	(void)fclose(groups);
	return found;
}

/* What stands at the path of a socket that is to be: only another socket makes room. */
static int remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(path) < 0 ? -errno : 0;
}

static int bind_path(int fd, const struct listener_address *address, gid_t group)
{
	const char *path = ((const struct sockaddr_un *)&address->address)->sun_path;
	mode_t mask;
	int r = remove_stale(path);

	if (r < 0)
		return r;
	/* Nobody gets in between bind and chown. */
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address->address, address->length) < 0 ? -errno : 0;
	(void)umask(mask);
	if (r < 0 || group == (gid_t)-1)
		return r;
	if (lchown(path, (uid_t)-1, group) < 0 || chmod(path, 0660) < 0)
		return -errno;
	return 0;
}

/* The last daemon's connections may still be winding down. */
static int bind_inet(int fd, const struct listener_address *address)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&address->address, address->length) < 0)
		return -errno;
	return 0;
}

int listener_open(const struct listener_address *address, int type, gid_t group, int *ret_fd)
{
	_cleanup_close_ int fd = socket(address->address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = address->address.ss_family == AF_UNIX ? bind_path(fd, address, group) : bind_inet(fd, address);
	if (r < 0)
		return r;
	if (listen(fd, BACKLOG) < 0)
		return -errno;
	*ret_fd = take_fd(&fd);
	return 0;
}
