/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mounts.h - finds the mounts by which the host names a file system.
 *
 * The mounts of a super block are walked for those in the host's mount namespace. What is found is kept by super
 * block pointer for as long as the namespace's event counter stands: it moves with every mount and unmount there.
 * The walk takes no lock. That the counter stood tells that it can be believed, and a mount that was just on its way
 * out shows when a name is made through it. Mounts of other namespaces, which any user makes, disturb nothing.
 */
#pragma once

#include "scratch.h"

/* Mounts of one super block in all namespaces, before the host's own are looked through instead. */
#define SURVEY_LIST_MAX 2048
/* The host's mounts (sysctl fs.mount-max is 100,000), and what it takes to learn the depth of some. */
#define SURVEY_STEPS (1 << 19)
#define CLIMB_MAX (2 * PC_DEPTH_MAX)

#define SB_KERNMOUNT (1UL << 22)
#define SB_NOUSER (1UL << 31)
#define NSFS_MAGIC 0x6e736673
#define FUSE_MAGIC 0x65735546

#define KERNEL_ADDRESS(base, type, member) ((__u64)(base) + bpf_core_field_offset(type, member))

/* Kernel file systems of which every namespace may have an instance: all are named as the host's. */
INLINE int is_instance_magic(__u64 magic)
{
	switch (magic) {
	case 0x9fa0:	 /* proc */
	case 0x62656572: /* sysfs */
	case 0x73636673: /* securityfs */
	case 0xcafe4a11: /* bpffs */
	case 0x1cd1:	 /* devpts */
	case 0x19800202: /* mqueue */
	case 0x63677270: /* cgroup2 */
	case 0x74726163: /* tracefs */
	case 0x64626720: /* debugfs */
	case 0x62656570: /* configfs */
	case 0xf97cff8c: /* selinuxfs */
	case 0x42494e4d: /* binfmt_misc */
		return 1;
	}
	return 0;
}

/* /proc/sys and efivarfs compare names in their own way, but a name there has one spelling. */
INLINE int is_sound_compare_magic(__u64 magic)
{
	return magic == 0x9fa0 || magic == 0xde5e81e4;
}

INLINE __u64 host_event(void)
{
	return BPF_CORE_READ((struct mnt_namespace *)host_mnt_ns, event);
}

/* ---- From a mount point up to `/`. ---- */

INLINE void climb_enter(struct climb *climb, __u64 mount, __u64 dentry)
{
	climb->mount = mount;
	climb->dentry = dentry;
	climb->root = (__u64)BPF_CORE_READ((struct mount *)mount, mnt.mnt_root);
}

INLINE long climb_leave_mount(struct scratch *scratch)
{
	struct climb *climb = &scratch->climb;
	struct mount *mount = (struct mount *)climb->mount;
	struct hop hop = { .mount = climb->mount };

	hop.parent = (__u64)BPF_CORE_READ(mount, mnt_parent);
	hop.mountpoint = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
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

/* Reads what a link holds from a dentry at a plain address. */
INLINE __u32 link_read(struct link *link, __u64 address)
{
	struct dentry *dentry = (struct dentry *)address;
	__u32 flags = 0;

	link->sequence = 1;
	bpf_core_read(&link->sequence, sizeof(link->sequence), &dentry->d_seq.seqcount.sequence);
	link->dentry = address;
	link->parent = (__u64)BPF_CORE_READ(dentry, d_parent);
	link->name = (__u64)BPF_CORE_READ(dentry, d_name.name);
	link->length = BPF_CORE_READ(dentry, d_name.len);
	bpf_core_read(&flags, sizeof(flags), &dentry->d_flags);
	return flags;
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

/* ---- The host's mounts of a file system. ---- */

/*
 * One loop in phases, because loops nested in loops are more than the verifier looks through: the next mount, of the
 * super block's list or of the host's tree, and one step up from a mount of the host's to learn its depth.
 *
 * The list is short unless somebody makes it long: a super block is mounted in as many namespaces as users like. Past
 * SURVEY_LIST_MAX, where a list was changed under our hands, and for what has no list of its own, the host's own tree
 * of mounts is walked, which only the host can make long.
 */
enum survey_phase {
	SURVEY_LIST,
	SURVEY_TREE,
	SURVEY_TREE_UP,
	SURVEY_CLIMB,
	SURVEY_MAKE_ROOM,
};

/* 0 if there is no room: then `found` is the one to be left out, or the farthest of the others. */
INLINE int naming_add(struct fs_naming *naming, struct host_mount *found)
{
	struct host_mount other = *found;
	struct host_mount *first = &naming->mounts[0];
	__u32 count = naming->count;

	if (count && (found->depth < first->depth || (found->depth == first->depth && found->id < first->id))) {
		other = *first;
		*first = *found;
	}
	if (count && other.depth < naming->second)
		naming->second = other.depth;
	if (count >= PC_MOUNTS_PER_FS) {
		*found = other;
		return 0;
	}
	naming->mounts[count & (PC_MOUNTS_PER_FS - 1)] = other;
	naming->count = count + 1;
	return 1;
}

/* Of more than fit the nearest to `/` are kept: one step through them, to find the farthest. */
INLINE void survey_make_room(struct survey *survey, struct fs_naming *naming)
{
	struct host_mount *farthest = &naming->mounts[survey->farthest & (PC_MOUNTS_PER_FS - 1)];
	struct host_mount *found = &survey->found;
	__u32 least = found->depth;

	if (++survey->index < PC_MOUNTS_PER_FS) {
		if (naming->mounts[survey->index & (PC_MOUNTS_PER_FS - 1)].depth > farthest->depth)
			survey->farthest = survey->index;
		return;
	}
	if (found->depth < farthest->depth) {
		least = farthest->depth;
		*farthest = *found;
	}
	if (least < naming->dropped)
		naming->dropped = least;
	survey->phase = survey->resume;
}

/* Whether the survey is after this mount; then it goes on with the climb from it. */
INLINE void survey_consider(struct survey *survey, struct climb *climb, struct mount *mount)
{
	struct super_block *sb = BPF_CORE_READ(mount, mnt.mnt_sb);
	__u64 root = (__u64)BPF_CORE_READ(mount, mnt.mnt_root);

	if ((__u64)BPF_CORE_READ(mount, mnt_ns) != survey->host)
		return;
	if (survey->is_instance) {
		if ((__u64)BPF_CORE_READ(sb, s_type) != survey->key || (__u64)BPF_CORE_READ(sb, s_root) != root)
			return;
	} else if ((survey->is_object ? root : (__u64)sb) != survey->key) {
		return;
	}
	survey->found.mount = (__u64)mount;
	survey->found.root = root;
	survey->found.id = BPF_CORE_READ(mount, mnt_id);
	climb_begin(climb, survey->found.mount, 0, 1);
	survey->resume = survey->phase;
	survey->phase = SURVEY_CLIMB;
}

INLINE long survey_end(struct survey *survey)
{
	survey->is_done = 1;
	return 1;
}

INLINE void survey_begin_list(struct survey *survey)
{
	survey->phase = SURVEY_LIST;
	if (bpf_core_field_exists(((struct mount___mount_list *)0)->mnt_next_for_sb))
		survey->head = KERNEL_ADDRESS(survey->key, struct super_block___mount_list, s_mounts);
	else
		survey->head = KERNEL_ADDRESS(survey->key, struct super_block, s_mounts);
	survey->mount = 0;
	bpf_probe_read_kernel(&survey->mount, sizeof(survey->mount), (void *)survey->head);
}

INLINE void survey_begin_tree(struct survey *survey, struct fs_naming *naming)
{
	struct mnt_namespace *host = (struct mnt_namespace *)host_mnt_ns;

	naming->count = 0;
	naming->second = PC_DEPTH_MAX + 1;
	naming->dropped = PC_DEPTH_MAX + 1;
	naming->flags &= ~NAMING_IS_REMOTE;
	survey->phase = SURVEY_TREE;
	survey->mount = (__u64)BPF_CORE_READ(host, root);
	survey->head = survey->mount;
}

INLINE long survey_list(struct scratch *scratch)
{
	struct survey *survey = &scratch->survey;
	struct climb *climb = &scratch->climb;
	struct mount *mount = (struct mount *)survey->mount;

	/* What was taken off a list of the older kind leads nowhere; in the newer kind NULL is the end. */
	if (survey->steps++ >= SURVEY_LIST_MAX ||
	    (!mount && !bpf_core_field_exists(((struct mount___mount_list *)0)->mnt_next_for_sb))) {
		survey_begin_tree(survey, &scratch->naming);
		return 0;
	}
	if (bpf_core_field_exists(((struct mount___mount_list *)0)->mnt_next_for_sb)) {
		if (!mount)
			return survey_end(survey);
		survey->mount = (__u64)BPF_CORE_READ((struct mount___mount_list *)mount, mnt_next_for_sb);
	} else {
		if (survey->mount == survey->head)
			return survey_end(survey);
		mount = (struct mount *)(survey->mount - bpf_core_field_offset(struct mount, mnt_instance));
		survey->mount = (__u64)BPF_CORE_READ(mount, mnt_instance.next);
	}
	survey_consider(survey, climb, mount);
	return 0;
}

/* Looks at the mount, then goes down to the first one mounted on it. */
INLINE long survey_tree(struct survey *survey, struct climb *climb)
{
	struct mount *mount = (struct mount *)survey->mount;
	__u64 children = KERNEL_ADDRESS(mount, struct mount, mnt_mounts);
	__u64 first = (__u64)BPF_CORE_READ(mount, mnt_mounts.next);

	if (!first)
		return 1;
	survey->phase = SURVEY_TREE;
	if (first == children)
		survey->phase = SURVEY_TREE_UP;
	else
		survey->mount = first - bpf_core_field_offset(struct mount, mnt_child);
	survey_consider(survey, climb, mount);
	return 0;
}

/* Goes on to the next one beside the mount, or up. */
INLINE long survey_tree_up(struct survey *survey)
{
	struct mount *mount = (struct mount *)survey->mount;
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
	__u64 next = (__u64)BPF_CORE_READ(mount, mnt_child.next);

	if (parent == mount || survey->mount == survey->head)
		return survey_end(survey);
	if (!next)
		return 1;
	if (next == KERNEL_ADDRESS(parent, struct mount, mnt_mounts)) {
		survey->mount = (__u64)parent;
		return 0;
	}
	survey->mount = next - bpf_core_field_offset(struct mount, mnt_child);
	survey->phase = SURVEY_TREE;
	return 0;
}

INLINE void survey_climb(struct scratch *scratch)
{
	struct survey *survey = &scratch->survey;

	if (!climb_step(scratch))
		return;
	survey->found.depth = scratch->climb.depth;
	survey->phase = survey->resume;
	if (!scratch->climb.has_arrived) {
		scratch->naming.flags |= NAMING_IS_REMOTE;
	} else if (!naming_add(&scratch->naming, &survey->found)) {
		survey->phase = SURVEY_MAKE_ROOM;
		survey->index = 1;
		survey->farthest = 1;
	}
}

static long survey_step(__u32 index, struct loop *loop)
{
	struct survey *survey = &loop->scratch->survey;

	switch (survey->phase) {
	case SURVEY_LIST:
		return survey_list(loop->scratch);
	case SURVEY_TREE:
		return survey_tree(survey, &loop->scratch->climb);
	case SURVEY_TREE_UP:
		return survey_tree_up(survey);
	case SURVEY_MAKE_ROOM:
		survey_make_room(survey, &loop->scratch->naming);
		return 0;
	default:
		survey_climb(loop->scratch);
		return 0;
	}
}

/* ---- What is known of a file system. ---- */

/* What anybody may mount has the content that he likes: FUSE, and what a user namespace mounted, have no names. */
INLINE __u32 naming_kind_without_mount(const struct fs_naming *naming, struct super_block *sb)
{
	if (naming->flags & NAMING_IS_REMOTE)
		return PC_KIND_UNRESOLVED;
	if (naming->flags & NAMING_IS_INTERNAL)
		return PC_KIND_ANON;
	if (BPF_CORE_READ(sb, s_magic) == FUSE_MAGIC)
		return PC_KIND_USERNS;
	return (__u64)BPF_CORE_READ(sb, s_user_ns) == host_user_ns ? PC_KIND_FOREIGN : PC_KIND_USERNS;
}

/* Finds out how the names of the file system are told, into `naming`. 0 if the host's mounts came and went meanwhile. */
INLINE __u32 naming_survey(struct scratch *scratch, struct super_block *sb, __u64 key)
{
	struct fs_naming *naming = &scratch->naming;
	struct survey *survey = &scratch->survey;
	struct loop loop = { .scratch = scratch };
	__u64 magic = BPF_CORE_READ(sb, s_magic);

	naming->key = key;
	naming->event = host_event();
	naming->flags = is_sound_compare_magic(magic) ? NAMING_OWN_COMPARE : 0;
	if (BPF_CORE_READ(sb, s_flags) & (SB_NOUSER | SB_KERNMOUNT))
		naming->flags |= NAMING_IS_INTERNAL;
	survey->key = key;
	survey->is_object = key != (__u64)sb && magic == NSFS_MAGIC;
	survey->is_instance = key != (__u64)sb && magic != NSFS_MAGIC;
	survey->host = host_mnt_ns;
	survey->steps = 0;
	survey->is_done = 0;
	if (survey->is_instance)
		naming->flags |= NAMING_IS_INSTANCE;
	survey_begin_tree(survey, naming);
	if (key == (__u64)sb)
		survey_begin_list(survey);
	bpf_loop(SURVEY_STEPS, survey_step, &loop, 0);
	if (!survey->is_done || host_event() != naming->event)
		return 0;
	naming->kind = naming->count ? PC_KIND_PATH : naming_kind_without_mount(naming, sb);
	return 1;
}

/*
 * A file system is known by its super block; an instance of a kernel file system by its type, because all have one
 * name; a namespace's file by itself, because each is mounted apart.
 */
INLINE __u64 naming_key(struct dentry *dentry, struct super_block *sb)
{
	__u64 magic = sb->s_magic;

	if (magic == NSFS_MAGIC)
		return (__u64)dentry;
	return is_instance_magic(magic) ? (__u64)sb->s_type : (__u64)sb;
}

/* Only what the host mounts, or what root mounted elsewhere, is remembered, and nothing that has no end of its own. */
INLINE __u32 naming_remember(struct scratch *scratch, __u64 key, __u64 sb)
{
	__u32 kind = scratch->naming.kind;

	struct fs_naming *naming = bpf_map_lookup_elem(&namings, &key);

	if (kind != PC_KIND_PATH && (kind != PC_KIND_FOREIGN || key != sb))
		return kind;
	/* Another CPU may have seen more. */
	if (naming && naming->key == key && naming->event > scratch->naming.event)
		return PC_KIND_UNRESOLVED;
	return bpf_map_update_elem(&namings, &key, &scratch->naming, BPF_ANY) ? PC_KIND_UNRESOLVED : kind;
}

/*
 * Finds out how the names of the super block at `address` are told, as of now, and remembers it, but for what has no
 * names: the kind tells. PC_KIND_UNRESOLVED if the host's mounts came and went meanwhile. A function of its own, so
 * that the verifier looks through it once; it may therefore not be called with preemption off.
 */
__attribute__((noinline)) int naming_find_out(__u64 address, __u64 key)
{
	__u32 kind = PC_KIND_UNRESOLVED;
	struct scratch *scratch;

	scratch_enter();
	scratch = scratch_take();
	if (scratch) {
		if (naming_survey(scratch, (struct super_block *)address, key))
			kind = naming_remember(scratch, key, address);
		scratch_give(scratch);
	}
	scratch_leave();
	return kind;
}

#define NAMING_TRIES 4

/* An address that the verifier no longer takes for a pointer: functions of their own take numbers only. */
INLINE __u64 address_of(const void *pointer)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &pointer);
	return address;
}

INLINE __u32 naming_ask(__u64 sb, __u64 key)
{
	__u32 kind = PC_KIND_UNRESOLVED;

	for (int i = 0; i < NAMING_TRIES && kind == PC_KIND_UNRESOLVED; i++)
		kind = naming_find_out(sb, key);
	return kind;
}

/* To be called with preemption on. An instance that the host mounts nowhere is named like any other file system. */
INLINE void naming_prepare(struct known_naming *known, __u64 sb, __u64 sb_key)
{
	struct fs_naming *naming;
	__u64 address, key;

	known->key = sb_key;
	known->event = host_event();
	known->kind = PC_KIND_PATH;
	naming = bpf_map_lookup_elem(&namings, &known->key);
	if (naming && naming->event == known->event)
		return;
	address = address_of((const void *)sb);
	key = address_of((const void *)known->key);
	known->kind = naming_ask(address, key);
	if (known->kind == PC_KIND_FOREIGN && key != address) {
		known->key = address;
		known->kind = naming_ask(address, address);
	}
}
