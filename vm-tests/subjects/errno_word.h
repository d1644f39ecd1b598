/* SPDX-License-Identifier: GPL-2.0-only */
/* errno_word.h - what every subject shares: its name as a task, and how it tells what became of it in one word. */
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* Records bear the task's name: by it a test tells those of this run from all others. */
__attribute__((constructor)) static void take_name(void)
{
	const char *name = getenv("TRY");

	if (name)
		(void)prctl(PR_SET_NAME, name);
}

/* OK or the error's name, and the exit code. */
static inline int tell(long result)
{
	if (result >= 0) {
		puts("OK");
		return 0;
	}
	puts(strerrorname_np(errno));
	return 1;
}

/* For what comes before the tested call: its failure must not pass for an answer. */
static inline int need(long result, const char *what)
{
	if (result < 0) {
		printf("SETUP-%s-%s\n", what, strerrorname_np(errno));
		exit(3);
	}
	return (int)result;
}
