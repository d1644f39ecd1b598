/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * survey.h - the search for the host's mounts of a file system.
 *
 * One loop in phases, because loops nested in loops are more than the verifier looks through: the next mount, of the
 * super block's list or of the host's tree, and one step up from a mount of the host's to learn its depth.
 *
 * The list is short unless somebody makes it long: a super block is mounted in as many namespaces as users like. Past
 * SURVEY_LIST_MAX, where a list was changed under our hands, and for what has no list of its own, the host's own tree
 * of mounts is walked, which only the host can make long.
 */
#pragma once

#include "climb.h"

/* Mounts of one super block in all namespaces, before the host's own are looked through instead. */
#define SURVEY_LIST_MAX 2048
/* The host's mounts (sysctl fs.mount-max is 100,000), and what it takes to learn the depth of some. */
#define SURVEY_STEPS (1 << 19)

#define KERNEL_ADDRESS(base, type, member) ((__u64)(base) + bpf_core_field_offset(type, member))

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

/*
 * A mount on its way out is so marked before the namespace's event tells of it, and is the namespace's for a moment
 * after: what is found out in that moment would name files by a mount that is gone.
 */
#define MNT_UMOUNT 0x8000000

INLINE int is_mounted_by_host(const struct mount *mount)
{
	return (__u64)BPF_CORE_READ(mount, mnt_ns) == host_mnt_ns && !(BPF_CORE_READ(mount, mnt.mnt_flags) & MNT_UMOUNT);
}

/* Whether the survey is after this mount; then it goes on with the climb from it. */
INLINE void survey_consider(struct survey *survey, struct climb *climb, struct mount *mount)
{
	struct super_block *sb = BPF_CORE_READ(mount, mnt.mnt_sb);
	__u64 root = (__u64)BPF_CORE_READ(mount, mnt.mnt_root);

	if (!is_mounted_by_host(mount))
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
