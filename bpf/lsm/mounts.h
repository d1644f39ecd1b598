/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mounts.h - finds the mounts by which the host names a file system.
 *
 * The mounts of a super block are walked for those in the host's mount namespace. What is found is kept by super
 * block pointer for as long as the namespace's event counter stands: it moves with every mount and unmount there.
 * The walk takes no lock; mount_lock's sequence tells whether it can be believed.
 */
#pragma once

#include "scratch.h"

extern const void mount_lock __ksym;

/* Mounts of one super block in all namespaces, and what it takes to learn the depth of the host's. */
#define SURVEY_STEPS (1 << 20)
#define CLIMB_MAX (2 * PC_DEPTH_MAX)

#define SB_KERNMOUNT (1UL << 22)
#define SB_NOUSER (1UL << 31)

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
	case 0x27e0eb:	 /* cgroup */
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

INLINE __u32 mounts_sequence(void)
{
	__u32 sequence = 1;

	bpf_probe_read_kernel(&sequence, sizeof(sequence), &mount_lock);
	return sequence;
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

/* ---- The host's mounts of a super block, or of all super blocks of a type. ---- */

/*
 * One loop in three phases, because loops nested in loops are more than the verifier looks through: the next super
 * block of the type, the next mount of that super block, and one step up from a mount of the host's to learn its depth.
 */
enum survey_phase {
	SURVEY_SUPER,
	SURVEY_MOUNT,
	SURVEY_CLIMB,
};

INLINE void naming_add(struct fs_naming *naming, const struct host_mount *found)
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
		naming->flags |= NAMING_IS_CUT;
		return;
	}
	naming->mounts[count & (PC_MOUNTS_PER_FS - 1)] = other;
	naming->count = count + 1;
}

/* A node that was taken off the list under our hands has lost its back pointer, and its next with it. */
INLINE int is_linked(__u64 node)
{
	__u64 back = 0;

	bpf_probe_read_kernel(&back, sizeof(back), (void *)(node + sizeof(__u64)));
	return back != 0;
}

INLINE void survey_mounts_of(struct survey *survey, __u64 sb)
{
	if (bpf_core_field_exists(((struct mount___mount_list *)0)->mnt_next_for_sb))
		survey->head = KERNEL_ADDRESS(sb, struct super_block___mount_list, s_mounts);
	else
		survey->head = KERNEL_ADDRESS(sb, struct super_block, s_mounts);
	survey->mount = 0;
	bpf_probe_read_kernel(&survey->mount, sizeof(survey->mount), (void *)survey->head);
	survey->phase = SURVEY_MOUNT;
}

INLINE long survey_next_super(struct survey *survey)
{
	struct super_block *sb = (struct super_block *)(survey->super -
							bpf_core_field_offset(struct super_block, s_instances));

	if (!survey->super) {
		survey->is_done = survey->last && is_linked(survey->last);
		return 1;
	}
	survey->last = survey->super;
	survey->super = (__u64)BPF_CORE_READ(sb, s_instances.next);
	survey->only_root = (__u64)BPF_CORE_READ(sb, s_root);
	survey_mounts_of(survey, (__u64)sb);
	return 0;
}

INLINE long survey_end_of_mounts(struct survey *survey)
{
	survey->phase = SURVEY_SUPER;
	survey->is_done = !survey->is_instance;
	return !survey->is_instance;
}

INLINE long survey_next_mount(struct survey *survey, struct climb *climb)
{
	struct mount *mount = (struct mount *)survey->mount;

	if (bpf_core_field_exists(((struct mount___mount_list *)0)->mnt_next_for_sb)) {
		if (!mount)
			return survey_end_of_mounts(survey);
		survey->mount = (__u64)BPF_CORE_READ((struct mount___mount_list *)mount, mnt_next_for_sb);
	} else {
		if (survey->mount == survey->head)
			return survey_end_of_mounts(survey);
		if (!survey->mount)
			return 1;
		mount = (struct mount *)(survey->mount - bpf_core_field_offset(struct mount, mnt_instance));
		survey->mount = (__u64)BPF_CORE_READ(mount, mnt_instance.next);
	}
	if ((__u64)BPF_CORE_READ(mount, mnt_ns) != survey->host)
		return 0;
	survey->found.mount = (__u64)mount;
	survey->found.root = (__u64)BPF_CORE_READ(mount, mnt.mnt_root);
	survey->found.id = BPF_CORE_READ(mount, mnt_id);
	if (survey->only_root && survey->found.root != survey->only_root)
		return 0;
	climb_begin(climb, survey->found.mount, 0, 1);
	survey->phase = SURVEY_CLIMB;
	return 0;
}

INLINE void survey_climb(struct scratch *scratch)
{
	struct survey *survey = &scratch->survey;

	if (!climb_step(scratch))
		return;
	survey->found.depth = scratch->climb.depth;
	if (scratch->climb.has_arrived)
		naming_add(&scratch->naming, &survey->found);
	survey->phase = SURVEY_MOUNT;
}

static long survey_step(__u32 index, struct loop *loop)
{
	struct survey *survey = &loop->scratch->survey;

	switch (survey->phase) {
	case SURVEY_SUPER:
		return survey_next_super(survey);
	case SURVEY_MOUNT:
		return survey_next_mount(survey, &loop->scratch->climb);
	default:
		survey_climb(loop->scratch);
		return 0;
	}
}

/* ---- What is known of a file system. ---- */

INLINE __u32 naming_kind_without_mount(const struct fs_naming *naming, __u64 user_ns)
{
	if (naming->flags & NAMING_IS_INTERNAL)
		return PC_KIND_ANON;
	return user_ns == host_user_ns ? PC_KIND_FOREIGN : PC_KIND_USERNS;
}

/*
 * Finds out how the names of the file system are told, into `naming`. 0 if mounts came and went meanwhile. An instance
 * of a kernel file system that the host mounts nowhere is named like any other file system.
 */
INLINE __u32 naming_survey(struct scratch *scratch, struct super_block *sb, __u64 key, __u64 event)
{
	struct fs_naming *naming = &scratch->naming;
	struct survey *survey = &scratch->survey;
	struct loop loop = { .scratch = scratch };
	__u32 before = mounts_sequence();

	naming->key = key;
	naming->event = event;
	naming->count = 0;
	naming->second = PC_DEPTH_MAX + 1;
	naming->flags = is_sound_compare_magic(BPF_CORE_READ(sb, s_magic)) ? NAMING_OWN_COMPARE : 0;
	if (BPF_CORE_READ(sb, s_flags) & (SB_NOUSER | SB_KERNMOUNT))
		naming->flags |= NAMING_IS_INTERNAL;
	survey->host = host_mnt_ns;
	survey->last = 0;
	survey->only_root = 0;
	survey->is_done = 0;
	survey->is_instance = key != (__u64)sb;
	survey->phase = SURVEY_SUPER;
	if (survey->is_instance) {
		naming->flags |= NAMING_IS_INSTANCE;
		survey->super = (__u64)BPF_CORE_READ(sb, s_type, fs_supers.first);
	} else {
		survey_mounts_of(survey, key);
	}
	bpf_loop(SURVEY_STEPS, survey_step, &loop, 0);
	if (!survey->is_done || before & 1 || mounts_sequence() != before)
		return 0;
	naming->kind = PC_KIND_PATH;
	if (!naming->count)
		naming->kind = naming_kind_without_mount(naming, (__u64)BPF_CORE_READ(sb, s_user_ns));
	return 1;
}

/* A file system is known by its super block, an instance of a kernel file system by its type: all have one name. */
INLINE __u64 naming_key(struct super_block *sb)
{
	return is_instance_magic(sb->s_magic) ? (__u64)sb->s_type : (__u64)sb;
}

INLINE __u32 naming_remember(struct scratch *scratch, __u64 key)
{
	__u32 kind = scratch->naming.kind;

	if (kind == PC_KIND_ANON || kind == PC_KIND_USERNS)
		return kind;
	return bpf_map_update_elem(&namings, &key, &scratch->naming, BPF_ANY) ? PC_KIND_UNRESOLVED : kind;
}

/*
 * Finds out how the names of the super block at `address` are told, as of `event` or later, and remembers it, but for
 * what has no names: the kind tells. PC_KIND_UNRESOLVED if mounts came and went meanwhile. A function of its own, so
 * that the verifier looks through it once; it may therefore not be called with preemption off.
 */
__attribute__((noinline)) int naming_find_out(__u64 address, __u64 key, __u64 event)
{
	__u32 kind = PC_KIND_UNRESOLVED;
	struct scratch *scratch;

	scratch_enter();
	scratch = scratch_take();
	if (scratch) {
		if (naming_survey(scratch, (struct super_block *)address, key, event))
			kind = naming_remember(scratch, key);
		scratch_give(scratch);
	}
	scratch_leave();
	return kind;
}

#define NAMING_TRIES 4

/* To be called with preemption on. */
INLINE void naming_prepare(struct known_naming *known, struct super_block *sb)
{
	struct fs_naming *naming;

	known->sb = (__u64)sb;
	known->key = naming_key(sb);
	known->event = host_event();
	known->kind = PC_KIND_PATH;
	naming = bpf_map_lookup_elem(&namings, &known->key);
	if (!naming || naming->event != known->event) {
		struct known_naming plain = {};

		/* A function of its own takes numbers only: a copy by helper is no longer a pointer to the verifier. */
		bpf_probe_read_kernel(&plain, sizeof(plain), known);
		known->kind = PC_KIND_UNRESOLVED;
		for (int i = 0; i < NAMING_TRIES && known->kind == PC_KIND_UNRESOLVED; i++)
			known->kind = naming_find_out(plain.sb, plain.key, plain.event);
	}
}
