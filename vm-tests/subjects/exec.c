/* SPDX-License-Identifier: GPL-2.0-only */
/* exec.c - execs PATH with the given argv, or prints the error's name. With -m a copy of PATH in a memfd is what runs, with -f
 * it is named by a descriptor, with -3 by the 32-bit way into the kernel, with -0 without any argument.
 *
 * usage: subject-exec [-m|-f|-3|-0] PATH [ARGV0 ARG…] */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "errno_word.h"

#define LOW_SIZE (1U << 20)

static int copy_to_memfd(const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("subject", MFD_CLOEXEC);

	if (from < 0 || to < 0)
		return -1;
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	return to;
}

static int exec_descriptor(int fd, char **args)
{
	return (int)syscall(322 /* execveat */, fd, "", args, environ, 0x1000 /* AT_EMPTY_PATH */);
}

/* The strings and the array are where 32 bits reach. */
static int exec_32(const char *path, char **args)
{
	char *low = mmap(NULL, LOW_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *array = (uint32_t *)low;
	char *text = low + LOW_SIZE / 2;
	long result = 11; /* execve */

	if (low == MAP_FAILED)
		return -1;
	for (size_t i = 0; args[i]; i++) {
		array[i] = (uint32_t)(uintptr_t)text;
		text = stpcpy(text, args[i]) + 1;
	}
	(void)strcpy(text, path);
	__asm__ volatile("int $0x80" : "+a"(result) : "b"(text), "c"(array), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	errno = (int)-result;
	return -1;
}

int main(int argc, char **argv)
{
	char how = argc > 1 && argv[1][0] == '-' ? argv[1][1] : '\0';
	int at = how ? 2 : 1;
	char *alone[] = { argv[at], NULL }, *none[] = { NULL };
	char **args = argc > at + 1 ? argv + at + 1 : alone;

	if (argc <= at)
		return 2;
	switch (how) {
	case 'm':
		return tell(exec_descriptor(copy_to_memfd(argv[at]), args));
	case 'f':
		return tell(exec_descriptor(open(argv[at], O_PATH | O_CLOEXEC), args));
	case '3':
		return tell(exec_32(argv[at], args));
	case '0':
		return tell(execve(argv[at], none, environ));
	default:
		return tell(execve(argv[at], args, environ));
	}
}
