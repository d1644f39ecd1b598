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

/* Nibbles, high one first, as the automaton takes them. */
INLINE void text_from_address(struct scratch *scratch, const __u8 *bytes, __u32 size)
{
	for (__u32 i = 0; i < size; i++) {
		scratch->text[2 * i] = bytes[i] >> 4;
		scratch->text[2 * i + 1] = bytes[i] & 15;
	}
	scratch->length = 2 * size;
}

/* Judges one address; `address` holds 4 or 16 bytes in network order. */
INLINE struct pc_answer address_ask(struct request *req, const void *address, __u32 kind)
{
	req->kind = kind;
	text_from_address(req->scratch, address, kind == PC_KIND_IP4 ? 4 : 16);
	return request_ask(req);
}

INLINE struct pc_answer ip4_ask(struct request *req, __u32 address)
{
	return address_ask(req, &address, PC_KIND_IP4);
}

INLINE struct pc_answer unreadable_ask(struct request *req)
{
	count_trouble(req->scratch ? PC_TROUBLE_ADDRESS : PC_TROUBLE_NO_SCRATCH);
	req->kind = PC_KIND_UNRESOLVED;
	return request_ask(req);
}

/* A connect to 0.0.0.0 goes to the address that the socket is bound to, else to 127.0.0.1. */
INLINE struct pc_answer ip4_target_ask(struct request *req, struct sock *sk, __u32 address)
{
	__u32 bound;

	if (!address) {
		if (is_smc(sk))
			return unreadable_ask(req);
		bound = BPF_CORE_READ((struct inet_sock *)sk, inet_saddr);
		address = bound ? bound : bpf_htonl(0x7f000001);
	}
	return ip4_ask(req, address);
}

/* A connect to :: goes to ::1, or to 127.0.0.1 where the socket is bound to a mapped address: both are asked. */
INLINE struct pc_answer any_ip6_ask(struct request *req)
{
	const __u32 loopback[4] = { 0, 0, 0, bpf_htonl(1) };
	struct pc_answer v4 = ip4_ask(req, bpf_htonl(0x7f000001));
	struct pc_answer v6 = address_ask(req, loopback, PC_KIND_IP6);

	if (v6.verdict <= v4.verdict)
		return v6;
	/* The record names the address that was refused. */
	return ip4_ask(req, bpf_htonl(0x7f000001));
}

/* An address mapped into IPv6 is the IPv4 address. */
INLINE struct pc_answer ip6_target_ask(struct request *req, struct sock *sk, const __u32 *address)
{
	if (address[0] == 0 && address[1] == 0 && address[2] == bpf_htonl(0xffff))
		return ip4_target_ask(req, sk, address[3]);
	if (!(address[0] | address[1] | address[2] | address[3]))
		return any_ip6_ask(req);
	return address_ask(req, address, PC_KIND_IP6);
}

INLINE struct pc_answer ip_ask(struct request *req, struct sock *sk, struct sockaddr *address, int size)
{
	struct inet6_address read = {};

	if (!req->scratch || (sk->sk_protocol > 255 && !is_smc(sk) && sk->sk_protocol != IPPROTO_MPTCP))
		return unreadable_ask(req);
	if (address->sa_family == AF_INET) {
		struct inet_address *v4 = (struct inet_address *)&read;

		if (size < SOCKADDR_IN_SIZE || bpf_probe_read_kernel(v4, sizeof(*v4), address))
			return unreadable_ask(req);
		req->port = class_has_ports(req->class) ? bpf_ntohs(v4->port) : 0;
		return ip4_target_ask(req, sk, v4->v4);
	}
	if (size < SOCKADDR_IN6_SIZE || bpf_probe_read_kernel(&read, sizeof(read), address))
		return unreadable_ask(req);
	req->port = class_has_ports(req->class) ? bpf_ntohs(read.port) : 0;
	return ip6_target_ask(req, sk, read.v6);
}

INLINE struct pc_answer family_ask(struct request *req, struct sock *sk)
{
	if (!req->scratch)
		return unreadable_ask(req);
	req->kind = PC_KIND_FAMILY;
	req->scratch->text[0] = sk->__sk_common.skc_family;
	req->scratch->length = 1;
	return request_ask(req);
}

/* What is fed in nibbles is recorded in bytes. */
INLINE void text_pack_nibbles(struct scratch *scratch)
{
	for (int i = 0; i < 16; i++)
		scratch->text[i] = scratch->text[2 * i] << 4 | scratch->text[2 * i + 1];
	scratch->length /= 2;
}

INLINE int connect_judge(struct request *req, struct sock *sk, struct sockaddr *address, int size, __u32 is_ip)
{
	struct pc_answer answer;

	req->class = class_of(sk);
	answer = is_ip ? ip_ask(req, sk, address, size) : family_ask(req, sk);
	answer_soften(&answer);
	if (req->scratch && (req->kind == PC_KIND_IP4 || req->kind == PC_KIND_IP6))
		text_pack_nibbles(req->scratch);
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
	scratch_enter();
	req.scratch = scratch_take();
	ret = connect_judge(&req, sk, address, size,
			    is_ip_socket && (address_family == AF_INET || address_family == AF_INET6));
	if (req.scratch)
		scratch_give(req.scratch);
	scratch_leave();
	return ret;
}
