/* SPDX-License-Identifier: GPL-2.0-only */
/* code.c - makes memory executable in one of the ways there are, or asks whether a file might be executed (check), and
 * prints OK or the error's name. `chmod` does that to a file in memory.
 *
 * usage: subject-code WAY [PATH] */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errno_word.h"

#define SIZE 4096
#define RX (PROT_READ | PROT_EXEC)
#define RW (PROT_READ | PROT_WRITE)

static long map(int fd, int prot, int flags, void **ret_memory)
{
	*ret_memory = mmap(NULL, SIZE, prot, flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	return *ret_memory == MAP_FAILED ? -1 : 0;
}

static int open_file(const char *path, int flags)
{
	return need(open(path, flags | O_CLOEXEC), "open");
}

static long do_map(const char *path)
{
	void *memory;

	return map(open_file(path, O_RDONLY), RX, MAP_PRIVATE, &memory);
}

static long do_protect(const char *path)
{
	void *memory;

	need(map(open_file(path, O_RDONLY), PROT_READ, MAP_PRIVATE, &memory), "map");
	return mprotect(memory, SIZE, RX);
}

/* What is written stays in this process. */
static long do_written(const char *path)
{
	void *memory;

	need(map(open_file(path, O_RDONLY), RW, MAP_PRIVATE, &memory), "map");
	*(volatile char *)memory = 0;
	return mprotect(memory, SIZE, RX);
}

static long do_writable(const char *path)
{
	void *memory;

	return map(open_file(path, O_RDONLY), RW | PROT_EXEC, MAP_PRIVATE, &memory);
}

static long do_anonymous(const char *path)
{
	void *memory;

	(void)path;
	return map(-1, RX, MAP_PRIVATE, &memory);
}

static long do_anonymous_protect(const char *path)
{
	void *memory;

	(void)path;
	need(map(-1, RW, MAP_PRIVATE, &memory), "map");
	return mprotect(memory, SIZE, RX);
}

static long do_shared_protect(const char *path)
{
	void *memory;

	(void)path;
	need(map(-1, RW, MAP_SHARED, &memory), "map");
	return mprotect(memory, SIZE, RX);
}

static long do_memfd(const char *path)
{
	int fd = need(memfd_create("code", MFD_CLOEXEC), "memfd");
	void *memory;

	(void)path;
	need(ftruncate(fd, SIZE), "truncate");
	return map(fd, RX, MAP_PRIVATE, &memory);
}

/* As old programs have it: what may be read may be executed. */
static long do_heap(const char *path)
{
	long r;

	(void)path;
	need(personality(READ_IMPLIES_EXEC), "personality");
	r = (long)sbrk(SIZE);
	need(personality(0), "personality");
	/* The kernel gives no reason. */
	errno = EPERM;
	return r == -1 ? -1 : 0;
}

/* The old call that maps a part of a shared file once more, with the protection it has, and what comes with that. */
static long do_remap(const char *path)
{
	int fd = need(memfd_create("code", MFD_CLOEXEC), "memfd");
	void *memory;
	long r;

	(void)path;
	memory = mmap(NULL, 2 * SIZE, RW, MAP_SHARED, fd, 0);
	need(memory == MAP_FAILED ? -1 : 0, "map");
	need(personality(READ_IMPLIES_EXEC), "personality");
	r = syscall(SYS_remap_file_pages, memory, SIZE, 0, 1, 0);
	need(personality(0), "personality");
	return r;
}

static long do_chmod(const char *path)
{
	(void)path;
	return fchmod(need(memfd_create("code", MFD_CLOEXEC), "memfd"), 0600);
}

static long do_shm(const char *path)
{
	int id = need(shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0700), "shmget");
	long r = (long)shmat(id, NULL, SHM_EXEC);

	(void)path;
	(void)shmctl(id, IPC_RMID, NULL);
	return r == -1 ? -1 : 0;
}

#define EXECVE_CHECK 0x10000

static long do_check(const char *path)
{
	char *const words[] = { (char *)path, NULL };

	return syscall(SYS_execveat, AT_FDCWD, path, words, words + 1, EXECVE_CHECK);
}

static const struct {
	const char *name;
	long (*act)(const char *path);
} ways[] = {
	{ "map", do_map },
	{ "protect", do_protect },
	{ "written", do_written },
	{ "writable", do_writable },
	{ "anonymous", do_anonymous },
	{ "anonymous-protect", do_anonymous_protect },
	{ "shared-protect", do_shared_protect },
	{ "memfd", do_memfd },
	{ "heap", do_heap },
	{ "remap", do_remap },
	{ "shm", do_shm },
	{ "chmod", do_chmod },
	{ "check", do_check },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			return tell(ways[i].act(argv[2]));
	return 2;
}
