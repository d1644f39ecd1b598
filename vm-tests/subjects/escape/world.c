/* SPDX-License-Identifier: GPL-2.0-only */
/* world.c - makes what the chains are not to get at, and looks from outside whether they did. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chain.h"
#include "world.h"

static const char *const protected[PROTECTED_COUNT] = {
	ROOM "/secret",     ROOM "/secret/key",   ROOM "/fixed",
	ROOM "/fixed/conf", ROOM "/fixed/conf.d", ROOM "/fixed/conf.d/one",
	ROOM "/bin",        ROOM "/bin/tool",     ROOM "/bin/code",
};

enum listener {
	TCP4,
	TCP6,
	UDP4,
	UDP6,
	ABSTRACT,
	STREAM,
	DATAGRAM,
};

static const char *const listener_names[LISTENERS_COUNT] = {
	"tcp 127.0.0.1",     "tcp ::1",     "udp 127.0.0.1", "udp ::1",
	"unix @deny-escape", "unix stream", "unix datagram",
};

/* ---- Files. ---- */

/* Owned by the chains' user: nothing but the policy stands in their way. */
static void as_user(bool is_user)
{
	(void)setfsgid(is_user ? USER_ID : 0);
	(void)setfsuid(is_user ? USER_ID : 0);
}

static int put(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644), result = -1;

	if (fd < 0)
		return -1;
	if (write(fd, bytes, length) == (ssize_t)length)
		result = 0;
	(void)close(fd);
	return result;
}

/* The small program that says OK: it has an ELF interpreter. */
static int put_tool(const char *path)
{
	char from[256], *end;
	int source, target, result = -1;
	ssize_t length = readlink("/proc/self/exe", from, sizeof(from) - sizeof("subject-ok"));

	if (length < 0)
		return -1;
	from[length] = '\0';
	end = strrchr(from, '/');
	(void)strcpy(end + 1, "subject-ok");
	source = open(from, O_RDONLY | O_CLOEXEC);
	target = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);
	if (source >= 0 && target >= 0)
		result = copy_all(source, target);
	(void)close(source);
	(void)close(target);
	return result;
}

static int make_dirs(const char *const *paths)
{
	for (; *paths; paths++)
		if (mkdir(*paths, 0755) && errno != EEXIST)
			return -1;
	return 0;
}

static int make_files(void)
{
	static const char *const dirs[] = { ROOM,          ROOM "/secret",
					    ROOM "/fixed", ROOM "/fixed/conf.d",
					    ROOM "/bin",   NULL };
	static const unsigned char code[] = { 0xb8, 0xec, 0x05, 0x00, 0x00, 0xc3 };

	(void)umask(022);
	if (make_dirs(dirs) || put(ROOM "/secret/key", SECRET_HEAD, sizeof(SECRET_HEAD) - 1) ||
	    put(ROOM "/fixed/conf", "as it is\n", 9) || put(ROOM "/fixed/conf.d/one", "one\n", 4) ||
	    put(ROOM "/plain", "plain\n", 6) || put(ROOM "/bin/code", code, sizeof(code)))
		return -1;
	return put_tool(ROOM "/bin/tool");
}

int world_make(void)
{
	int result;

	as_user(true);
	result = make_files();
	as_user(false);
	return result;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DNR)
		(void)chmod(path, 0700);
	(void)remove(path);
	return 0;
}

static void remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void look(struct stat known[PROTECTED_COUNT])
{
	memset(known, 0, sizeof(*known) * PROTECTED_COUNT);
	for (size_t i = 0; i < PROTECTED_COUNT; i++)
		(void)lstat(protected[i], &known[i]);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	       a->st_gid == b->st_gid && a->st_nlink == b->st_nlink && a->st_size == b->st_size &&
	       memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0 &&
	       memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0;
}

int world_mend(struct world *world)
{
	int result;

	remove_tree(ROOM "/secret");
	remove_tree(ROOM "/fixed");
	remove_tree(ROOM "/bin");
	result = world_make();
	/* A change within one tick of the kernel's clock would not show. */
	(void)usleep(20000);
	look(world->known);
	return result;
}

/* ---- Listeners. ---- */

static int bind_at(int family, int type, const void *address, socklen_t length)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, address, length) || (type == SOCK_STREAM && listen(fd, 64))) {
		(void)close(fd);
		return -1;
	}
	if (type == SOCK_STREAM && family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &(int){ 64 }, sizeof(int));
	return fd;
}

static int bind_ip(int family, int type)
{
	struct sockaddr_in four = { AF_INET,
				    htons(type == SOCK_STREAM ? PORT_TCP : PORT_UDP),
				    { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
				    .sin6_port = four.sin_port,
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	if (family == AF_INET)
		return bind_at(AF_INET, type, &four, sizeof(four));
	return bind_at(AF_INET6, type, &six, sizeof(six));
}

static int bind_path(int type, const char *path, bool is_abstract)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)snprintf(at.sun_path + is_abstract, sizeof(at.sun_path) - 1, "%.100s", path);
	return bind_at(AF_UNIX, type, &at, (socklen_t)(sizeof(sa_family_t) + strlen(path) + 1));
}

int world_open(struct world *world)
{
	int ends[2];

	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC))
		return -1;
	*world = (struct world){ .run_fd = ends[0], .run_end_fd = ends[1], .broker = broker_find() };
	world->listeners[TCP4] = bind_ip(AF_INET, SOCK_STREAM);
	world->listeners[TCP6] = bind_ip(AF_INET6, SOCK_STREAM);
	world->listeners[UDP4] = bind_ip(AF_INET, SOCK_DGRAM);
	world->listeners[UDP6] = bind_ip(AF_INET6, SOCK_DGRAM);
	world->listeners[ABSTRACT] = bind_path(SOCK_STREAM, "deny-escape", true);
	world->listeners[STREAM] = world->listeners[DATAGRAM] = -1;
	for (int i = TCP4; i < STREAM; i++)
		if (world->listeners[i] < 0)
			return -1;
	look(world->known);
	return 0;
}

/* ---- A chain's room. ---- */

static int make_room(struct world *world, const char *room)
{
	static const char *const folders[] = { "",     "/home",  "/home/.ssh", "/sock",
					       "/own", "/own/a", "/own/b",     "/own/c" };
	char path[PATH_ROOM];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", room, folders[i]);
		if (mkdir(path, 0755) && errno != EEXIST)
			return -1;
	}
	(void)snprintf(path, sizeof(path), "%s/own/f", room);
	if (put(path, "f\n", 2))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/home/.ssh/id", room);
	if (put(path, SECRET_HEAD, sizeof(SECRET_HEAD) - 1))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/sock/stream", room);
	world->listeners[STREAM] = bind_path(SOCK_STREAM, path, false);
	(void)snprintf(path, sizeof(path), "%s/sock/datagram", room);
	world->listeners[DATAGRAM] = bind_path(SOCK_DGRAM, path, false);
	return world->listeners[STREAM] < 0 || world->listeners[DATAGRAM] < 0 ? -1 : 0;
}

int world_make_room(struct world *world, uint64_t seed)
{
	char room[64];
	int result;

	(void)snprintf(room, sizeof(room), ROOM "/c%llu", (unsigned long long)seed);
	remove_tree(room);
	as_user(true);
	result = make_room(world, room);
	as_user(false);
	return result;
}

void world_remove_room(struct world *world, uint64_t seed)
{
	char room[64];

	(void)close(world->listeners[STREAM]);
	(void)close(world->listeners[DATAGRAM]);
	world->listeners[STREAM] = world->listeners[DATAGRAM] = -1;
	(void)snprintf(room, sizeof(room), ROOM "/c%llu", (unsigned long long)seed);
	remove_tree(room);
}

/* ---- The look from outside. ---- */

static bool was_written(struct world *world, const char **ret_what)
{
	struct stat now[PROTECTED_COUNT];

	look(now);
	for (size_t i = 0; i < PROTECTED_COUNT; i++)
		if (!is_same(&now[i], &world->known[i])) {
			*ret_what = protected[i];
			memcpy(world->known, now, sizeof(now));
			return true;
		}
	return false;
}

static bool was_run(struct world *world, const char **ret_what)
{
	char said[256];
	bool is_run = false;

	while (read(world->run_fd, said, sizeof(said)) > 0)
		is_run = true;
	if (is_run)
		*ret_what = "it said so";
	return is_run;
}

/* Whether somebody is there, or has sent something. */
static bool has_got(int listener)
{
	char byte;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 || (errno != EAGAIN && recv(listener, &byte, 1, MSG_DONTWAIT) >= 0);
}

static bool was_reached(struct world *world, const char **ret_what)
{
	struct pollfd polled[LISTENERS_COUNT];
	bool is_reached = false;

	for (int i = 0; i < LISTENERS_COUNT; i++)
		polled[i] = (struct pollfd){ .fd = world->listeners[i], .events = POLLIN };
	if (poll(polled, LISTENERS_COUNT, 0) <= 0)
		return false;
	for (int i = 0; i < LISTENERS_COUNT; i++)
		while (polled[i].revents && has_got(world->listeners[i])) {
			*ret_what = listener_names[i];
			is_reached = true;
		}
	return is_reached;
}

bool world_was_escaped(struct world *world, enum escape escape, const char **ret_what)
{
	switch (escape) {
	case ESCAPE_WRITE:
		return was_written(world, ret_what);
	case ESCAPE_RUN:
		return was_run(world, ret_what);
	case ESCAPE_REACH:
		return was_reached(world, ret_what);
	default:
		return false;
	}
}
