/* SPDX-License-Identifier: GPL-2.0-only */
/* code.c - steps that run code without starting a program: mapped, made executable, or written over what is code. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"

#define PAGE 4096

/* mov $0x5ec, %eax; ret */
static const unsigned char code[] = { 0xb8, 0xec, 0x05, 0x00, 0x00, 0xc3 };

/* ---- Ways to memory that holds the file's code and is executable, or MAP_FAILED. ---- */

static void *make_map(int fd)
{
	return mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
}

/* What may be read may then be run, though nobody asks for that. */
static void *make_implied(int fd)
{
	int before = personality(READ_IMPLIES_EXEC);
	void *map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	(void)personality((unsigned long)before);
	return map;
}

static void *make_executable(void *map)
{
	if (map == MAP_FAILED || mprotect(map, PAGE, PROT_READ | PROT_EXEC) == 0)
		return map;
	(void)munmap(map, PAGE);
	return MAP_FAILED;
}

static void *make_protected(int fd)
{
	return make_executable(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
}

static void *fill(void *map, int fd)
{
	if (map != MAP_FAILED)
		(void)!pread(fd, map, sizeof(code), 0);
	return map;
}

/* Read, not mapped: memory without a file, which the policy calls `jit:`. */
static void *make_jit(int fd)
{
	return make_executable(
		fill(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), fd));
}

/* The heap as it was in old days: no call asks for it to be executable. */
static void *make_heap(int fd)
{
	int before = personality(READ_IMPLIES_EXEC);
	void *end = sbrk(2 * PAGE);

	(void)personality((unsigned long)before);
	if (end == MAP_FAILED)
		return end;
	return fill((char *)end + PAGE - (uintptr_t)end % PAGE, fd);
}

static void *make_shm(int fd)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
	void *map = fill(shmat(id, NULL, 0), fd), *again = shmat(id, NULL, SHM_EXEC | SHM_RDONLY);

	if (map != MAP_FAILED)
		(void)shmdt(map);
	(void)shmctl(id, IPC_RMID, NULL);
	return again;
}

/* Over a copy of code that may run, by memory's own file: that writes to what is not writable. */
static void *make_poked(int fd)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	void *map = make_map(self);
	unsigned char bytes[sizeof(code)];

	if (map != MAP_FAILED && memory >= 0 && pread(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes))
		(void)!pwrite(memory, bytes, sizeof(bytes), (off_t)(uintptr_t)map);
	if (self >= 0)
		(void)close(self);
	if (memory >= 0)
		(void)close(memory);
	return map;
}

/* ---- The steps. ---- */

static bool is_code(int fd)
{
	unsigned char head[sizeof(code)];

	return pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	       memcmp(head, code, sizeof(code)) == 0;
}

/* Never what isn't that code, which might not return; in a child, since it may not be executable after all. */
static int call(const void *map)
{
	int (*function)(void), status = 1;
	pid_t child;

	errno = EACCES;
	if (memcmp(map, code, sizeof(code)) != 0)
		return -1;
	memcpy(&function, &map, sizeof(function));
	child = fork();
	if (child == 0) {
		if (function() == 0x5ec)
			(void)!write(1, RUN_WORD, sizeof(RUN_WORD) - 1);
		_exit(0);
	}
	(void)waitpid(child, &status, 0);
	errno = EACCES;
	return status ? -1 : 0;
}

static int run_code(struct chain *chain, void *(*make)(int fd))
{
	char path[PATH_ROOM] = ROOM "/bin/code";
	int fd, result = -1;
	void *map;

	if (chain_pick(chain, 3) == 0)
		chain_path(chain, path);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	map = is_code(fd) ? make(fd) : MAP_FAILED;
	if (map != MAP_FAILED) {
		result = call(map);
		(void)munmap(map, PAGE);
	}
	(void)close(fd);
	return result;
}

static int take_map(struct chain *chain)
{
	return run_code(chain, make_map);
}

static int take_implied(struct chain *chain)
{
	return run_code(chain, make_implied);
}

static int take_protect(struct chain *chain)
{
	return run_code(chain, make_protected);
}

static int take_jit(struct chain *chain)
{
	return run_code(chain, make_jit);
}

static int take_heap(struct chain *chain)
{
	return run_code(chain, make_heap);
}

static int take_shm(struct chain *chain)
{
	return run_code(chain, make_shm);
}

static int take_poke(struct chain *chain)
{
	return run_code(chain, make_poked);
}

const struct step code_steps[] = {
	{ "map", 1, take_map },         { "implied", 1, take_implied },
	{ "protect", 1, take_protect }, { "jit", 1, take_jit },
	{ "heap", 1, take_heap },       { "shm", 1, take_shm },
	{ "poke", 1, take_poke },       {},
};
