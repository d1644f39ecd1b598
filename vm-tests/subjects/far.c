/* SPDX-License-Identifier: GPL-2.0-only */
/* far.c - a file deeper than any path name can say: LEVELS folders, each with a name of LENGTH times 'd', then LEAF.
 *
 * usage: subject-far make|open DIR LEVELS LENGTH LEAF
 * make opens nothing; open prints OK or the error's name. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errno_word.h"

static int next_level(int parent, const char *name, int is_making)
{
	int fd;

	if (parent >= 0 && is_making && mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return -1;
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)close(parent);
	return fd;
}

int main(int argc, char **argv)
{
	int is_making = argc == 6 && strcmp(argv[1], "make") == 0, fd, length;
	char name[256] = {};

	if (argc != 6)
		return 2;
	length = atoi(argv[4]);
	memset(name, 'd', length > 0 && length < 256 ? (size_t)length : 1);
	fd = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = atoi(argv[3]); fd >= 0 && i > 0; i--)
		fd = next_level(fd, name, is_making);
	if (fd < 0)
		return tell(-1) + 2;
	if (is_making)
		return tell(mknodat(fd, argv[5], S_IFREG | 0644, 0));
	return tell(openat(fd, argv[5], O_RDONLY | O_CLOEXEC));
}
