/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * name.h - the canonical name of an object: where the host mounts its file system, plus the path inside.
 *
 * Up from the dentry by d_parent, collecting (dentry, parent, d_seq); through the host's mount on to `/`; then the
 * names are copied, top down, and every d_seq is looked at again. A collect that is the same twice is exact, and a
 * stranger's rename of something else can't disturb it (a double collect; Afek et al., "Atomic snapshots of shared
 * memory", JACM 40(4), 1993). Neither the caller's root nor its mounts are ever asked.
 */
#pragma once

#include "mounts.h"

#define DCACHE_OP_COMPARE 2U
#define NAME_TRIES 4
#define NAME_RETRY 0xffff

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
	struct collect collect = { .scratch = scratch, .dentry = dentry };

	scratch->flags = 0;
	scratch->has_arrived = 0;
	bpf_loop(PC_DEPTH_MAX / COLLECT_CHUNK, links_collect_step, &collect, 0);
	return scratch->has_arrived ? 0 : -1;
}

/* The same for a dentry known by its address alone. */
static long plain_collect_step(__u32 index, struct loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct link link = {};

	scratch->flags |= link_read(&link, scratch->plain);
	if (link.parent == scratch->plain) {
		scratch->top = scratch->plain;
		scratch->depth = index;
		scratch->has_arrived = 1;
		return 1;
	}
	scratch->links[index & (PC_DEPTH_MAX - 1)] = link;
	scratch->plain = link.parent;
	return 0;
}

INLINE int links_collect_plain(struct scratch *scratch, __u64 dentry)
{
	struct loop loop = { .scratch = scratch };

	scratch->plain = dentry;
	scratch->flags = 0;
	scratch->has_arrived = 0;
	bpf_loop(PC_DEPTH_MAX, plain_collect_step, &loop, 0);
	return scratch->has_arrived ? 0 : -1;
}

/* ---- Which of the host's mounts names the object. ---- */

static long link_search_step(__u32 index, struct loop *loop)
{
	struct scratch *scratch = loop->scratch;

	if (scratch->links[index & (PC_DEPTH_MAX - 1)].dentry != scratch->sought)
		return 0;
	scratch->position = index;
	return 1;
}

/* How many names lie between the object and `root`; more than PC_DEPTH_MAX if it does not hang below it. */
INLINE __u32 names_below(struct scratch *scratch, __u64 root)
{
	struct loop loop = { .scratch = scratch };

	if (root == scratch->top)
		return scratch->depth;
	scratch->sought = root;
	scratch->position = PC_DEPTH_MAX + 1;
	bpf_loop(scratch->depth, link_search_step, &loop, 0);
	return scratch->position;
}

struct mount_loop {
	struct scratch *scratch;
	const struct fs_naming *naming;
};

/* Nearest to `/`, then the longest matching subtree, then the oldest: a later bind mount further down renames nothing. */
static long mount_choice_step(__u32 index, struct mount_loop *loop)
{
	const struct host_mount *mount = &loop->naming->mounts[index & (PC_MOUNTS_PER_FS - 1)];
	struct mount_choice *choice = &loop->scratch->choice;
	__u32 names = names_below(loop->scratch, mount->root);

	if (names > PC_DEPTH_MAX)
		return 0;
	if (choice->mount) {
		if (mount->depth > choice->depth)
			return 0;
		if (mount->depth == choice->depth && names > choice->names)
			return 0;
		if (mount->depth == choice->depth && names == choice->names && mount->id > choice->id)
			return 0;
	}
	choice->mount = mount->mount;
	choice->names = names;
	choice->depth = mount->depth;
	choice->id = mount->id;
	return 0;
}

/* The mount's address, 0 if none fits; cuts the links off at its root. */
INLINE __u64 mount_choose(struct scratch *scratch, const struct fs_naming *naming)
{
	struct mount_loop loop = { .scratch = scratch, .naming = naming };
	struct mount_choice *choice = &scratch->choice;

	if (naming->flags & NAMING_IS_INSTANCE)
		return naming->mounts[0].mount;
	if (naming->mounts[0].root == scratch->top && naming->mounts[0].depth < naming->second)
		return naming->mounts[0].mount;
	choice->mount = 0;
	bpf_loop(naming->count, mount_choice_step, &loop, 0);
	/* One that there was no room for might fit better. */
	if (choice->mount && choice->depth >= naming->dropped)
		return 0;
	if (choice->mount)
		scratch->depth = choice->names;
	return choice->mount;
}

/* ---- The text, and whether it can be believed. ---- */

static long text_step(__u32 index, struct loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct link *link = &scratch->links[(scratch->depth - 1 - index) & (PC_DEPTH_MAX - 1)];
	__u64 length = scratch->length;
	__u64 size = link->length;

	barrier_var(length);
	length &= PC_TEXT_MAX - 1;
	barrier_var(size);
	size &= PC_COMPONENT_MAX;
	scratch->text[length] = '/';
	if (link->length > PC_COMPONENT_MAX ||
	    bpf_probe_read_kernel(&scratch->text[length + 1], size, (void *)link->name))
		scratch->has_fault = 1;
	scratch->length = length + 1 + size;
	return 0;
}

INLINE void text_build(struct scratch *scratch)
{
	struct loop loop = { .scratch = scratch };

	scratch->length = 0;
	scratch->has_fault = 0;
	bpf_loop(scratch->depth, text_step, &loop, 0);
	if (!scratch->length) {
		scratch->text[0] = '/';
		scratch->length = 1;
	}
}

static long links_check_step(__u32 index, struct loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct link *link = &scratch->links[index & (PC_DEPTH_MAX - 1)];
	struct dentry *dentry = (struct dentry *)link->dentry;
	__u32 sequence = 1;

	bpf_core_read(&sequence, sizeof(sequence), &dentry->d_seq.seqcount.sequence);
	scratch->has_changed |= sequence ^ link->sequence;
	scratch->has_changed |= link->sequence & 1;
	scratch->has_changed |= (__u64)BPF_CORE_READ(dentry, d_parent) != link->parent;
	return 0;
}

static long hops_check_step(__u32 index, struct loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct hop *hop = &scratch->hops[index & (HOPS_MAX - 1)];
	struct mount *mount = (struct mount *)hop->mount;

	scratch->has_moved |= (__u64)BPF_CORE_READ(mount, mnt_parent) != hop->parent;
	scratch->has_moved |= (__u64)BPF_CORE_READ(mount, mnt_mountpoint) != hop->mountpoint;
	scratch->has_moved |= (__u64)BPF_CORE_READ(mount, mnt_ns) != host_mnt_ns;
	return 0;
}

/* The second collect: whether a dentry or a mount on the way is not where it was. */
INLINE int way_has_changed(struct scratch *scratch)
{
	struct loop loop = { .scratch = scratch };

	scratch->has_changed = 0;
	scratch->has_moved = 0;
	bpf_loop(scratch->depth, links_check_step, &loop, 0);
	bpf_loop(scratch->hop_count, hops_check_step, &loop, 0);
	return scratch->has_changed | scratch->has_moved;
}

/* ---- One try. ---- */

INLINE __u32 name_trouble(__u32 trouble)
{
	count_trouble(trouble);
	return PC_KIND_UNRESOLVED;
}

static long climb_callback(__u32 index, struct loop *loop)
{
	return climb_step(loop->scratch);
}

/* Adds the links from the host's mount up to `/`. 0 where that isn't reached. */
INLINE int links_climb(struct scratch *scratch, __u64 mount)
{
	struct loop loop = { .scratch = scratch };

	climb_begin(&scratch->climb, mount, scratch->depth, 0);
	bpf_loop(CLIMB_MAX, climb_callback, &loop, 0);
	scratch->depth = scratch->climb.depth;
	scratch->flags |= scratch->climb.flags;
	return scratch->climb.has_arrived;
}

/* From links inside the object's file system to the text; the kind of the name, or NAME_RETRY. */
INLINE __u32 name_from_links(struct scratch *scratch, const struct known_naming *known, __u64 sb_root)
{
	struct fs_naming *naming = bpf_map_lookup_elem(&namings, &known->key);
	__u32 kind;

	/* Found out after the request began, so it was true within this call. */
	if (!naming || naming->event < known->event)
		return name_trouble(PC_TROUBLE_MOUNTS);
	kind = naming->kind;
	if (naming->flags & NAMING_IS_INSTANCE && scratch->top != sb_root)
		return name_trouble(PC_TROUBLE_DETACHED);
	scratch->hop_count = 0;
	if (kind == PC_KIND_PATH) {
		__u64 mount = mount_choose(scratch, naming);

		if (!mount) {
			/* Below no mount of the host's: internal objects have a root of their own each. */
			if (naming->flags & NAMING_IS_INTERNAL && naming->dropped > PC_DEPTH_MAX &&
			    scratch->top != sb_root)
				return PC_KIND_ANON;
			return name_trouble(PC_TROUBLE_DETACHED);
		}
		if (!links_climb(scratch, mount))
			return scratch->depth >= PC_DEPTH_MAX ? name_trouble(PC_TROUBLE_DEEP) : NAME_RETRY;
	} else if (scratch->top != sb_root) {
		return name_trouble(PC_TROUBLE_DETACHED);
	}
	if (scratch->flags & DCACHE_OP_COMPARE && !(naming->flags & NAMING_OWN_COMPARE))
		return name_trouble(PC_TROUBLE_CASEFOLD);
	text_build(scratch);
	/* The element may have become another file system's while it was read. */
	if (naming->key != known->key)
		return NAME_RETRY;
	if (way_has_changed(scratch)) {
		/* Found out while that mount was on its way out: the next one finds out anew. */
		if (scratch->has_moved)
			naming->event = 0;
		return NAME_RETRY;
	}
	return scratch->has_fault ? name_trouble(PC_TROUBLE_FAULT) : kind;
}

INLINE __u32 name_try_dentry(struct scratch *scratch, const struct known_naming *known, struct dentry *dentry)
{
	if (links_collect(scratch, dentry))
		return name_trouble(PC_TROUBLE_DEEP);
	return name_from_links(scratch, known, (__u64)dentry->d_sb->s_root);
}

INLINE __u32 name_try_plain(struct scratch *scratch, const struct known_naming *known, __u64 dentry)
{
	if (links_collect_plain(scratch, dentry))
		return name_trouble(PC_TROUBLE_DEEP);
	return name_from_links(scratch, known, (__u64)BPF_CORE_READ((struct dentry *)dentry, d_sb, s_root));
}

struct name_search {
	struct scratch *scratch;
	const struct known_naming *known;
	struct dentry *dentry; /* by pointer, or else */
	__u64 plain;	       /* by address */
	__u32 kind;
};

static long name_dentry_step(__u32 index, struct name_search *search)
{
	search->kind = name_try_dentry(search->scratch, search->known, search->dentry);
	return search->kind != NAME_RETRY;
}

static long name_plain_step(__u32 index, struct name_search *search)
{
	search->kind = name_try_plain(search->scratch, search->known, search->plain);
	return search->kind != NAME_RETRY;
}

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

/*
 * Names the object behind `dentry`: scratch->kind, and for PC_KIND_PATH and PC_KIND_FOREIGN scratch->text and
 * scratch->length. What can't be told is PC_KIND_UNRESOLVED, and counted.
 */
INLINE void name_dentry(struct scratch *scratch, const struct known_naming *known, struct dentry *dentry)
{
	struct name_search search = { .scratch = scratch, .known = known, .dentry = dentry, .kind = NAME_RETRY };

	if (name_is_settled(scratch, known))
		return;
	bpf_loop(NAME_TRIES, name_dentry_step, &search, 0);
	scratch->kind = search.kind == NAME_RETRY ? name_trouble(PC_TROUBLE_RACED) : search.kind;
}

/* The same for a dentry known by its address alone. */
INLINE void name_plain(struct scratch *scratch, const struct known_naming *known, __u64 dentry)
{
	struct name_search search = { .scratch = scratch, .known = known, .plain = dentry, .kind = NAME_RETRY };

	if (name_is_settled(scratch, known))
		return;
	bpf_loop(NAME_TRIES, name_plain_step, &search, 0);
	scratch->kind = search.kind == NAME_RETRY ? name_trouble(PC_TROUBLE_RACED) : search.kind;
}
