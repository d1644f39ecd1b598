/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connect.h - socket_connect: the address that a socket is to be connected to. It is kernel memory already.
 *
 * An address is decoded by its own family: a socket for IPv6 takes IPv4 addresses too. Sockets of other families are
 * judged by their family; unix sockets by their peer (unix.h).
 */
#pragma once

#include "request.h"

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_SMC 43
#define SOCK_RAW 3
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_DCCP 33
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136
#define IPPROTO_SMC 256
#define IPPROTO_MPTCP 262

#define SOCKADDR_IN_SIZE 16
/* RFC 2133's structure, without the scope, which the kernel still takes. */
#define SOCKADDR_IN6_SIZE 24

struct inet_address {
	__u16 family;
	__u16 port; /* network order */
	__u32 v4;
};

struct inet6_address {
	__u16 family;
	__u16 port; /* network order */
	__u32 flow;
	__u32 v6[4];
};

/* SMC's socket is not the one that connects: what that is bound to can't be told. */
INLINE int is_smc(struct sock *sk)
{
	return sk->__sk_common.skc_family == AF_SMC || sk->sk_protocol == IPPROTO_SMC;
}

INLINE __u32 class_of(struct sock *sk)
{
	__u32 protocol = sk->sk_protocol;

	if (is_smc(sk) || protocol == IPPROTO_MPTCP)
		return IPPROTO_TCP;
	protocol &= 255;
	return sk->sk_type == SOCK_RAW ? PC_CLASS_RAW + protocol : protocol;
}

INLINE int class_has_ports(__u32 class)
{
	return class == IPPROTO_TCP || class == IPPROTO_UDP || class == IPPROTO_DCCP || class == IPPROTO_SCTP ||
	       class == IPPROTO_UDPLITE;
}

/* ---- Where the connection goes. ---- */

INLINE void target_add_ip4(struct scratch *scratch, __u32 address)
{
	struct target *target = &scratch->targets[scratch->target_count & (TARGETS_MAX - 1)];

	target->kind = PC_KIND_IP4;
	target->address[0] = address;
	scratch->target_count++;
}

INLINE void target_add_ip6(struct scratch *scratch, const __u32 *address)
{
	struct target *target = &scratch->targets[scratch->target_count & (TARGETS_MAX - 1)];

	target->kind = PC_KIND_IP6;
	for (int i = 0; i < 4; i++)
		target->address[i] = address[i];
	scratch->target_count++;
}

/* A connect to 0.0.0.0 goes to the address that the socket is bound to, else to 127.0.0.1. */
INLINE int targets_from_ip4(struct scratch *scratch, struct sock *sk, __u32 address)
{
	__u32 bound;

	if (!address) {
		if (is_smc(sk))
			return -1;
		bound = BPF_CORE_READ((struct inet_sock *)sk, inet_saddr);
		address = bound ? bound : bpf_htonl(0x7f000001);
	}
	target_add_ip4(scratch, address);
	return 0;
}

/*
 * A connect to :: goes to ::1, or to 127.0.0.1 where the socket is bound to a mapped address: both are asked. A mapped
 * address is the IPv4 address.
 */
INLINE int targets_from_ip6(struct scratch *scratch, struct sock *sk, const __u32 *address)
{
	const __u32 loopback[4] = { 0, 0, 0, bpf_htonl(1) };

	if (address[0] == 0 && address[1] == 0 && address[2] == bpf_htonl(0xffff))
		return targets_from_ip4(scratch, sk, address[3]);
	if (address[0] | address[1] | address[2] | address[3]) {
		target_add_ip6(scratch, address);
		return 0;
	}
	target_add_ip6(scratch, loopback);
	target_add_ip4(scratch, bpf_htonl(0x7f000001));
	return 0;
}

/* −1: it can't be told. */
INLINE int targets_from_address(struct request *req, struct sock *sk, struct sockaddr *address, int size)
{
	struct inet6_address read = {};
	struct inet_address *v4 = (struct inet_address *)&read;
	__u32 is_ip4 = address->sa_family == AF_INET;

	req->scratch->target_count = 0;
	if (sk->sk_protocol > 255 && !is_smc(sk) && sk->sk_protocol != IPPROTO_MPTCP)
		return -1;
	if (is_ip4 ? size < SOCKADDR_IN_SIZE || bpf_probe_read_kernel(v4, sizeof(*v4), address) :
		     size < SOCKADDR_IN6_SIZE || bpf_probe_read_kernel(&read, sizeof(read), address))
		return -1;
	req->port = class_has_ports(req->class) ? bpf_ntohs(read.port) : 0;
	return is_ip4 ? targets_from_ip4(req->scratch, sk, v4->v4) : targets_from_ip6(req->scratch, sk, read.v6);
}

/* ---- The strictest answer of all of them. ---- */

/* Nibbles, high one first, as the automaton takes them. */
INLINE void text_from_target(struct scratch *scratch, const struct target *target)
{
	const __u8 *bytes = (const __u8 *)target->address;

	for (__u32 i = 0; i < sizeof(target->address); i++) {
		scratch->text[2 * i] = bytes[i] >> 4;
		scratch->text[2 * i + 1] = bytes[i] & 15;
	}
	scratch->length = target->kind == PC_KIND_IP4 ? 8 : 32;
}

struct target_loop {
	struct request *req;
	struct scratch *scratch;
	struct pc_answer answer;
};

static long target_step(__u32 index, struct target_loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct target *target = &scratch->targets[index & (TARGETS_MAX - 1)];
	struct request *req = loop->req;
	struct pc_answer answer;

	text_from_target(scratch, target);
	req->kind = target->kind;
	answer = request_ask_address(req);
	if (index == 0 || answer.verdict < loop->answer.verdict) {
		loop->answer = answer;
		scratch->chosen = index;
	}
	return 0;
}

/* The record names the address that the answer is about. */
INLINE struct pc_answer targets_ask(struct request *req)
{
	struct target_loop loop = { .req = req, .scratch = req->scratch };
	struct target *target;

	bpf_loop(req->scratch->target_count & (2 * TARGETS_MAX - 1), target_step, &loop, 0);
	target = &req->scratch->targets[req->scratch->chosen & (TARGETS_MAX - 1)];
	req->kind = target->kind;
	bpf_probe_read_kernel(req->scratch->text, sizeof(target->address), target->address);
	req->scratch->length = target->kind == PC_KIND_IP4 ? 4 : 16;
	return loop.answer;
}

/* By the socket's family, or, where the address can't be told, as unresolved. */
INLINE struct pc_answer family_ask(struct request *req, struct sock *sk, __u32 is_ip)
{
	req->kind = is_ip || !req->scratch ? PC_KIND_UNRESOLVED : PC_KIND_FAMILY;
	if (req->kind == PC_KIND_UNRESOLVED)
		count_trouble(req->scratch ? PC_TROUBLE_ADDRESS : PC_TROUBLE_NO_SCRATCH);
	if (req->scratch) {
		req->scratch->text[0] = sk->__sk_common.skc_family;
		req->scratch->length = 1;
	}
	return request_ask(req);
}

INLINE int connect_judge(struct request *req, struct sock *sk, struct sockaddr *address, int size, __u32 is_ip)
{
	struct pc_answer answer;

	req->class = class_of(sk);
	if (req->scratch && is_ip && targets_from_address(req, sk, address, size) == 0)
		answer = targets_ask(req);
	else
		answer = family_ask(req, sk, is_ip);
	answer_soften(&answer);
	request_account(req, &answer);
	return verdict_return(&answer);
}

INLINE int connect_decide(struct socket *sock, struct sockaddr *address, int size)
{
	struct sock *sk = sock->sk;
	struct request req = { .section = PC_CONNECT, .access = PC_ACCESS_READ };
	__u32 is_ip_socket, address_family, family;
	int ret;

	/* Without a family there is nothing to connect to; the kernel refuses it by itself. */
	if (!sk || size < (int)sizeof(address->sa_family))
		return 0;
	family = sk->__sk_common.skc_family;
	is_ip_socket = family == AF_INET || family == AF_INET6 || family == AF_SMC;
	address_family = address->sa_family;
	req.image = request_begin(PC_HOOK_CONNECT);
	/* AF_UNSPEC disconnects; a unix socket is judged by its peer. */
	if (!req.image || family == AF_UNIX || (is_ip_socket && address_family == AF_UNSPEC))
		return 0;
	request_enter(&req);
	ret = connect_judge(&req, sk, address, size,
			    is_ip_socket && (address_family == AF_INET || address_family == AF_INET6));
	request_leave(&req);
	return ret;
}
