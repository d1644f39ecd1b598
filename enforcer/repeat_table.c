/* SPDX-License-Identifier: GPL-2.0-only */
/* repeat_table.c - takes what the programs counted instead of recording it. */
#include "repeat_table.h"

#include <errno.h>
#include <stdbool.h>

long repeats_take(struct pc_repeat *repeats, unsigned int place, __u32 version)
{
	struct pc_repeat *repeat = &repeats[place & (PC_REPEATS - 1)];
	__u64 word = __atomic_load_n(&repeat->word, __ATOMIC_ACQUIRE), next;

	do {
		if (PC_REPEAT_VERSION(word) != version)
			return -ESTALE;
		/* With a claim, nobody counts there from here on. */
		next = PC_REPEAT_WORD(PC_REPEAT_COUNT(word) ? version : version + 1, 0);
	} while (!__atomic_compare_exchange_n(&repeat->word, &word, next, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	if (PC_REPEAT_COUNT(word))
		return PC_REPEAT_COUNT(word);
	repeat->key = 0;
	repeat->object = 0;
	__atomic_store_n(&repeat->word, PC_REPEAT_WORD(version + 2, 0), __ATOMIC_RELEASE);
	return 0;
}
