/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * receive.h - file_receive: a descriptor that comes from another process, by SCM_RIGHTS, pidfd_getfd() or seccomp.
 *
 * Who receives it gets what an open would give, and is asked the same. Sockets, pipes and the like were never opened by
 * a name. Of files without one, only a rule that names them counts.
 */
#pragma once

#include "dentry.h"

#define FMODE_READ 1U
#define FMODE_WRITE 2U
/* O_PATH: what it gives is asked when it is opened again. */
#define FMODE_PATH 0x4000U

INLINE int receive_decide(struct file *received)
{
	struct file *file = AS_ADDRESS(file, received);
	__u32 access = file->f_mode & (FMODE_READ | FMODE_WRITE);
	__u64 magic = file->f_inode->i_sb->s_magic;

	if (!access && file->f_mode & FMODE_PATH)
		return 0;
	if (!access)
		access = PC_ACCESS_READ | PC_ACCESS_WRITE;
	if (is_internal_mount(file) && magic != TMPFS_MAGIC && magic != HUGETLBFS_MAGIC)
		return 0;
	return packed_return(dentry_decide(address_of(file->f_path.dentry), ASK(PC_OPEN, access, PC_OP_RECEIVE),
					   PC_HOOK_RECEIVE));
}
