/* SPDX-License-Identifier: GPL-2.0-only */
/* portcullis.bpf.c - the hooks: each keeps an earlier denial, then gathers, decides and accounts. */
#include "census.h"
#include "code.h"
#include "connect.h"
#include "dentry.h"
#include "exec.h"
#include "guard.h"
#include "move.h"
#include "multihome.h"
#include "open.h"
#include "receive.h"
#include "send.h"
#include "system.h"
#include "unix.h"

SEC("lsm/file_open")
int BPF_PROG(on_file_open, struct file *file, int ret)
{
	return ret ? ret : open_decide(file);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(on_bprm_check_security, struct linux_binprm *bprm, int ret)
{
	return ret ? ret : exec_decide(bprm);
}

SEC("lsm/socket_connect")
int BPF_PROG(on_socket_connect, struct socket *sock, struct sockaddr *address, int addrlen, int ret)
{
	return ret ? ret : connect_decide(sock, address, addrlen);
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(on_unix_stream_connect, struct sock *sock, struct sock *other, struct sock *newsk, int ret)
{
	return ret ? ret : unix_decide(PC_HOOK_UNIX_CONNECT, other);
}

SEC("lsm/unix_may_send")
int BPF_PROG(on_unix_may_send, struct socket *sock, struct socket *other, int ret)
{
	struct sock *peer = other->sk;

	return ret || !peer ? ret : unix_decide(PC_HOOK_UNIX_SEND, peer);
}

/* ---- Messages, and further addresses of a connection. ---- */

SEC("lsm/socket_sendmsg")
int BPF_PROG(on_socket_sendmsg, struct socket *sock, struct msghdr *msg, int size, int ret)
{
	return ret ? ret : send_decide(sock, msg);
}

SEC("lsm/sctp_bind_connect")
int BPF_PROG(on_sctp_bind_connect, struct sock *sk, int option, struct sockaddr *address, int addrlen, int ret)
{
	return ret ? ret : sctp_decide(sk, option, address_of(address), addrlen);
}

/* 6.4 and later. */
SEC("?lsm/mptcp_add_subflow")
int BPF_PROG(on_mptcp_add_subflow, struct sock *sk, struct sock *subflow, int ret)
{
	return ret ? ret : subflow_decide(sk);
}

/* ---- Code and descriptors. ---- */

SEC("lsm/mmap_file")
int BPF_PROG(on_mmap_file, struct file *file, unsigned long asked, unsigned long prot, unsigned long flags, int ret)
{
	return ret ? ret : map_decide(file, prot);
}

SEC("lsm/mmap_addr")
int BPF_PROG(on_mmap_addr, unsigned long address, int ret)
{
	return ret ? ret : heap_decide(address);
}

SEC("lsm/file_mprotect")
int BPF_PROG(on_file_mprotect, struct vm_area_struct *vma, unsigned long asked, unsigned long prot, int ret)
{
	return ret ? ret : protect_decide(vma, prot);
}

SEC("lsm/bprm_creds_for_exec")
int BPF_PROG(on_bprm_creds_for_exec, struct linux_binprm *bprm, int ret)
{
	exec_begin();
	return ret ? ret : check_decide(bprm);
}

SEC("lsm/file_receive")
int BPF_PROG(on_file_receive, struct file *file, int ret)
{
	return ret ? ret : receive_decide(file);
}

/* ---- Names: `.write` on what is created, removed, moved or given other attributes. ---- */

SEC("lsm/inode_create")
int BPF_PROG(on_inode_create, struct inode *dir, struct dentry *dentry, __u16 mode, int ret)
{
	return ret ? ret : change_guarded(dentry, PC_OP_CREATE, PC_HOOK_CREATE);
}

SEC("lsm/inode_mknod")
int BPF_PROG(on_inode_mknod, struct inode *dir, struct dentry *dentry, __u16 mode, __u32 dev, int ret)
{
	return ret ? ret : change_guarded(dentry, PC_OP_CREATE, PC_HOOK_MKNOD);
}

SEC("lsm/inode_mkdir")
int BPF_PROG(on_inode_mkdir, struct inode *dir, struct dentry *dentry, __u16 mode, int ret)
{
	return ret ? ret : change_guarded(dentry, PC_OP_CREATE, PC_HOOK_MKDIR);
}

SEC("lsm/inode_symlink")
int BPF_PROG(on_inode_symlink, struct inode *dir, struct dentry *dentry, const char *target, int ret)
{
	return ret ? ret : change_guarded(dentry, PC_OP_CREATE, PC_HOOK_SYMLINK);
}

SEC("lsm/inode_unlink")
int BPF_PROG(on_inode_unlink, struct inode *dir, struct dentry *dentry, int ret)
{
	return ret ? ret : change_guarded(dentry, PC_OP_REMOVE, PC_HOOK_UNLINK);
}

SEC("lsm/inode_rmdir")
int BPF_PROG(on_inode_rmdir, struct inode *dir, struct dentry *dentry, int ret)
{
	return ret ? ret : change_guarded(dentry, PC_OP_REMOVE, PC_HOOK_RMDIR);
}

/* Runs twice for an exchange, once each way. */
SEC("lsm/inode_rename")
int BPF_PROG(on_inode_rename, struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir,
	     struct dentry *new_dentry, int ret)
{
	if (!ret)
		ret = guard_pin(old_dentry);
	if (!ret)
		ret = guard_pin(new_dentry);
	return ret ? ret : move(old_dentry, new_dentry, PC_OP_RENAME, PC_HOOK_RENAME);
}

SEC("lsm/inode_link")
int BPF_PROG(on_inode_link, struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry, int ret)
{
	if (!ret)
		ret = guard_pin(new_dentry);
	return ret ? ret : move(old_dentry, new_dentry, PC_OP_LINK, PC_HOOK_LINK);
}

/* Where a hook was given arguments since, the program's name ends in their number. */
SEC("?lsm/inode_setattr")
int BPF_PROG(on_inode_setattr__2, struct dentry *dentry, struct iattr *attr, int ret)
{
	return ret ? ret : setattr_change(dentry, attr);
}

/* 6.9 and later. */
SEC("?lsm/inode_setattr")
int BPF_PROG(on_inode_setattr__3, void *idmap, struct dentry *dentry, struct iattr *attr, int ret)
{
	return ret ? ret : setattr_change(dentry, attr);
}

SEC("lsm/inode_setxattr")
int BPF_PROG(on_inode_setxattr, void *idmap, struct dentry *dentry, const char *name, const void *value, __u64 size,
	     int flags, int ret)
{
	return ret ? ret : change(dentry, PC_OP_ATTRIBUTES, PC_HOOK_SETXATTR);
}

SEC("lsm/inode_removexattr")
int BPF_PROG(on_inode_removexattr, void *idmap, struct dentry *dentry, const char *name, int ret)
{
	return ret ? ret : change(dentry, PC_OP_ATTRIBUTES, PC_HOOK_REMOVEXATTR);
}

/* 6.2 and later; before that an ACL is an extended attribute like others. */
SEC("?lsm/inode_set_acl")
int BPF_PROG(on_inode_set_acl, void *idmap, struct dentry *dentry, const char *name, void *acl, int ret)
{
	return ret ? ret : change(dentry, PC_OP_ATTRIBUTES, PC_HOOK_SET_ACL);
}

SEC("?lsm/inode_remove_acl")
int BPF_PROG(on_inode_remove_acl, void *idmap, struct dentry *dentry, const char *name, int ret)
{
	return ret ? ret : change(dentry, PC_OP_ATTRIBUTES, PC_HOOK_REMOVE_ACL);
}

/* 6.17 and later: flags such as immutable. */
SEC("?lsm/inode_file_setattr")
int BPF_PROG(on_inode_file_setattr, struct dentry *dentry, void *attributes, int ret)
{
	return ret ? ret : change(dentry, PC_OP_ATTRIBUTES, PC_HOOK_FILE_SETATTR);
}

/* ---- [system]. ---- */

SEC("lsm/userns_create")
int BPF_PROG(on_userns_create, const struct cred *cred, int ret)
{
	return ret ? ret : system_decide(PC_SYSTEM_USERNS, PC_HOOK_USERNS);
}

SEC("lsm/sb_mount")
int BPF_PROG(on_sb_mount, const char *source, const struct path *path, const char *type, unsigned long flags, void *data,
	     int ret)
{
	return ret ? ret : system_decide(PC_SYSTEM_MOUNT, PC_HOOK_MOUNT);
}

/* By fsconfig(); a remount by mount() comes here besides. */
SEC("lsm/sb_remount")
int BPF_PROG(on_sb_remount, struct super_block *sb, void *options, int ret)
{
	return ret ? ret : system_decide(PC_SYSTEM_MOUNT, PC_HOOK_REMOUNT);
}

SEC("lsm/sb_umount")
int BPF_PROG(on_sb_umount, struct vfsmount *mount, int flags, int ret)
{
	if (!ret)
		ret = guard_umount(mount);
	return ret ? ret : system_decide(PC_SYSTEM_MOUNT, PC_HOOK_UMOUNT);
}

/* Attaches what fsmount() or open_tree() made, too. */
SEC("lsm/move_mount")
int BPF_PROG(on_move_mount, const struct path *from, const struct path *to, int ret)
{
	return ret ? ret : system_decide(PC_SYSTEM_MOUNT, PC_HOOK_MOVE_MOUNT);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(on_sb_pivotroot, const struct path *old, const struct path *new, int ret)
{
	return ret ? ret : system_decide(PC_SYSTEM_MOUNT, PC_HOOK_PIVOT);
}

SEC("?lsm/bpf")
int BPF_PROG(on_bpf__3, int command, void *attr, unsigned int size, int ret)
{
	if (!ret)
		ret = guard_link(command, attr);
	return ret ? ret : system_decide(PC_SYSTEM_BPF, PC_HOOK_BPF);
}

/* 6.16 and later. */
SEC("?lsm/bpf")
int BPF_PROG(on_bpf__4, int command, void *attr, unsigned int size, int kernel, int ret)
{
	if (!ret)
		ret = guard_link(command, attr);
	return ret ? ret : system_decide(PC_SYSTEM_BPF, PC_HOOK_BPF);
}

SEC("lsm/kernel_read_file")
int BPF_PROG(on_kernel_read_file, struct file *file, int id, int contents, int ret)
{
	return ret ? ret : read_file_decide(id);
}

SEC("lsm/kernel_load_data")
int BPF_PROG(on_kernel_load_data, int id, int contents, int ret)
{
	return ret ? ret : load_data_decide(id);
}

SEC("lsm/ptrace_access_check")
int BPF_PROG(on_ptrace_access_check, struct task_struct *child, unsigned int mode, int ret)
{
	if (!ret)
		ret = guard_trace(child, mode);
	return ret ? ret : ptrace_decide(child, mode);
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(on_ptrace_traceme, struct task_struct *parent, int ret)
{
	return ret ? ret : traceme_decide(parent);
}

/* ---- What is kept from the daemon: see guard.h. ---- */

SEC("lsm/task_kill")
int BPF_PROG(on_task_kill, struct task_struct *task, void *info, int signal, const struct cred *cred, int ret)
{
	canary_sees(PC_HOOK_KILL);
	return ret ? ret : guard_signal(task, signal);
}

SEC("lsm/file_send_sigiotask")
int BPF_PROG(on_file_send_sigiotask, struct task_struct *task, void *owner, int signal, int ret)
{
	canary_sees(PC_HOOK_FILE_SIGNAL);
	return ret ? ret : guard_file_signal(task, signal);
}

SEC("lsm/task_setrlimit")
int BPF_PROG(on_task_setrlimit, struct task_struct *task, unsigned int resource, void *limit, int ret)
{
	canary_sees(PC_HOOK_LIMIT);
	return ret ? ret : guard_limit(task);
}

SEC("lsm/bpf_map")
int BPF_PROG(on_bpf_map, struct bpf_map *map, unsigned int mode, int ret)
{
	canary_sees(PC_HOOK_MAP_OPEN);
	return ret ? ret : guard_object(map->id);
}

SEC("lsm/bpf_prog")
int BPF_PROG(on_bpf_prog, struct bpf_prog *prog, int ret)
{
	canary_sees(PC_HOOK_PROGRAM_OPEN);
	return ret ? ret : guard_object(AS_ADDRESS(bpf_prog, prog)->aux->id | PC_GUARDED_PROGRAM);
}

/* ---- Which profile a task is in: see subject.h. ---- */

SEC("lsm/task_alloc")
int BPF_PROG(on_task_alloc, struct task_struct *task, unsigned long flags, int ret)
{
	canary_sees(PC_HOOK_FORK);
	return ret ? ret : fork_decide(task);
}

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task_newtask, struct task_struct *task, unsigned long flags)
{
	canary_sees(PC_HOOK_NEW_TASK);
	subject_settle(task);
	return 0;
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(on_bprm_committed_creds, struct linux_binprm *bprm)
{
	canary_sees(PC_HOOK_COMMITTED);
	exec_commit(bprm);
	return 0;
}

/* Run by the daemon. */
SEC("iter/task")
int census(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task || task->flags & PF_KTHREAD)
		return 0;
	if (has_profiles)
		census_take(task);
	census_learn(task);
	return 0;
}

SEC("iter/task")
int roster(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && has_profiles && !(task->flags & PF_KTHREAD))
		roster_write(ctx->meta->seq, task);
	return 0;
}

/* ---- What the cache lives by: see cache.h. ---- */

SEC("lsm/d_instantiate")
int BPF_PROG(on_d_instantiate, struct dentry *dentry, struct inode *inode)
{
	canary_sees(PC_HOOK_INSTANTIATE);
	if (inode)
		cache_forget(dentry);
	return 0;
}

/* Under rename_lock, so one after the other, and never on top of another of their kind. */
SEC("?fentry/__d_move")
int BPF_PROG(on_d_move_begin, struct dentry *dentry, struct dentry *target, __u8 is_exchange)
{
	canary_sees(PC_HOOK_MOVE_BEGIN);
	cache_move_begin(dentry, target);
	return 0;
}

SEC("?fexit/__d_move")
int BPF_PROG(on_d_move_end, struct dentry *dentry, struct dentry *target, __u8 is_exchange)
{
	canary_sees(PC_HOOK_MOVE_END);
	cache_move_end(dentry, target);
	return 0;
}

/* A super block's address may be another's tomorrow: what is known of it ends with it. */
SEC("lsm/sb_delete")
int BPF_PROG(on_sb_delete, struct super_block *sb)
{
	__u64 key = (__u64)sb;
	struct fs_naming *naming = bpf_map_lookup_elem(&namings, &key);

	/* Should the element stay for want of a lock, it holds for nothing. */
	if (naming)
		naming->event = 0;
	bpf_map_delete_elem(&namings, &key);
	return 0;
}

/* ---- What hooks share: see shared.h. Loaded in this order, so behind their hooks. ---- */

SEC("freplace/dentry_decide")
int shared_dentry(__u64 dentry, __u32 ask, __u32 hook)
{
	return dentry_settle(dentry, ask, hook);
}

SEC("freplace/jit_decide")
int shared_jit(__u32 hook)
{
	return jit_settle(hook);
}

SEC("freplace/move_decide")
int shared_move(__u64 from, __u64 to, __u32 operation, __u32 hook)
{
	return move_settle(from, to, operation, hook);
}

SEC("freplace/address_decide")
int shared_address(__u64 sk, __u64 address, __u32 size, __u32 traits, __u32 hook)
{
	return address_settle(sk, address, size, traits, hook);
}

SEC("freplace/peer_decide")
int shared_peer(__u64 peer, __u32 hook)
{
	return peer_settle(peer, hook);
}

SEC("freplace/word_decide")
int shared_word(__u32 object, __u32 hook)
{
	return word_settle(object, hook);
}

/* Without profiles no program has its stub. */
#ifndef PC_WITHOUT_PROFILES
SEC("freplace/boundary_decide")
int shared_boundary(__u64 own, __u64 other, __u32 user, __u32 mode, __u32 hook)
{
	return boundary_settle(own, other, user, mode, hook);
}
#endif

/* Run once by the daemon, which lives in the host's namespaces: tells the hooks which those are, and who it is. */
SEC("syscall")
int learn_host(struct pc_learn *ctx)
{
	struct task_struct *task = AS_ADDRESS(task_struct, bpf_get_current_task_btf());

	host_mnt_ns = (__u64)task->nsproxy->mnt_ns;
	host_user_ns = (__u64)task->cred->user_ns;
	own_tgid = task->tgid;
	own_start = task->group_leader->start_boottime;
	own_task = (__u64)task->group_leader;
	daemon_program = own_program();
	guard_learn_exe(task);
	guard_learn_pins(task, ctx->pins);
	return 0;
}

/* Likewise, before it reads what rules have hit. */
SEC("syscall")
int hits_gather(void *ctx)
{
	hits_gather_all();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
