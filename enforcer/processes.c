/* SPDX-License-Identifier: GPL-2.0-only */
/* processes.c - a table of sets: the id is random, so any part of it is the set. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "object_name.h"
#include "ownership.h"
#include "processes.h"
#include "text/line.h"

#define WAYS 4
#define SETS (PROCESSES_MAX / WAYS)

struct processes {
	struct known_process *ways[SETS][WAYS]; /* the newest first */
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

static void add_exe(struct line *line, const struct pc_process *process)
{
	char name[OBJECT_NAME_MAX];

	if (process->exe_length == 0)
		return;
	line_key_clean(line, "exe", name,
		       object_name_of(process->exe_kind, process->text, process->exe_length, name));
	if (process->is_exe_cut)
		line_key_bool(line, "exe_cut", true);
}

static void add_ancestors(struct line *line, const struct pc_process *process)
{
	line_key(line, "ancestors");
	line_open(line, '[');
	for (size_t i = 0; i < process->ancestor_count; i++) {
		const struct pc_ancestor *ancestor = &process->ancestors[i];

		line_open(line, '{');
		line_key_number(line, "pid", ancestor->pid);
		line_key_clean(line, "comm", ancestor->comm, strnlen(ancestor->comm, sizeof(ancestor->comm)));
		line_close(line, '}');
	}
	line_close(line, ']');
}

static void add_cgroup(struct line *line, const struct pc_process *process)
{
	const char *cgroup = process->text + process->exe_length;

	if (process->cgroup_length > 0)
		line_key_clean(line, "cgroup", cgroup, process->cgroup_length);
	if (process->unit_length > 0)
		line_key_clean(line, "unit", cgroup + process->unit_at, process->unit_length);
}

/* Written once for all records to come; NULL: out of memory. */
static struct known_process *know(const struct pc_process *process)
{
	_cleanup_(line_done) struct line line = {};
	struct known_process *known;
	const char *text;
	size_t length;

	line_begin(&line);
	add_exe(&line, process);
	add_ancestors(&line, process);
	add_cgroup(&line, process);
	if (line_end(&line, &text, &length) < 0)
		return NULL;
	/* Without its brackets. */
	length -= 2;
	known = malloc(sizeof(*known) + length);
	if (!known)
		return NULL;
	*known = (struct known_process){ .id = process->id, .has_cgroup = process->cgroup_length > 0, .length = length };
	memcpy(known->text, text + 1, length);
	return known;
}

int processes_take(struct processes *processes, const struct pc_process *process, size_t size)
{
	struct known_process **ways, *known;

	if (size < PC_PROCESS_HEAD_SIZE || process->exe_length > PC_EXE_MAX || process->cgroup_length > PC_CGROUP_MAX ||
	    size != PC_PROCESS_HEAD_SIZE + process->exe_length + process->cgroup_length ||
	    process->unit_at + process->unit_length > process->cgroup_length ||
	    process->ancestor_count > PC_ANCESTORS_MAX)
		return -EBADMSG;
	known = know(process);
	if (!known)
		return -ENOMEM;
	ways = processes->ways[process->id % SETS];
	free(ways[WAYS - 1]);
	memmove(&ways[1], &ways[0], (WAYS - 1) * sizeof(*ways));
	ways[0] = known;
	return 0;
}

const struct known_process *processes_find(const struct processes *processes, __u64 id)
{
	struct known_process *const *ways = processes->ways[id % SETS];

	for (size_t way = 0; way < WAYS; way++)
		if (ways[way] && ways[way]->id == id)
			return ways[way];
	return NULL;
}
