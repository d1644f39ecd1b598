/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * receive.h - file_receive: a descriptor that comes from another process, by SCM_RIGHTS, pidfd_getfd() or seccomp.
 *
 * Who receives it gets what an open would give, and is asked the same. Sockets, pipes and the like were never opened by
 * a name. A file without one was made by its sender, so only a rule that names it counts.
 */
#pragma once

#include "dentry.h"

#define FMODE_READ 1U
#define FMODE_WRITE 2U
/* O_PATH: what it gives is asked when it is opened again. */
#define FMODE_PATH 0x4000U

INLINE int receive_decide(struct file *file)
{
	__u32 access = file->f_mode & (FMODE_READ | FMODE_WRITE), ask;
	__u64 magic = file->f_inode->i_sb->s_magic;

	if (!access && file->f_mode & FMODE_PATH)
		return 0;
	if (!access)
		access = PC_ACCESS_READ | PC_ACCESS_WRITE;
	ask = ASK(PC_OPEN, access, PC_OP_RECEIVE);
	if (is_internal_mount(file)) {
		if (magic != TMPFS_MAGIC && magic != HUGETLBFS_MAGIC)
			return 0;
		ask |= ASK_RULES_ONLY;
	}
	return packed_return(dentry_decide(address_of(file->f_path.dentry), ask, PC_HOOK_RECEIVE));
}
