/* SPDX-License-Identifier: GPL-2.0-only */
/* guard.h - what is kept from the daemon itself, for as long as it lives: see [protect] of portcullisd.conf. */
#pragma once

#include "dentry.h"
#include "system.h"

/* Signals that end or stop nothing in the daemon: 0 asks whether it is there, it reloads by SIGHUP, reopens its log by SIGUSR1. */
#define SIGNALS_HARMLESS (1U << 0 | 1U << 1 /* HUP */ | 1U << 10 /* USR1 */ | 1U << 17 /* CHLD */ | 1U << 18 /* CONT */)
#define SIGIO 29

INLINE int guard_refuse(void)
{
	const struct pc_answer answer = { .verdict = PC_DENY, .mode = PC_MODE_ENFORCE };

	COUNT(guarded);
	return verdict_return(&answer);
}

/* Who started it may end it: init, which is PID 1, does so for systemctl. */
INLINE int is_starter(void)
{
	__u64 starter = (__u64)READ_AT(task_struct, own_task, real_parent);

	return (__u32)bpf_get_current_task_btf()->tgid == (__u32)READ_AT(task_struct, starter, tgid);
}

INLINE int is_harmful(struct task_struct *task, __u32 signal)
{
	return protects & PC_PROTECT_SIGNALS && is_owns(task) && !(signal < 32 && SIGNALS_HARMLESS >> signal & 1);
}

/* What the kernel itself sends does not come here. */
INLINE int guard_signal(struct task_struct *task, __u32 signal)
{
	return !is_harmful(task, signal) || is_own_task() || is_starter() ? 0 : guard_refuse();
}

/* Sent for a file that is ready, by whoever made it so: the daemon asks for none. 0 is SIGIO. */
INLINE int guard_file_signal(struct task_struct *task, __u32 signal)
{
	return is_harmful(task, signal ?: SIGIO) ? guard_refuse() : 0;
}

/* Whoever is over his limit is ended by the kernel. */
INLINE int guard_limit(struct task_struct *task)
{
	if (!(protects & PC_PROTECT_SIGNALS) || !is_owns(task) || is_own_task() || is_starter())
		return 0;
	return guard_refuse();
}

INLINE int guard_trace(struct task_struct *task, __u32 mode)
{
	if (!(protects & PC_PROTECT_TRACING) || !(mode & PTRACE_MODE_ATTACH) || !is_owns(task) || is_own_task())
		return 0;
	return guard_refuse();
}

/* ---- BPF objects and their pins. ---- */

#define PF_EXITING 0x4U
/* Of DIR/live/NAME, seen from NAME. */
#define PIN_DEPTH 3
/* Mounts from that of the pins up to the root: two, as hosts are. */
#define MOUNT_DEPTH 8

/* The memory of one that is gone shows another task, or what was left of it: that it had ended. */
INLINE int own_lives(void)
{
	__u64 task = own_task;

	return (__u32)READ_AT(task_struct, task, tgid) == own_tgid && READ_AT(task_struct, task, start_boottime) == own_start &&
	       !((__u32)READ_AT(task_struct, task, flags) & PF_EXITING);
}

INLINE __u64 exe_inode(struct task_struct *task)
{
	__u64 mm = (__u64)AS_ADDRESS(task_struct, task)->mm, file = mm ? (__u64)READ_AT(mm_struct, mm, exe_file) : 0;

	return file ? (__u64)READ_AT(file, file, f_inode) : 0;
}

INLINE __u32 inode_device(__u64 inode)
{
	return READ_AT(super_block, READ_AT(inode, inode, i_sb), s_dev);
}

INLINE int is_own_exe(struct task_struct *task)
{
	__u64 inode = exe_inode(task);

	return inode && READ_AT(inode, inode, i_ino) == own_exe_ino && inode_device(inode) == own_exe_dev;
}

/* Once the daemon is gone the next one, and `policyctl detach`, are to come in. */
INLINE int guard_is_open(void)
{
	if (!(protects & PC_PROTECT_BPF) || is_own_task())
		return 1;
	return !own_lives() && (!is_sealed || is_own_exe(bpf_get_current_task_btf()));
}

/* Whoever has a descriptor of a map writes to it; of a program, runs it, or puts another in the place of a part of it. */
INLINE int guard_object(__u64 key)
{
	if (!bpf_map_lookup_elem(&guarded, &key) || guard_is_open())
		return 0;
	return guard_refuse();
}

/* Address of the task's file of that number; 0: there is none. */
INLINE __u64 open_file(struct task_struct *task, __u32 fd)
{
	__u64 file = 0;

	(void)bpf_probe_read_kernel(&file, sizeof(file), &AS_ADDRESS(task_struct, task)->files->fdt->fd[fd]);
	return file;
}

/* A link's descriptor has no hook; but what could be done with it names it first. */
INLINE int guard_link(int command, const void *attributes)
{
	__u64 file;
	__u32 fd = 0;

	if (command != BPF_LINK_UPDATE && command != BPF_LINK_DETACH)
		return 0;
	(void)bpf_probe_read_kernel(&fd, sizeof(fd), attributes);
	file = open_file(bpf_get_current_task_btf(), fd);
	return guard_object(READ_AT(bpf_link, READ_AT(file, file, private_data), id) | PC_GUARDED_LINK);
}

/* Who comes after a sealed one takes over all that is there. */
INLINE int pins_are_open(void)
{
	return !is_sealed && guard_is_open();
}

/* Of what is made, removed, or gets another name. */
INLINE int guard_pin(struct dentry *dentry)
{
	__u64 place = (__u64)dentry;

	if (!pins_dentry || (__u64)AS_ADDRESS(dentry, dentry)->d_sb != pins_sb)
		return 0;
	for (int i = 0; i < PIN_DEPTH; i++) {
		if (place == pins_dentry)
			return pins_are_open() ? 0 : guard_refuse();
		place = (__u64)READ_AT(dentry, place, d_parent);
	}
	return 0;
}

INLINE int change_guarded(struct dentry *dentry, __u32 operation, enum pc_hook hook)
{
	int r = guard_pin(dentry);

	return r ? r : change(dentry, operation, hook);
}

/* With its last mount a BPF file system ends, and what was pinned in it: that, or one that it lies below. */
INLINE int guard_umount(struct vfsmount *mount)
{
	__u64 asked = (__u64)mount - bpf_core_field_offset(struct mount, mnt), place = pins_mount;

	for (int i = 0; place && i < MOUNT_DEPTH; i++) {
		if (place == asked)
			return pins_are_open() ? 0 : guard_refuse();
		place = (__u64)READ_AT(mount, place, mnt_parent);
	}
	return 0;
}

INLINE void guard_learn_exe(struct task_struct *task)
{
	__u64 inode = exe_inode(task);

	own_exe_ino = READ_AT(inode, inode, i_ino);
	own_exe_dev = inode_device(inode);
}

/* The daemon's own, by an open descriptor of the folder; −1: it has none. */
INLINE void guard_learn_pins(struct task_struct *task, int fd)
{
	__u64 file = fd < 0 ? 0 : open_file(task, fd), dentry;

	dentry = file ? (__u64)READ_AT(file, file, f_path.dentry) : 0;
	pins_dentry = dentry;
	pins_mount = file ? (__u64)READ_AT(file, file, f_path.mnt) - bpf_core_field_offset(struct mount, mnt) : 0;
	pins_sb = dentry ? (__u64)READ_AT(dentry, dentry, d_sb) : 0;
}
