/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * code.h - mmap_file, mmap_addr, file_mprotect and bprm_creds_for_exec: memory that is to be executed, and what is only
 * asked to be.
 *
 * A file's contents are judged by its name, as an exec of it would be. What is no unchanged part of a file, because it
 * has none, may be written to as well, or may have been written to before, is `jit:` besides, which only a rule that
 * names it touches.
 */
#pragma once

#include "dentry.h"

#define PROT_WRITE 2U
#define PROT_EXEC 4U
#define VM_EXEC 4U

/* The mapped file's dentry; 0 if it is none that anybody opened: shared anonymous memory has one that nobody sees. */
INLINE __u64 code_dentry(struct file *file)
{
	if (!file || file->f_inode->i_flags & S_PRIVATE)
		return 0;
	/* An overlay maps its layer's file in place of its own; before 6.5 that one had the overlay's path. */
	if (bpf_core_type_exists(struct backing_file) && is_internal_mount(file) &&
	    !(file->f_inode->i_sb->s_flags & SB_KERNMOUNT))
		return (__u64)BPF_CORE_READ((struct backing_file *)address_of(file), user_path.dentry);
	return address_of(file->f_path.dentry);
}

STUB jit_decide(__u32 hook)
{
	return stub_answer();
}

INLINE int jit_settle(__u32 hook)
{
	struct request req = {
		.section = PC_EXEC,
		.kind = PC_KIND_JIT,
		.access = PC_ACCESS_READ,
		.operation = PC_OP_MAP,
	};
	struct pc_answer answer;

	if (!request_begin(&req, hook))
		return PASSES;
	answer = request_ask(&req);
	if (answer.ref == PC_REF_NONE)
		return PASSES;
	request_enter(&req);
	answer_soften(&answer);
	request_account(&req, &answer);
	request_leave(&req);
	return PACK_ANSWER(answer);
}

INLINE int code_decide(__u64 dentry, enum pc_hook hook)
{
	return packed_return(dentry_decide(dentry, ASK(PC_EXEC, PC_ACCESS_READ, PC_OP_MAP), hook));
}

/* The common case, as of an exec: a file that is mapped as it was opened. */
APART int map_is_allowed(struct file *file)
{
	struct place place = { .section = PC_EXEC, .access = PC_ACCESS_READ };
	__u64 world = cache_world();
	__u32 asked = question_of_task(FMODE_EXEC, world);

	return recall_allows(open_recall(file, asked, world), FMODE_EXEC) || open_in_folder(file, &place, asked) == PLACE_ALLOWED;
}

INLINE int map_decide(struct file *file, __u32 prot)
{
	__u64 dentry;
	int ret;

	if (!(prot & PROT_EXEC))
		return 0;
	dentry = code_dentry(file);
	if (!dentry || prot & PROT_WRITE) {
		ret = packed_return(jit_decide(PC_HOOK_MAP));
		if (ret)
			return ret;
	}
	/* What the kernel maps for an exec has been decided when it was opened for that. */
	if (!dentry || file->f_flags & FMODE_EXEC)
		return 0;
	if (dentry == (__u64)file->f_path.dentry && map_is_allowed(file))
		return 0;
	return code_decide(dentry, PC_HOOK_MAP);
}

#define READ_IMPLIES_EXEC 0x400000U
/* The largest page there is. */
#define PAGE_MAX 65536

/* No hook sees the protection of what brk() adds, but its address is asked for: the next page above the heap. */
INLINE int heap_decide(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!(task->personality & READ_IMPLIES_EXEC) || address - AS_ADDRESS(task_struct, task)->mm->brk >= PAGE_MAX)
		return 0;
	return packed_return(jit_decide(PC_HOOK_HEAP));
}

INLINE int protect_decide(struct vm_area_struct *vma, __u32 prot)
{
	__u32 was_code = vma->vm_flags & VM_EXEC;
	__u64 dentry;
	int ret;

	if (!(prot & PROT_EXEC) || (was_code && !(prot & PROT_WRITE)))
		return 0;
	dentry = code_dentry(AS_ADDRESS(vm_area_struct, vma)->vm_file);
	if (!dentry || prot & PROT_WRITE || vma->anon_vma) {
		ret = packed_return(jit_decide(PC_HOOK_PROTECT));
		if (ret)
			return ret;
	}
	return dentry && !was_code ? code_decide(dentry, PC_HOOK_PROTECT) : 0;
}

/* execveat() with AT_EXECVE_CHECK ends here. Its open has been told as an exec's: what it is, is told besides. */
INLINE int check_decide(struct linux_binprm *bprm)
{
	if (!bpf_core_field_exists(bprm->is_check) || !BPF_CORE_READ_BITFIELD(bprm, is_check))
		return 0;
	return packed_return(dentry_decide(address_of(bprm->file->f_path.dentry),
					   ASK(PC_EXEC, PC_ACCESS_READ, PC_OP_CHECK), PC_HOOK_CHECK));
}
