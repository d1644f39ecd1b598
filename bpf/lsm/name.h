/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * name.h - the canonical name of an object: where the host mounts its file system, plus the path inside.
 *
 * Up from the dentry by d_parent, collecting (dentry, parent, d_seq); through the host's mount on to `/`; then the
 * names are copied, top down, and every d_seq is looked at again. A collect that is the same twice is exact, and a
 * stranger's rename of something else can't disturb it (a double collect; Afek et al., "Atomic snapshots of shared
 * memory", JACM 40(4), 1993). Neither the caller's root nor its mounts are ever asked.
 *
 * All of it is one loop in phases, and what it knows lies in the scratch buffer: loops in loops, and what the verifier
 * can follow value by value, it looks through again and again.
 */
#pragma once

#include "cache.h"

#define DCACHE_OP_COMPARE 2U
#define NAME_TRIES 4
/* Turns of the loop for the longest name by the last of PC_MOUNTS_PER_FS mounts, tried NAME_TRIES times, and room. */
#define NAME_STEPS (1 << 16)

enum name_phase {
	NAME_COLLECT, /* up inside the object's own file system */
	NAME_NAMING,  /* how the host names that file system */
	NAME_MOUNT,   /* the next of its mounts */
	NAME_SEARCH,  /* that mount's root among the links */
	NAME_CLIMB,   /* up from the mount to `/` */
	NAME_TEXT,
	NAME_CHECK_LINKS,
	NAME_CHECK_HOPS,
};

/* ---- The way up, by trusted pointers: the first collect of most names. ---- */

/* Names that one turn of the loop goes up: few enough for the verifier, enough for most names in a single turn. */
#define COLLECT_CHUNK 8

struct collect {
	struct scratch *scratch;
	struct dentry *dentry;
};

static long links_collect_step(__u32 index, struct collect *collect)
{
	struct scratch *scratch = collect->scratch;
	struct dentry *dentry = collect->dentry;
	__u32 seen = 0;

	for (__u32 i = 0; i < COLLECT_CHUNK; i++) {
		__u32 at = (index * COLLECT_CHUNK + i) & (PC_DEPTH_MAX - 1);
		struct link *link = &scratch->links[at];
		struct dentry *parent = dentry->d_parent;

		seen |= dentry->d_flags;
		link->sequence = dentry->d_seq.seqcount.sequence;
		link->dentry = (__u64)dentry;
		link->parent = (__u64)parent;
		link->name = (__u64)dentry->d_name.name;
		link->length = dentry->d_name.len;
		if (link->parent == link->dentry) {
			scratch->top = link->dentry;
			scratch->depth = at;
			scratch->flags |= seen;
			scratch->has_arrived = 1;
			return 1;
		}
		dentry = parent;
	}
	scratch->flags |= seen;
	collect->dentry = dentry;
	return 0;
}

/* Collects the links inside the object's own file system; the flags of all dentries are ORed. */
INLINE int links_collect(struct scratch *scratch, struct dentry *dentry)
{
	struct collect collect = { .scratch = scratch, .dentry = AS_ADDRESS(dentry, dentry) };

	scratch->flags = 0;
	scratch->has_arrived = 0;
	bpf_loop(PC_DEPTH_MAX / COLLECT_CHUNK, links_collect_step, &collect, 0);
	return scratch->has_arrived ? 0 : -1;
}

/* ---- How it goes on, and how it ends: 0 or 1, as a loop's callback returns. ---- */

INLINE long name_go(struct scratch *scratch, enum name_phase phase)
{
	scratch->work.phase = phase;
	scratch->work.index = 0;
	return 0;
}

INLINE long name_end(struct scratch *scratch, __u32 kind)
{
	scratch->kind = kind;
	return 1;
}

INLINE long name_trouble(struct scratch *scratch, __u32 trouble)
{
	count_trouble(trouble);
	return name_end(scratch, PC_KIND_UNRESOLVED);
}

INLINE long name_begin(struct scratch *scratch)
{
	scratch->flags = 0;
	scratch->work.dentry = scratch->work.object;
	return name_go(scratch, NAME_COLLECT);
}

INLINE long name_again(struct scratch *scratch)
{
	if (++scratch->work.tries >= NAME_TRIES)
		return name_trouble(scratch, PC_TROUBLE_RACED);
	return name_begin(scratch);
}

/* ---- The way up, by addresses. ---- */

INLINE long name_collect(struct scratch *scratch)
{
	struct name_work *work = &scratch->work;
	struct link link = {};

	scratch->flags |= link_read(&link, work->dentry);
	if (link.parent == work->dentry) {
		scratch->top = work->dentry;
		scratch->depth = work->index;
		return name_go(scratch, NAME_NAMING);
	}
	if (work->index >= PC_DEPTH_MAX)
		return name_trouble(scratch, PC_TROUBLE_DEEP);
	scratch->links[work->index & (PC_DEPTH_MAX - 1)] = link;
	work->index++;
	work->dentry = link.parent;
	return 0;
}

/* ---- Which of the host's mounts names the object. ---- */

/* Up from the host's mount to `/`; the links are cut off at its root. */
INLINE long name_climb_from(struct scratch *scratch, __u64 mount)
{
	climb_begin(&scratch->climb, mount, scratch->depth, 0);
	return name_go(scratch, NAME_CLIMB);
}

INLINE long name_without_mount(struct scratch *scratch)
{
	if (scratch->top != scratch->work.sb_root)
		return name_trouble(scratch, PC_TROUBLE_DETACHED);
	return name_go(scratch, NAME_TEXT);
}

INLINE long name_naming(struct scratch *scratch)
{
	struct name_work *work = &scratch->work;
	struct fs_naming *naming = bpf_map_lookup_elem(&namings, &work->key);

	/* Found out after the request began, so it was true within this call. */
	if (!naming || naming->event < work->event)
		return name_trouble(scratch, PC_TROUBLE_MOUNTS);
	scratch->own_depth = scratch->depth;
	work->event = naming->event;
	work->kind = naming->kind;
	work->flags = naming->flags;
	work->count = naming->count;
	work->dropped = naming->dropped;
	work->first = naming->mounts[0];
	work->second = naming->second;
	barrier();
	/* The element may have become another file system's while it was read. */
	if (naming->key != work->key)
		return name_again(scratch);
	scratch->hop_count = 0;
	if (work->kind != PC_KIND_PATH)
		return name_without_mount(scratch);
	if (work->flags & NAMING_IS_INSTANCE) {
		if (scratch->top != work->sb_root)
			return name_trouble(scratch, PC_TROUBLE_DETACHED);
		return name_climb_from(scratch, work->first.mount);
	}
	if (work->first.root == scratch->top && work->first.depth < work->second)
		return name_climb_from(scratch, work->first.mount);
	work->choice.mount = 0;
	work->mount_index = 0;
	return name_go(scratch, NAME_MOUNT);
}

INLINE long name_choose(struct scratch *scratch)
{
	struct name_work *work = &scratch->work;

	/* One that there was no room for might fit better. */
	if (work->choice.mount && work->choice.depth < work->dropped) {
		scratch->top = work->choice.root;
		scratch->depth = work->choice.names;
		scratch->own_depth = scratch->depth;
		return name_climb_from(scratch, work->choice.mount);
	}
	/* Below no mount of the host's: internal objects have a root of their own each. */
	if (work->flags & NAMING_IS_INTERNAL && work->dropped > PC_DEPTH_MAX && scratch->top != work->sb_root)
		return name_end(scratch, PC_KIND_ANON);
	return name_trouble(scratch, PC_TROUBLE_DETACHED);
}

INLINE long name_mount(struct scratch *scratch)
{
	struct name_work *work = &scratch->work;
	struct fs_naming *naming;

	if (work->mount_index >= work->count)
		return name_choose(scratch);
	naming = bpf_map_lookup_elem(&namings, &work->key);
	if (!naming)
		return name_again(scratch);
	work->mount = naming->mounts[work->mount_index & (PC_MOUNTS_PER_FS - 1)];
	work->mount_index++;
	return name_go(scratch, NAME_SEARCH);
}

/* Nearest to `/`, then the longest matching subtree, then the oldest: a later bind mount further down renames nothing. */
INLINE int is_better(const struct mount_choice *choice, const struct host_mount *mount, __u32 names)
{
	if (!choice->mount || mount->depth != choice->depth)
		return !choice->mount || mount->depth < choice->depth;
	return names != choice->names ? names < choice->names : mount->id < choice->id;
}

/* How many names lie between the object and the mount's root, if it hangs below it at all. */
INLINE long name_search(struct scratch *scratch)
{
	struct name_work *work = &scratch->work;
	__u64 dentry = scratch->top;

	if (work->index > scratch->depth)
		return name_go(scratch, NAME_MOUNT);
	if (work->index < scratch->depth)
		dentry = scratch->links[work->index & (PC_DEPTH_MAX - 1)].dentry;
	if (dentry != work->mount.root) {
		work->index++;
		return 0;
	}
	if (is_better(&work->choice, &work->mount, work->index)) {
		work->choice.mount = work->mount.mount;
		work->choice.root = work->mount.root;
		work->choice.names = work->index;
		work->choice.depth = work->mount.depth;
		work->choice.id = work->mount.id;
	}
	return name_go(scratch, NAME_MOUNT);
}

INLINE long name_climb(struct scratch *scratch)
{
	if (!climb_step(scratch))
		return 0;
	scratch->depth = scratch->climb.depth;
	scratch->flags |= scratch->climb.flags;
	if (scratch->climb.has_arrived)
		return name_go(scratch, NAME_TEXT);
	if (scratch->depth >= PC_DEPTH_MAX)
		return name_trouble(scratch, PC_TROUBLE_DEEP);
	return name_again(scratch);
}

/* ---- The text, and whether it can be believed. ---- */

/* Nothing at all has moved since the request began: what was collected needs no second look. */
INLINE int name_is_confirmed(const struct scratch *scratch)
{
	const struct name_work *work = &scratch->work;
	__u32 sequence = work->view.sequence;

	return work->view.is_still && work->count <= 1 && cache_world() == work->view.world &&
	       READ_AT(dentry, work->object, d_seq.seqcount.sequence) == sequence &&
	       (!scratch->own_depth || scratch->links[0].sequence == sequence);
}

INLINE long name_end_named(struct scratch *scratch)
{
	return scratch->has_fault ? name_trouble(scratch, PC_TROUBLE_FAULT) : name_end(scratch, scratch->work.kind);
}

INLINE long name_text_end(struct scratch *scratch)
{
	if (!scratch->length) {
		scratch->text[0] = '/';
		scratch->length = 1;
	}
	scratch->has_changed = 0;
	scratch->has_moved = 0;
	return name_is_confirmed(scratch) ? name_end_named(scratch) : name_go(scratch, NAME_CHECK_LINKS);
}

INLINE long name_text(struct scratch *scratch)
{
	__u32 index = scratch->work.index;
	struct link *link = &scratch->links[(scratch->depth - 1 - index) & (PC_DEPTH_MAX - 1)];
	__u64 length, size = link->length;

	if (index == 0) {
		scratch->length = 0;
		scratch->has_fault = 0;
		if (scratch->flags & DCACHE_OP_COMPARE && !(scratch->work.flags & NAMING_OWN_COMPARE))
			return name_trouble(scratch, PC_TROUBLE_CASEFOLD);
	}
	if (index >= scratch->depth)
		return name_text_end(scratch);
	length = scratch->length;
	barrier_var(length);
	length &= PC_TEXT_MAX - 1;
	if (index + scratch->own_depth == scratch->depth)
		scratch->own = length + 1;
	barrier_var(size);
	size &= PC_COMPONENT_MAX;
	scratch->text[length] = '/';
	if (link->length > PC_COMPONENT_MAX ||
	    bpf_probe_read_kernel(&scratch->text[length + 1], size, (void *)link->name))
		scratch->has_fault = 1;
	scratch->length = length + 1 + size;
	scratch->work.index++;
	return 0;
}

/* The second collect: whether a dentry on the way is not where it was. */
INLINE long name_check_link(struct scratch *scratch)
{
	struct link *link = &scratch->links[scratch->work.index & (PC_DEPTH_MAX - 1)];

	if (scratch->work.index >= scratch->depth)
		return name_go(scratch, NAME_CHECK_HOPS);
	scratch->has_changed |= READ_AT(dentry, link->dentry, d_seq.seqcount.sequence) ^ link->sequence;
	scratch->has_changed |= link->sequence & 1;
	scratch->has_changed |= (__u64)READ_AT(dentry, link->dentry, d_parent) != link->parent;
	scratch->work.index++;
	return 0;
}

INLINE long name_judge(struct scratch *scratch)
{
	struct name_work *work = &scratch->work;
	struct fs_naming *naming = bpf_map_lookup_elem(&namings, &work->key);

	/* The element may have become another file system's while it was read. */
	if (!naming || naming->key != work->key)
		return name_again(scratch);
	if (scratch->has_changed | scratch->has_moved) {
		/* It claims to be true now, and is not: the next one finds out anew. Another CPU's, which is newer, stands. */
		if (scratch->has_moved && naming->event == work->event && naming->event == host_event())
			naming->event = 0;
		return name_again(scratch);
	}
	return name_end_named(scratch);
}

/* Whether a mount on the way is not where it was, or no longer the host's. */
INLINE long name_check_hop(struct scratch *scratch)
{
	struct hop *hop = &scratch->hops[scratch->work.index & (HOPS_MAX - 1)];

	if (scratch->work.index >= scratch->hop_count)
		return name_judge(scratch);
	scratch->has_moved |= (__u64)READ_AT(mount, hop->mount, mnt_parent) != hop->parent;
	scratch->has_moved |= (__u64)READ_AT(mount, hop->mount, mnt_mountpoint) != hop->mountpoint;
	scratch->has_moved |= (__u64)READ_AT(mount, hop->mount, mnt_ns) != host_mnt_ns;
	scratch->work.index++;
	return 0;
}

/* One step; 1 when the name is made. */
INLINE long name_turn(struct scratch *scratch)
{
	switch (scratch->work.phase) {
	case NAME_COLLECT:
		return name_collect(scratch);
	case NAME_NAMING:
		return name_naming(scratch);
	case NAME_MOUNT:
		return name_mount(scratch);
	case NAME_SEARCH:
		return name_search(scratch);
	case NAME_CLIMB:
		return name_climb(scratch);
	case NAME_TEXT:
		return name_text(scratch);
	case NAME_CHECK_LINKS:
		return name_check_link(scratch);
	default:
		return name_check_hop(scratch);
	}
}

static long name_step(__u32 index, struct loop *loop)
{
	return name_turn(loop->scratch);
}

/* ---- The name. ---- */

/* What was settled before; 0 if the object has to be named. */
INLINE int name_is_settled(struct scratch *scratch, const struct known_naming *known)
{
	if (known->kind == PC_KIND_PATH || known->kind == PC_KIND_FOREIGN)
		return 0;
	scratch->kind = known->kind;
	if (known->kind == PC_KIND_UNRESOLVED)
		count_trouble(PC_TROUBLE_MOUNTS);
	return 1;
}

INLINE void name_work_begin(struct scratch *scratch, const struct known_naming *known, __u64 dentry, __u64 sb_root)
{
	struct name_work *work = &scratch->work;

	work->key = known->key;
	work->event = known->event;
	work->view = known->view;
	work->object = dentry;
	work->sb_root = sb_root;
	work->tries = 0;
	scratch->kind = PC_KIND_UNRESOLVED;
}

INLINE void name_work_do(struct scratch *scratch)
{
	struct loop loop = { .scratch = scratch };

	bpf_loop(NAME_STEPS, name_step, &loop, 0);
}

/*
 * Names the object behind `dentry`: scratch->kind, and for PC_KIND_PATH and PC_KIND_FOREIGN scratch->text and
 * scratch->length. What can't be told is PC_KIND_UNRESOLVED, and counted.
 */
INLINE void name_dentry(struct scratch *scratch, const struct known_naming *known, struct dentry *dentry)
{
	if (name_is_settled(scratch, known))
		return;
	name_work_begin(scratch, known, (__u64)dentry, (__u64)dentry->d_sb->s_root);
	if (links_collect(scratch, dentry)) {
		name_trouble(scratch, PC_TROUBLE_DEEP);
		return;
	}
	name_go(scratch, NAME_NAMING);
	name_work_do(scratch);
}

/* The same for a dentry known by its address alone. */
INLINE void name_plain(struct scratch *scratch, const struct known_naming *known, __u64 dentry)
{
	if (name_is_settled(scratch, known))
		return;
	name_work_begin(scratch, known, dentry, (__u64)BPF_CORE_READ((struct dentry *)dentry, d_sb, s_root));
	name_begin(scratch);
	name_work_do(scratch);
}
