/* SPDX-License-Identifier: GPL-2.0-only */
/* processes.h - the processes that decisions are about, as the kernel told them. */
#pragma once

#include <portcullis/abi.h>
#include <stdbool.h>
#include <stddef.h>

/* Up to PROCESSES_MAX, several times what the kernel holds for told: of those with the same place the oldest are forgotten. */
#define PROCESSES_MAX 8192U

/* What records say of a process: members of a map in JSON, UTF-8. */
struct known_process {
	__u64 id;
	bool has_cgroup; /* its path is there */
	size_t length;
	char text[];
};

struct processes;

struct processes *processes_new(void);
struct processes *processes_free(struct processes *processes);
/* −EBADMSG: its lengths are not those of `size` bytes. */
int processes_take(struct processes *processes, const struct pc_process *process, size_t size);
/* NULL: never told, or forgotten. It stands until the next one is taken. */
const struct known_process *processes_find(const struct processes *processes, __u64 id);
