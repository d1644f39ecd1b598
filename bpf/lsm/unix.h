/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix.h - unix_stream_connect and unix_may_send: unix sockets by their peer.
 *
 * The address as it was typed has many spellings (relative, through links, another root); the peer's own dentry has
 * one name.
 */
#pragma once

#include "request.h"

INLINE void request_from_unix(struct request *req, struct unix_sock *peer)
{
	struct dentry *dentry = peer->path.dentry;
	struct unix_address *address = peer->addr;
	__u64 size;

	req->kind = PC_KIND_UNRESOLVED;
	if (!req->scratch) {
		count_trouble(PC_TROUBLE_NO_SCRATCH);
		return;
	}
	if (dentry) {
		req->ino = dentry->d_inode->i_ino;
		req->dev = dentry->d_sb->s_dev;
		name_dentry(req->scratch, &req->naming, dentry);
		req->kind = req->scratch->kind == PC_KIND_PATH ? PC_KIND_UNIX_PATH : req->scratch->kind;
		return;
	}
	/* The length counts the family and the leading NUL. */
	size = address->len - sizeof(__u16) - 1;
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

INLINE int unix_judge(struct request *req, struct unix_sock *peer)
{
	struct pc_answer answer;

	request_from_unix(req, peer);
	answer = request_ask(req);
	answer_soften(&answer);
	request_account(req, &answer);
	return verdict_return(&answer);
}

INLINE int unix_decide(enum pc_hook hook, struct sock *other)
{
	struct request req = { .section = PC_CONNECT, .access = PC_ACCESS_READ };
	struct unix_sock *peer = bpf_skc_to_unix_sock(other);
	int ret;

	/* A peer without an address has no name to be connected by: one end of a socketpair. */
	if (!peer || (!peer->path.dentry && !peer->addr))
		return 0;
	if (!request_begin(&req, hook))
		return 0;
	if (peer->path.dentry)
		naming_prepare(&req.naming, (__u64)peer->path.dentry->d_sb,
			       naming_key(peer->path.dentry, peer->path.dentry->d_sb));
	request_enter(&req);
	ret = unix_judge(&req, peer);
	request_leave(&req);
	return ret;
}
