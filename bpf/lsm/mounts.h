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

#include "survey.h"

#define SB_KERNMOUNT (1UL << 22)
#define SB_NOUSER (1UL << 31)
#define NSFS_MAGIC 0x6e736673
#define FUSE_MAGIC 0x65735546
#define MQUEUE_MAGIC 0x19800202

/* Kernel file systems of which every namespace may have an instance: all are named as the host's. */
INLINE int is_instance_magic(__u64 magic)
{
	switch (magic) {
	case 0x9fa0:	 /* proc */
	case 0x62656572: /* sysfs */
	case 0x73636673: /* securityfs */
	case 0xcafe4a11: /* bpffs */
	case 0x1cd1:	 /* devpts */
	case MQUEUE_MAGIC:
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

/* Read by trusted means where there are any: it is part of each decision, and a helper's call costs more than all else. */
INLINE __u64 host_event(void)
{
	struct mnt_namespace *own, *host = (struct mnt_namespace *)host_mnt_ns;
	__u64 event;

	if (bpf_rdonly_cast)
		return READ_AT(mnt_namespace, host_mnt_ns, event);
	own = bpf_get_current_task_btf()->nsproxy->mnt_ns;
	/* Before they are told to be the same: the compiler would read by the other, which the verifier doesn't trust. */
	event = own->event;
	barrier();
	return own == host ? event : BPF_CORE_READ(host, event);
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
	struct fs_naming *naming;

	if (kind != PC_KIND_PATH && (kind != PC_KIND_FOREIGN || key != sb))
		return kind;
	/* Another CPU may have seen more. */
	naming = bpf_map_lookup_elem(&namings, &key);
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

INLINE __u64 naming_key_plain(__u64 dentry, __u64 address)
{
	struct super_block *sb = (struct super_block *)address;
	__u64 magic = BPF_CORE_READ(sb, s_magic);

	if (magic == NSFS_MAGIC)
		return dentry;
	return is_instance_magic(magic) ? (__u64)BPF_CORE_READ(sb, s_type) : address;
}

/* The same for a dentry at a plain address. */
APART int naming_prepare_plain(struct known_naming *known, __u64 dentry)
{
	__u64 sb = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_sb);

	naming_prepare(known, sb, naming_key_plain(dentry, sb));
	return 0;
}
