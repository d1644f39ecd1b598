/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix.h - unix_stream_connect and unix_may_send: unix sockets by their peer.
 *
 * The address as it was typed has many spellings (relative, through links, another root); the peer's own dentry has
 * one name.
 */
#pragma once

#include "shared.h"

INLINE void request_from_unix(struct request *req, __u64 peer, __u64 dentry)
{
	struct unix_address *address = BPF_CORE_READ((struct unix_sock *)peer, addr);
	__u64 size;

	req->kind = PC_KIND_UNRESOLVED;
	if (!req->scratch) {
		count_trouble(PC_TROUBLE_NO_SCRATCH);
		return;
	}
	if (dentry) {
		req->ino = BPF_CORE_READ((struct dentry *)dentry, d_inode, i_ino);
		req->dev = BPF_CORE_READ((struct dentry *)dentry, d_sb, s_dev);
		name_plain(req->scratch, &req->naming, dentry);
		req->kind = req->scratch->kind == PC_KIND_PATH ? PC_KIND_UNIX_PATH : req->scratch->kind;
		return;
	}
	/* The length counts the family and the leading NUL. */
	size = BPF_CORE_READ(address, len) - sizeof(__u16) - 1;
	if (size >= sizeof(address->name[0].sun_path)) {
		count_trouble(PC_TROUBLE_ADDRESS);
		return;
	}
	size &= 127;
	if (bpf_probe_read_kernel(req->scratch->text, size, (char *)&address->name[0].sun_path + 1)) {
		count_trouble(PC_TROUBLE_FAULT);
		return;
	}
	req->scratch->length = size;
	req->kind = PC_KIND_UNIX_ABSTRACT;
}

INLINE struct pc_answer unix_judge(struct request *req, __u64 peer, __u64 dentry)
{
	struct pc_answer answer;

	request_from_unix(req, peer, dentry);
	answer = request_ask(req);
	answer_soften(&answer);
	request_account(req, &answer);
	return answer;
}

STUB peer_decide(__u64 peer, __u32 hook)
{
	return stub_answer();
}

INLINE int peer_settle(__u64 peer, __u32 hook)
{
	struct request req = { .section = PC_CONNECT, .access = PC_ACCESS_READ };
	__u64 dentry = (__u64)BPF_CORE_READ((struct unix_sock *)peer, path.dentry);
	struct pc_answer answer;

	if (!request_begin(&req, hook))
		return PASSES;
	if (dentry)
		naming_prepare_plain(&req.naming, dentry);
	request_enter(&req);
	answer = unix_judge(&req, peer, dentry);
	request_leave(&req);
	return PACK_ANSWER(answer);
}

INLINE int unix_decide(enum pc_hook hook, struct sock *other)
{
	struct unix_sock *peer = bpf_skc_to_unix_sock(other);

	/* A peer without an address has no name to be connected by: one end of a socketpair. */
	if (!peer || (!peer->path.dentry && !peer->addr))
		return 0;
	return packed_return(peer_decide(address_of(peer), hook));
}
