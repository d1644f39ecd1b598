/* SPDX-License-Identifier: GPL-2.0-only */
/* portcullis.bpf.c - the hooks: each keeps an earlier denial, then gathers, decides and accounts. */
#include "connect.h"
#include "exec.h"
#include "open.h"
#include "unix.h"

SEC("lsm/file_open")
int BPF_PROG(on_file_open, struct file *file, int ret)
{
	return ret ? ret : open_decide(file);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(on_bprm_check_security, struct linux_binprm *bprm, int ret)
{
	return ret ? ret : exec_decide(bprm->file);
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

/* Run once by the daemon, which lives in the host's namespaces: tells the hooks which those are, and who it is. */
SEC("syscall")
int learn_host(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	host_mnt_ns = (__u64)task->nsproxy->mnt_ns;
	host_user_ns = (__u64)task->cred->user_ns;
	own_tgid = task->tgid;
	own_start = task->group_leader->start_boottime;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
