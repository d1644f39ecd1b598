/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connect.h - socket_connect: the address that a socket is to be connected to. It is kernel memory already.
 *
 * An address is decoded by its own family: a socket for IPv6 takes IPv4 addresses too. Sockets of other families are
 * judged by their family; unix sockets by their peer (unix.h).
 */
#pragma once

#include "ip.h"
#include "shared.h"

/*
 * What a hook found out of a socket and an address, as one argument: of what else is told apart before the walk, the
 * verifier would follow each through all of it.
 */
#define ADDRESS_FAMILY_SHIFT 9 /* the class of the socket before it; what the address is taken for */
#define SOCKET_FAMILY_SHIFT 17
#define SOCKET_IS_SMC (1U << 25)
#define SOCKET_IS_ODD (1U << 26)   /* has a protocol that no rule can name */
#define SOCKET_IS_IP (1U << 27)
#define IS_MESSAGE (1U << 28)

INLINE int is_ip_socket(struct sock *sk)
{
	__u32 family = sk->__sk_common.skc_family;

	return family == AF_INET || family == AF_INET6 || family == AF_SMC;
}

INLINE __u32 address_traits(struct sock *sk, __u32 address_family)
{
	__u32 traits = class_of(sk) | (address_family & 0xff) << ADDRESS_FAMILY_SHIFT |
		       (sk->__sk_common.skc_family & 0xff) << SOCKET_FAMILY_SHIFT;

	if (is_smc(sk))
		traits |= SOCKET_IS_SMC;
	else if (has_odd_protocol(sk))
		traits |= SOCKET_IS_ODD;
	return is_ip_socket(sk) ? traits | SOCKET_IS_IP : traits;
}

INLINE __u32 traits_address_family(__u32 traits)
{
	return traits >> ADDRESS_FAMILY_SHIFT & 0xff;
}

/* An address that is neither IPv4 nor IPv6 is judged by the socket's family. */
INLINE int traits_are_ip(__u32 traits)
{
	__u32 family = traits_address_family(traits);

	return traits & SOCKET_IS_IP && (family == AF_INET || family == AF_INET6);
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

INLINE int socket_has_interface(__u64 sk)
{
	return BPF_CORE_READ((struct sock *)sk, __sk_common.skc_bound_dev_if) || BPF_CORE_READ((struct inet_sock *)sk, uc_index);
}

/*
 * To 0.0.0.0 is to the address that the socket is bound to, else to 127.0.0.1. A message may say by ancillary data, and a
 * socket by the interface that it is to use, that it is some other address of this host: then it can't be told. Of
 * several messages in one call only the first is asked about, so none can.
 */
INLINE int targets_from_ip4(struct scratch *scratch, __u64 sk, __u32 address, __u32 traits)
{
	__u32 bound;

	if (!address) {
		if (traits & (SOCKET_IS_SMC | IS_MESSAGE) || socket_has_interface(sk))
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
INLINE int targets_from_ip6(struct scratch *scratch, __u64 sk, const __u32 *address, __u32 traits)
{
	const __u32 loopback[4] = { 0, 0, 0, bpf_htonl(1) };

	if (address[0] == 0 && address[1] == 0 && address[2] == bpf_htonl(0xffff))
		return targets_from_ip4(scratch, sk, address[3], traits);
	if (address[0] | address[1] | address[2] | address[3]) {
		target_add_ip6(scratch, address);
		return 0;
	}
	target_add_ip6(scratch, loopback);
	target_add_ip4(scratch, bpf_htonl(0x7f000001));
	return 0;
}

/* −1: it can't be told. */
INLINE int targets_from_address(struct request *req, __u64 sk, __u64 address, __u32 size, __u32 traits)
{
	struct inet6_address read = {};
	struct inet_address *v4 = (struct inet_address *)&read;
	__u32 is_ip4 = traits_address_family(traits) == AF_INET;

	req->scratch->target_count = 0;
	if (traits & SOCKET_IS_ODD)
		return -1;
	if (is_ip4 ? size < SOCKADDR_IN_SIZE || bpf_probe_read_kernel(v4, sizeof(*v4), (void *)address) :
		     size < SOCKADDR_IN6_SIZE || bpf_probe_read_kernel(&read, sizeof(read), (void *)address))
		return -1;
	req->port = class_has_ports(req->class) ? bpf_ntohs(read.port) : 0;
	return is_ip4 ? targets_from_ip4(req->scratch, sk, v4->v4, traits) :
			targets_from_ip6(req->scratch, sk, read.v6, traits);
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
};

static long target_step(__u32 index, struct target_loop *loop)
{
	struct scratch *scratch = loop->scratch;
	struct target *target = &scratch->targets[index & (TARGETS_MAX - 1)];
	struct pc_answer answer;

	text_from_target(scratch, target);
	loop->req->kind = target->kind;
	answer = request_ask_address(loop->req);
	target->ref = answer.ref;
	target->verdict = answer.verdict;
	target->mode = answer.mode;
	return 0;
}

/* The record names the address that the answer is about. */
INLINE struct pc_answer targets_ask(struct request *req)
{
	struct target_loop loop = { .req = req, .scratch = req->scratch };
	struct target *target = req->scratch->targets;
	struct pc_answer answer = {};

	bpf_loop(req->scratch->target_count & (2 * TARGETS_MAX - 1), target_step, &loop, 0);
	if (req->scratch->target_count > 1 && target[1].verdict < target[0].verdict)
		target++;
	answer.ref = target->ref;
	answer.verdict = target->verdict;
	answer.mode = target->mode;
	req->kind = target->kind;
	bpf_probe_read_kernel(req->scratch->text, sizeof(target->address), target->address);
	req->scratch->length = target->kind == PC_KIND_IP4 ? 4 : 16;
	return answer;
}

/* By the socket's family, or, where the address can't be told, as unresolved. */
INLINE struct pc_answer family_ask(struct request *req, __u32 traits)
{
	req->kind = traits_are_ip(traits) || !req->scratch ? PC_KIND_UNRESOLVED : PC_KIND_FAMILY;
	if (req->kind == PC_KIND_UNRESOLVED)
		count_trouble(req->scratch ? PC_TROUBLE_ADDRESS : PC_TROUBLE_NO_SCRATCH);
	if (req->scratch) {
		req->scratch->text[0] = traits >> SOCKET_FAMILY_SHIFT;
		req->scratch->length = 1;
	}
	return request_ask(req);
}

/* Sends of other families have an address as a matter of course (netlink): a rule counts for them, no default. */
INLINE struct pc_answer address_judge(struct request *req, __u64 sk, __u64 address, __u32 size, __u32 traits)
{
	struct pc_answer answer;

	req->class = traits & (PC_CLASSES - 1);
	req->is_rules_only = req->operation == PC_OP_SEND && !(traits & SOCKET_IS_IP);
	if (req->scratch && traits_are_ip(traits) && targets_from_address(req, sk, address, size, traits) == 0)
		answer = targets_ask(req);
	else
		answer = family_ask(req, traits);
	answer_soften(&answer);
	if (answer.ref != PC_REF_NONE || !req->is_rules_only)
		request_account(req, &answer);
	return answer;
}

/* `sk` and `address` are kernel addresses. */
STUB address_decide(__u64 sk, __u64 address, __u32 size, __u32 traits, __u32 hook)
{
	return stub_answer();
}

INLINE int address_settle(__u64 sk, __u64 address, __u32 size, __u32 traits, __u32 hook)
{
	struct request req = { .section = PC_CONNECT, .access = PC_ACCESS_READ };
	struct pc_answer answer;

	if (!request_begin(&req, hook))
		return PASSES;
	req.operation = hook == PC_HOOK_SEND ? PC_OP_SEND : PC_OP_NONE;
	request_enter(&req);
	answer = address_judge(&req, sk, address, size, traits);
	request_leave(&req);
	return PACK_ANSWER(answer);
}

/* ---- The hook. ---- */

INLINE int ip6_connect_is_allowed(struct sock *sk, const void *address)
{
	struct inet6_address to;

	return !bpf_probe_read_kernel(&to, sizeof(to), address) && ip6_is_allowed(sk, &to);
}

/* Most connects end here. */
INLINE int connect_is_allowed(struct sock *sk, struct sockaddr *address, int size)
{
	/* Past the family the structure is the programs' own, and no kernel's to change. */
	const struct inet_address *ip4 = (const struct inet_address *)address;

	if (address->sa_family == AF_INET && size >= SOCKADDR_IN_SIZE)
		return ip4_is_allowed(sk, ip4->v4, ip4->port, CACHE_CONNECT);
	return address->sa_family == AF_INET6 && size >= SOCKADDR_IN6_SIZE && ip6_connect_is_allowed(sk, address);
}

INLINE int connect_decide(struct socket *sock, struct sockaddr *address, int size)
{
	struct sock *sk = sock->sk;

	/* Without a family there is nothing to connect to; the kernel refuses it by itself. */
	if (!sk || size < (int)sizeof(address->sa_family))
		return 0;
	if (connect_is_allowed(sk, address, size))
		return 0;
	/* AF_UNSPEC disconnects; a unix socket is judged by its peer. */
	if (sk->__sk_common.skc_family == AF_UNIX || (is_ip_socket(sk) && address->sa_family == AF_UNSPEC))
		return 0;
	return packed_return(address_decide(address_of(sk), address_of(address), size,
					    address_traits(sk, address->sa_family), PC_HOOK_CONNECT));
}
