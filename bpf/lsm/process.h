/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.h - whom a decision is about: its program, its ancestors, its cgroup. Told once in each ring, before the first
 * decision about it, so that a decision's own record stays small.
 *
 * The program's name is that of its last exec: bprm_check_security keeps it by the dentry, which lives as long as a
 * process runs it.
 */
#pragma once

#include "cache.h"
#include "cgroup.h"
#include "ring.h"

/* Ids of processes that have been told: whose place another takes is told again. */
#define TOLD_BITS 11
#define TOLD_SLOTS (1U << TOLD_BITS)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RINGS * TOLD_SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} told SEC(".maps");

/* By the dentry of what was run. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct program);
} programs SEC(".maps");

/* ---- What programs are called. ---- */

/* As it is called now; and by the cache, too, which forgets what was remembered of another file by the same address. */
INLINE int program_is_known(struct dentry *dentry, const struct cache_view *view)
{
	__u64 key = (__u64)dentry;
	const struct program *program = bpf_map_lookup_elem(&programs, &key);

	return forget(program && view->is_still && program->world == view->world && program->sequence == view->sequence &&
		      cache_file_state(dentry, CACHE_PROGRAM, view->world));
}

/* Its name is in the scratch. If it has one, told at a moment at which nothing moved, it is remembered that it is kept. */
APART void program_keep(struct scratch *scratch, const struct cache_key *key, const struct cache_view *view)
{
	struct program *program;
	__u64 length;

	if (!scratch)
		return;
	program = &scratch->program;
	length = scratch->kind == PC_KIND_PATH || scratch->kind == PC_KIND_FOREIGN ? scratch->length : 0;
	program->world = view->world;
	program->sequence = view->sequence;
	program->kind = scratch->kind;
	program->is_cut = length > PC_EXE_MAX;
	if (length > PC_EXE_MAX)
		length = PC_EXE_MAX;
	barrier_var(length);
	if (length > PC_EXE_MAX)
		return;
	program->length = length;
	bpf_probe_read_kernel(program->name, length, scratch->text);
	if (bpf_map_update_elem(&programs, &key->dentry, program, BPF_ANY) == 0 && view->is_still && length)
		cache_fill(key, view, 1);
}

/* ---- Ids. ---- */

/* Of what makes a process another one; the seed keeps others from making their own alike (Fibonacci hashing, as cache_key()). */
INLINE __u64 process_id(const struct task_struct *task, __u64 cgroup)
{
	__u64 id = task->group_leader->start_boottime ^ processes_seed;

	id = (id + (__u32)task->tgid) * 0x9e3779b97f4a7c15ULL;
	id ^= id >> 32;
	id = (id + task->self_exec_id) * 0x9e3779b97f4a7c15ULL;
	id ^= id >> 32;
	id = (id + cgroup) * 0x9e3779b97f4a7c15ULL;
	return id ^ id >> 29;
}

/* ---- The record. ---- */

/* Nothing is above init, and nobody above that: what would lie at no address is read as 0. */
INLINE void process_ancestors(struct pc_process *process, struct task_struct *task)
{
	process->ancestor_count = 0;
#pragma unroll
	for (__u32 i = 0; i < PC_ANCESTORS_MAX; i++) {
		struct pc_ancestor *ancestor = &process->ancestors[i];

		task = task->real_parent;
		ancestor->pid = task->tgid;
		process->ancestor_count += task->tgid != 0;
		bpf_probe_read_kernel(ancestor->comm, sizeof(ancestor->comm),
				      (const char *)task + bpf_core_field_offset(struct task_struct, comm));
	}
}

INLINE __u32 process_exe(struct pc_process *process, const struct task_struct *task)
{
	__u64 key = (__u64)task->mm->exe_file->f_path.dentry;
	const struct program *program = bpf_map_lookup_elem(&programs, &key);
	__u64 length;

	process->exe_kind = PC_KIND_UNRESOLVED;
	process->is_exe_cut = 0;
	if (!program)
		return 0;
	process->exe_kind = program->kind;
	process->is_exe_cut = program->is_cut;
	length = program->length;
	barrier_var(length);
	if (length > PC_EXE_MAX)
		return 0;
	bpf_probe_read_kernel(process->text, length, program->name);
	return length;
}

static long process_climb(__u32 index, struct loop *loop)
{
	return cgroup_climb(&loop->scratch->cgroup);
}

INLINE __u32 process_cgroup(struct scratch *scratch, const struct task_struct *task, __u64 at)
{
	struct loop loop = { .scratch = scratch };
	struct cgroup_path *cgroup = &scratch->cgroup;
	__u64 begin, length;

	scratch->process.unit_at = 0;
	scratch->process.unit_length = 0;
	cgroup_begin(cgroup, (__u64)task->cgroups->dfl_cgrp->kn);
	bpf_loop(PC_DEPTH_MAX, process_climb, &loop, 0);
	begin = cgroup->begin;
	barrier_var(begin);
	if (cgroup->place != CGROUP_KNOWN || begin >= PC_CGROUP_MAX || at > PC_EXE_MAX)
		return 0;
	length = PC_CGROUP_MAX - begin;
	/* Without the slash before it. */
	if (cgroup->unit_end > cgroup->unit) {
		scratch->process.unit_at = cgroup->unit + 1 - begin;
		scratch->process.unit_length = cgroup->unit_end - cgroup->unit - 1;
	}
	bpf_probe_read_kernel(scratch->process.text + at, length, cgroup->text + begin);
	return length;
}

/* 0, or negative where the ring had no room. */
INLINE long process_tell(struct scratch *scratch, __u64 id, __u32 ring)
{
	struct task_struct *task = AS_ADDRESS(task_struct, bpf_get_current_task_btf());
	struct pc_process *process;
	__u64 size;

	if (!scratch)
		return -1;
	process = &scratch->process;
	process->type = PC_RECORD_PROCESS;
	process->pid = task->tgid;
	process->id = id;
	process->start = task->group_leader->start_boottime;
	process_ancestors(process, task);
	process->exe_length = process_exe(process, task);
	process->cgroup_length = process_cgroup(scratch, task, process->exe_length);
	size = PC_PROCESS_HEAD_SIZE + process->exe_length + process->cgroup_length;
	barrier_var(size);
	if (size > sizeof(*process))
		return -1;
	return ring_write(ring, process, size);
}

/* Sees to it that the ring's reader knows the process before what comes next; negative where it can't be told. */
APART long process_introduce(struct scratch *scratch, __u64 id, __u32 ring)
{
	__u32 index = id >> (64 - TOLD_BITS) | ring << TOLD_BITS;
	__u64 *slot = bpf_map_lookup_elem(&told, &index);
	long r;

	if (!slot)
		return -1;
	if (*(volatile __u64 *)slot == id)
		return 0;
	r = process_tell(scratch, id, ring);
	if (r == 0)
		*(volatile __u64 *)slot = id;
	return r;
}
