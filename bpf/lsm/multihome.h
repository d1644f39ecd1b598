/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multihome.h - sctp_bind_connect and mptcp_add_subflow: further addresses of a connection.
 *
 * SCTP is given its peer's addresses in one list; each is a connect. Which address another subflow of MPTCP goes to
 * can't be told when it is made: it is judged as `unresolved:`.
 */
#pragma once

#include "connect.h"

/*
 * The option whose addresses are connected to, in whichever way they were given. Others are about the socket's own
 * addresses, about a message's address, which was judged before, or about what a peer tells of itself: that comes in an
 * interrupt, is nobody's request, and a buffer may be in use below it.
 */
#define SCTP_SOCKOPT_CONNECTX 110

#define SOCKADDR_IN6_FULL_SIZE 28
#define PEERS_MAX 64

struct peer_loop {
	__u64 sk;
	__u64 address;
	__u32 size;
	__u32 traits; /* of the socket */
	__u32 packed; /* the first answer that refuses, or the last */
};

/* One address of the list; what is left when it can't be told has none: without a size it is unresolved. */
static long peer_step(__u32 index, struct peer_loop *loop)
{
	__u32 length, size = loop->size;
	__u16 family;

	if (!size)
		return 1;
	if (bpf_probe_read_kernel(&family, sizeof(family), (void *)loop->address))
		family = AF_INET6;
	length = family == AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_FULL_SIZE;
	if (length > size || index == PEERS_MAX - 1)
		length = size = 0;
	if (family != AF_INET)
		family = AF_INET6;
	loop->packed = address_decide(loop->sk, loop->address, size, loop->traits | family << ADDRESS_FAMILY_SHIFT,
				      PC_HOOK_SCTP);
	loop->address += length;
	loop->size -= length;
	return !length || (loop->packed & 0xff) == PC_DENY;
}

INLINE int sctp_decide(struct sock *sk, __u32 option, __u64 address, int size)
{
	struct peer_loop loop = {
		.sk = address_of(sk),
		.address = address,
		.size = size,
		.traits = address_traits(sk, AF_UNSPEC),
		.packed = PASSES,
	};

	if (option != SCTP_SOCKOPT_CONNECTX)
		return 0;
	bpf_loop(PEERS_MAX, peer_step, &loop, 0);
	return packed_return(loop.packed);
}

/*
 * The first subflow is made with the socket and judged when it connects. Others are often made by a worker of the
 * kernel's on behalf of a process that can't be told any more.
 */
INLINE int subflow_decide(struct sock *sk)
{
	struct request req = { .section = PC_CONNECT, .kind = PC_KIND_UNRESOLVED, .access = PC_ACCESS_READ };
	struct pc_answer answer;

	req.class = IPPROTO_TCP;
	req.image = is_live ? image_get() : NULL;
	if (!req.image || !BPF_CORE_READ((struct mptcp_sock *)address_of(sk), first))
		return 0;
	request_enter(&req);
	answer = request_ask(&req);
	answer_soften(&answer);
	request_account(&req, &answer);
	request_leave(&req);
	return verdict_return(&answer);
}
