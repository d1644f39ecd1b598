/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup.h - the path of a task's cgroup, a name a turn, from its end. No name of a cgroup ever changes. */
#pragma once

#include "maps.h"

#include <portcullis/choose.h>

/* What is known of the path. */
enum cgroup_place {
	CGROUP_UNKNOWN, /* not yet looked at */
	CGROUP_KNOWN,
	CGROUP_LOST, /* it can't be told */
};

INLINE __u64 kernfs_parent(__u64 node)
{
	if (bpf_core_field_exists(((struct kernfs_node *)0)->parent))
		return (__u64)BPF_CORE_READ((struct kernfs_node *)node, parent);
	return (__u64)BPF_CORE_READ((struct kernfs_node___rcu *)node, __parent);
}

/* Of the cgroup whose kernfs_node lies at `node`. */
INLINE void cgroup_begin(struct cgroup_path *cgroup, __u64 node)
{
	cgroup->node = node;
	cgroup->place = CGROUP_UNKNOWN;
	cgroup->begin = PC_CGROUP_MAX;
	cgroup->unit = PC_CGROUP_MAX;
	cgroup->unit_end = PC_CGROUP_MAX;
}

INLINE long cgroup_end(struct cgroup_path *cgroup, enum cgroup_place place)
{
	cgroup->place = place;
	return 1;
}

/* Puts the node's name before those below it; 1 at the end. The last that is no slice's is the unit's. */
INLINE long cgroup_climb(struct cgroup_path *cgroup)
{
	__u64 node = cgroup->node, parent;
	long length;
	__u32 at;

	if (!node)
		return cgroup_end(cgroup, CGROUP_LOST);
	parent = kernfs_parent(node);
	if (!parent) {
		if (cgroup->begin == PC_CGROUP_MAX)
			cgroup->text[--cgroup->begin & (PC_CGROUP_MAX - 1)] = '/';
		return cgroup_end(cgroup, CGROUP_KNOWN);
	}
	length = bpf_probe_read_kernel_str(cgroup->name, sizeof(cgroup->name),
					   BPF_CORE_READ((struct kernfs_node *)node, name));
	/* With its NUL. */
	if (length <= 1 || length > (long)sizeof(cgroup->name) || cgroup->begin < length)
		return cgroup_end(cgroup, CGROUP_LOST);
	length--;
	at = cgroup->begin - length;
	bpf_probe_read_kernel(cgroup->text + (at & (PC_CGROUP_MAX - 1)), length & PC_COMPONENT_MAX, cgroup->name);
	at--;
	cgroup->text[at & (PC_CGROUP_MAX - 1)] = '/';
	if (length < 6 || !pc_is_slice(cgroup->name + (length & PC_COMPONENT_MAX))) {
		cgroup->unit = at;
		cgroup->unit_end = cgroup->begin;
	}
	cgroup->begin = at;
	cgroup->node = parent;
	return 0;
}
