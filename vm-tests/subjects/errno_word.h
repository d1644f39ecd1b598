/* SPDX-License-Identifier: GPL-2.0-only */
/* errno_word.h - how a subject tells what became of it: one word, OK or the error's name, and the exit code. */
#pragma once
#include <errno.h>
#include <stdio.h>
#include <string.h>

static inline int tell(int result)
{
	if (result >= 0) {
		puts("OK");
		return 0;
	}
	puts(strerrorname_np(errno));
	return 1;
}
