/* SPDX-License-Identifier: GPL-2.0-only */
/* random_glob.h - random globs and names over a small alphabet, for property tests. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/types.h>

/* xorshift64*: the same numbers from the same seed everywhere. */
static __u64 random_state = 1;

static inline void random_start(__u64 seed)
{
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
}

static inline unsigned int random_below(unsigned int limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 2685821657736338717ULL >> 33) % limit;
}

/* Another one for each run; printed, so that a failure can be had again. */
static inline __u64 random_seed(void)
{
	const char *given = getenv("PORTCULLIS_TEST_SEED");
	__u64 seed = given ? strtoull(given, NULL, 0) : (__u64)time(NULL);

	printf("PORTCULLIS_TEST_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

static inline void random_name(char *glob)
{
	static const char *const atoms[] = { "a", "a",    "b",    ".",    "*",    "*",    "?",
					     "?", "[ab]", "[.a]", "[!a]", "[!.]", "[a.b]" };
	unsigned int count = 1 + random_below(4);

	if (random_below(4) == 0) {
		strcat(glob, "**");
		return;
	}
	if (random_below(6) == 0) {
		strcat(glob, "*");
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		const char *atom = atoms[random_below(sizeof(atoms) / sizeof(atoms[0]))];
		size_t length = strlen(glob);

		if (*atom == '*' && length > 0 && glob[length - 1] == '*')
			continue;
		strcat(glob, atom);
	}
}

/* An absolute glob; it may be wrong ("." is a name here). */
static inline void random_glob(char *glob)
{
	unsigned int count = 1 + random_below(4);

	*glob = '\0';
	for (unsigned int i = 0; i < count; i++) {
		strcat(glob, "/");
		random_name(glob);
	}
	if (random_below(8) == 0)
		strcat(glob, "/");
}

/* A canonical name: no empty name, no "." or "..". */
static inline void random_path(char *path)
{
	unsigned int count = random_below(5);

	strcpy(path, count ? "" : "/");
	for (unsigned int i = 0; i < count; i++) {
		unsigned int length = 1 + random_below(3);
		char name[4] = "";

		for (unsigned int k = 0; k < length; k++)
			name[k] = "aabb.c"[random_below(6)];
		if (!strcmp(name, ".") || !strcmp(name, ".."))
			strcpy(name, "a");
		strcat(path, "/");
		strcat(path, name);
	}
}
