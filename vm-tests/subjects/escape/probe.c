/* SPDX-License-Identifier: GPL-2.0-only */
/* probe.c - what a chain could do now: asked after each step. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_secret(int fd)
{
	char head[sizeof(SECRET_HEAD) - 1];

	return pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	       memcmp(head, SECRET_HEAD, sizeof(head)) == 0;
}

static void probe_at(struct chain *chain, int folder, const char *path)
{
	int fd = openat(folder, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (is_secret(fd))
		(void)snprintf(chain->progress->found, SAID_MAX, "%s (below descriptor %d)", path, folder);
	(void)close(fd);
}

static const char *const places[] = { "a", "b", "c", "f", "x", "y", "z", "a/x", "b/x" };
static const char *const below[] = { "key", "id", ".ssh/id", "secret/key", "tmp/e/secret/key" };

static void probe_handle(struct chain *chain, int fd)
{
	char path[64];

	if (is_secret(fd))
		(void)snprintf(chain->progress->found, SAID_MAX, "descriptor %d", fd);
	/* Far behind what the file holds, so that a program or a secret stays what it is. */
	(void)!pwrite(fd, "x", 1, 100000);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	probe_at(chain, AT_FDCWD, path);
	for (size_t i = 0; i < COUNT(below); i++)
		probe_at(chain, fd, below[i]);
}

static void probe_place(struct chain *chain, const char *place)
{
	int folder = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);

	probe_at(chain, AT_FDCWD, place);
	if (folder < 0)
		return;
	for (size_t i = 0; i < COUNT(below); i++)
		probe_at(chain, folder, below[i]);
	(void)close(folder);
}

void chain_probe(struct chain *chain)
{
	static const char *const from_root[] = { "/key", "/id", "/.ssh/id", "/secret/key",
						 ROOM "/secret/key" };

	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (chain->handles[i] >= 0)
			probe_handle(chain, chain->handles[i]);
	for (size_t i = 0; i < COUNT(from_root); i++)
		probe_at(chain, AT_FDCWD, from_root[i]);
	for (size_t i = 0; i < COUNT(below); i++)
		probe_at(chain, AT_FDCWD, below[i]);
	for (size_t i = 0; i < COUNT(places); i++)
		probe_place(chain, places[i]);
}
