/* SPDX-License-Identifier: GPL-2.0-only */
/* climb.h - the way from one of the host's mounts up to `/`, a step at a time. */
#pragma once

#include "scratch.h"

/* 6.2 and later. */
extern void *bpf_rdonly_cast(const void *address, __u32 btf_id) __ksym __weak;

/* A member of the kernel's structure at a plain address, 0 if it can't be read: in place where that can be, else by a helper. */
#define READ_AT(type, address, member)                                                                               \
	({                                                                                                           \
		__u64 address_ = (__u64)(address);                                                                   \
		bpf_rdonly_cast ?                                                                                    \
			((struct type *)bpf_rdonly_cast((void *)address_, bpf_core_type_id_kernel(struct type)))->member : \
			BPF_CORE_READ((struct type *)address_, member);                                              \
	})

/*
 * The same pointer as a bare address. What a trusted pointer leads to, some kernels (6.12) look up by name among all
 * their types, for each load in each state: a daemon would take half a minute to start.
 */
#define AS_ADDRESS(type, pointer)                                                                                 \
	((struct type *)(bpf_rdonly_cast ? bpf_rdonly_cast((void *)(pointer), bpf_core_type_id_kernel(struct type)) : \
					   (void *)(pointer)))

INLINE void climb_enter(struct climb *climb, __u64 mount, __u64 dentry)
{
	climb->mount = mount;
	climb->dentry = dentry;
	climb->root = (__u64)READ_AT(mount, mount, mnt.mnt_root);
}

INLINE long climb_leave_mount(struct scratch *scratch)
{
	struct climb *climb = &scratch->climb;
	struct hop hop = { .mount = climb->mount };

	hop.parent = (__u64)READ_AT(mount, climb->mount, mnt_parent);
	hop.mountpoint = (__u64)READ_AT(mount, climb->mount, mnt_mountpoint);
	if (!climb->is_counting) {
		if (scratch->hop_count >= HOPS_MAX)
			return 1;
		scratch->hops[scratch->hop_count & (HOPS_MAX - 1)] = hop;
		scratch->hop_count++;
	}
	if (hop.parent == climb->mount) {
		climb->has_arrived = 1;
		return 1;
	}
	climb_enter(climb, hop.parent, hop.mountpoint);
	return 0;
}

/* Reads what a link holds from a dentry at a plain address; returns its flags. */
INLINE __u32 link_read(struct link *link, __u64 address)
{
	link->sequence = READ_AT(dentry, address, d_seq.seqcount.sequence);
	link->dentry = address;
	link->parent = (__u64)READ_AT(dentry, address, d_parent);
	link->name = (__u64)READ_AT(dentry, address, d_name.name);
	link->length = READ_AT(dentry, address, d_name.len);
	return READ_AT(dentry, address, d_flags);
}

INLINE void climb_begin(struct climb *climb, __u64 mount, __u32 depth, __u32 is_counting)
{
	climb->depth = depth;
	climb->flags = 0;
	climb->has_arrived = 0;
	climb->is_counting = is_counting;
	climb_enter(climb, mount, 0);
	climb->dentry = climb->root;
}

/* One step; 1 when it is the last: has_arrived tells whether that was at `/`. */
INLINE long climb_step(struct scratch *scratch)
{
	struct climb *climb = &scratch->climb;
	struct link link = {};

	if (climb->dentry == climb->root)
		return climb_leave_mount(scratch);
	climb->flags |= link_read(&link, climb->dentry);
	if (link.parent == climb->dentry || climb->depth >= PC_DEPTH_MAX)
		return 1;
	if (!climb->is_counting)
		scratch->links[climb->depth & (PC_DEPTH_MAX - 1)] = link;
	climb->depth++;
	climb->dentry = link.parent;
	return 0;
}
