/* SPDX-License-Identifier: GPL-2.0-only */
/* storm.c - opens held files again and again while their names, or those of folders above, change without a pause.
 *
 * usage: subject-storm SHAPE OPENS DIR      (DIR is made, and must not be there before)
 *        subject-storm SHAPE                prints the names that a file of this shape ever has, below DIR
 * Prints: OPENS PASSED REFUSED OTHER RENAMES; refused is EPERM. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errno_word.h"

#define OPENERS 3
#define STEPS_MAX 4

/* In a path, A and B stand for long names of different length. */
static const struct shape {
	const char *name;
	const char *directories[3];
	const char *files[2];
	const char *names[3]; /* all that the files ever have */
	const char *steps[STEPS_MAX][2];
	unsigned int flags; /* of renameat2() */
} shapes[] = {
	{ "exchange", { NULL }, { "A", "B" }, { "A", "B" }, { { "A", "B" } }, RENAME_EXCHANGE },
	{ "plain", { "x", "y" }, { "x/A" }, { "x/A", "y/B" }, { { "x/A", "y/B" }, { "y/B", "x/A" } }, 0 },
	{ "ancestor", { "A" }, { "A/leaf" }, { "A/leaf", "B/leaf" }, { { "A", "B" }, { "B", "A" } }, 0 },
	/* A/B never is. */
	{ "ancestors",
	  { "A", "A/A" },
	  { "A/A/leaf" },
	  { "A/A/leaf", "B/A/leaf", "B/B/leaf" },
	  { { "A", "B" }, { "B/A", "B/B" }, { "B/B", "B/A" }, { "B", "A" } },
	  0 },
};

static atomic_long left, passed, refused, other, renames;
static atomic_int is_done;
static int held[2] = { -1, -1 };
static int directory;

static char *long_name(const char *path)
{
	char *name = calloc(1, 1024), *end = name;

	need(name ? 0 : -1, "memory");
	for (; *path; path++) {
		int count = *path == 'A' ? 200 : *path == 'B' ? 230 : 1;

		for (int i = 0; i < count; i++)
			*end++ = *path == 'A' ? 'a' : *path == 'B' ? 'b' : *path;
	}
	return name;
}

static void *rename_for_ever(void *argument)
{
	const struct shape *shape = argument;
	char *steps[STEPS_MAX][2] = {};
	int count = 0;

	for (; count < STEPS_MAX && shape->steps[count][0]; count++)
		for (int k = 0; k < 2; k++)
			steps[count][k] = long_name(shape->steps[count][k]);
	while (!atomic_load(&is_done))
		for (int i = 0; i < count; i++, atomic_fetch_add(&renames, 1))
			need(renameat2(directory, steps[i][0], directory, steps[i][1], shape->flags),
			     "rename");
	return NULL;
}

static void *open_until_done(void *argument)
{
	char links[2][64];
	int files = held[1] < 0 ? 1 : 2;

	(void)argument;
	for (int i = 0; i < files; i++)
		(void)snprintf(links[i], sizeof(links[i]), "/proc/self/fd/%d", held[i]);
	for (int i = 0; atomic_fetch_sub(&left, 1) > 0; i++) {
		int fd = open(links[i % files], O_RDONLY | O_CLOEXEC);

		atomic_fetch_add(fd >= 0 ? &passed : errno == EPERM ? &refused : &other, 1);
		if (fd >= 0)
			(void)close(fd);
	}
	return NULL;
}

static void make(const struct shape *shape, const char *path)
{
	need(mkdir(path, 0755), "mkdir");
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	need(directory, "directory");
	for (int i = 0; i < 3 && shape->directories[i]; i++)
		need(mkdirat(directory, long_name(shape->directories[i]), 0755), "mkdir");
	for (int i = 0; i < 2 && shape->files[i]; i++) {
		need(mknodat(directory, long_name(shape->files[i]), S_IFREG | 0644, 0), "file");
		held[i] = openat(directory, long_name(shape->files[i]), O_PATH | O_CLOEXEC);
		need(held[i], "hold");
	}
}

static void run(const struct shape *shape, long opens)
{
	pthread_t renamer, openers[OPENERS];

	atomic_store(&left, opens);
	need(-pthread_create(&renamer, NULL, rename_for_ever, (void *)shape), "thread");
	for (int i = 0; i < OPENERS; i++)
		need(-pthread_create(&openers[i], NULL, open_until_done, NULL), "thread");
	for (int i = 0; i < OPENERS; i++)
		(void)pthread_join(openers[i], NULL);
	atomic_store(&is_done, 1);
	(void)pthread_join(renamer, NULL);
	printf("%ld %ld %ld %ld %ld\n", opens, atomic_load(&passed), atomic_load(&refused),
	       atomic_load(&other), atomic_load(&renames));
}

int main(int argc, char **argv)
{
	const struct shape *shape = NULL;

	for (size_t i = 0; argc > 1 && i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].name, argv[1]) == 0)
			shape = &shapes[i];
	if (!shape || (argc != 2 && argc != 4))
		return 2;
	for (int i = 0; argc == 2 && i < 3 && shape->names[i]; i++)
		puts(long_name(shape->names[i]));
	if (argc == 2)
		return 0;
	make(shape, argv[3]);
	run(shape, atol(argv[2]));
	return 0;
}
