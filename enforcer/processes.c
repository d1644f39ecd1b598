/* SPDX-License-Identifier: GPL-2.0-only */
/* processes.c - a table of sets: the id is random, so any part of it is the set. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "processes.h"

#define WAYS 4
#define SETS (PROCESSES_MAX / WAYS)

struct processes {
	struct pc_process *ways[SETS][WAYS]; /* the newest first */
};

struct processes *processes_new(void)
{
	return calloc(1, sizeof(struct processes));
}

struct processes *processes_free(struct processes *processes)
{
	if (!processes)
		return NULL;
	for (size_t set = 0; set < SETS; set++)
		for (size_t way = 0; way < WAYS; way++)
			free(processes->ways[set][way]);
	free(processes);
	return NULL;
}

int processes_take(struct processes *processes, const struct pc_process *process, size_t size)
{
	struct pc_process **ways, *copy;

	if (size < PC_PROCESS_HEAD_SIZE || process->exe_length > PC_EXE_MAX || process->cgroup_length > PC_CGROUP_MAX ||
	    size != PC_PROCESS_HEAD_SIZE + process->exe_length + process->cgroup_length ||
	    process->unit_at + process->unit_length > process->cgroup_length ||
	    process->ancestor_count > PC_ANCESTORS_MAX)
		return -EBADMSG;
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, process, size);
	ways = processes->ways[process->id % SETS];
	free(ways[WAYS - 1]);
	memmove(&ways[1], &ways[0], (WAYS - 1) * sizeof(*ways));
	ways[0] = copy;
	return 0;
}

const struct pc_process *processes_find(const struct processes *processes, __u64 id)
{
	struct pc_process *const *ways = processes->ways[id % SETS];

	for (size_t way = 0; way < WAYS; way++)
		if (ways[way] && ways[way]->id == id)
			return ways[way];
	return NULL;
}
