/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ip.h - connections and messages by IPv4 and IPv6 that are plain allows: told in place, without a request. For what is
 * recorded or refused, and for addresses that don't say which they are, see connect.h.
 *
 * Where there are profiles, connects by IPv4 are remembered besides. Messages aren't: a server sends to each of its clients.
 * All of them go the long way there while the policy is swapped or a directory moves, or with the cache off: see cache.h.
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

/* ---- Of a socket. ---- */

/* SMC's socket is not the one that connects: what that is bound to can't be told. */
INLINE int is_smc(struct sock *sk)
{
	return sk->__sk_common.skc_family == AF_SMC || (sk->sk_protocol == IPPROTO_SMC && sk->sk_type != SOCK_RAW);
}

/* One of more than a byte; but a raw socket sends the lowest byte of any. */
INLINE int has_odd_protocol(struct sock *sk)
{
	return sk->sk_protocol > 255 && sk->sk_protocol != IPPROTO_MPTCP && sk->sk_type != SOCK_RAW;
}

INLINE __u32 class_by(__u32 type, __u32 protocol)
{
	if (type == SOCK_RAW)
		return PC_CLASS_RAW + (protocol & 255);
	return protocol == IPPROTO_MPTCP ? IPPROTO_TCP : protocol & 255;
}

INLINE __u32 class_of(struct sock *sk)
{
	return is_smc(sk) ? IPPROTO_TCP : class_by(sk->sk_type, sk->sk_protocol);
}

INLINE int class_has_ports(__u32 class)
{
	return class == IPPROTO_TCP || class == IPPROTO_UDP || class == IPPROTO_DCCP || class == IPPROTO_SCTP ||
	       class == IPPROTO_UDPLITE;
}

/* ---- Where a connection goes, as the automaton and the intervals have it. ---- */

struct ip_target {
	__u32 kind;	  /* PC_KIND_IP4 or PC_KIND_IP6 */
	__u32 key;	  /* PC_INTERVAL_KEY */
	__u32 address[4]; /* IPv4: the first */
};

/* 0 for SMC and protocols that no rule can name. Of a socket of a family for IP. */
INLINE int ip_key(struct sock *sk, __u16 port, __u32 *ret_key)
{
	__u32 type = sk->sk_type, protocol = sk->sk_protocol, class = class_by(type, protocol);

	if (type != SOCK_RAW && protocol > 255 && protocol != IPPROTO_MPTCP)
		return 0;
	port = class_has_ports(class) ? bpf_ntohs(port) : 0;
	*ret_key = PC_INTERVAL_KEY(class, port);
	return 1;
}

/* 0 if it doesn't say which address it is. One of IPv4 may be written as one of IPv6. */
INLINE int ip6_target(struct ip_target *target, const __u32 *address)
{
	target->kind = PC_KIND_IP6;
	for (int i = 0; i < 4; i++)
		target->address[i] = address[i];
	if (address[0] | address[1])
		return 1;
	if (address[2] != bpf_htonl(0xffff))
		return address[2] | address[3];
	target->kind = PC_KIND_IP4;
	target->address[0] = address[3];
	return address[3];
}

/* ---- What the policy says of it. ---- */

/* High nibbles first. 0: that settles it. By hand: no compiler unrolls a loop with a way out of it. */
INLINE int walk_address_word(pc_image_ref image, __u32 *state, __u32 word)
{
	return pc_step_nibble(image, state, word >> 4 & 15) && pc_step_nibble(image, state, word & 15) &&
	       pc_step_nibble(image, state, word >> 12 & 15) && pc_step_nibble(image, state, word >> 8 & 15) &&
	       pc_step_nibble(image, state, word >> 20 & 15) && pc_step_nibble(image, state, word >> 16 & 15) &&
	       pc_step_nibble(image, state, word >> 28) && pc_step_nibble(image, state, word >> 24 & 15);
}

/* The cell that it ends in, from the state that addresses of its kind begin in. */
INLINE __u32 ip_cell(pc_image_ref image, __u32 state, const struct ip_target *target)
{
	(void)(walk_address_word(image, &state, target->address[0]) && target->kind == PC_KIND_IP6 &&
	       walk_address_word(image, &state, target->address[1]) &&
	       walk_address_word(image, &state, target->address[2]) &&
	       walk_address_word(image, &state, target->address[3]));
	return pc_interval_cell(image, pc_end(image, state), target->key);
}

INLINE __u32 ip_host_cell(pc_image_ref image, const struct ip_target *target)
{
	return ip_cell(image, pc_start(image, pc_host_section(PC_CONNECT), target->kind), target);
}

/* What allows it plainly, or PC_NOT_PLAIN. */
INLINE __u32 ip_ref(pc_image_ref image, const struct ip_target *target)
{
	return pc_plain(image, PC_CONNECT, ip_host_cell(image, target), PC_ACCESS_READ);
}

/* Likewise for a task in a profile. */
APART __u32 ip_ref_in_profile(pc_image_ref image, __u32 profile, const struct ip_target *target)
{
	__u32 cell;

	if (!image || profile & PROFILE_UNKNOWN)
		return PC_NOT_PLAIN;
	cell = ip_cell(image, profile_start(image, profile, PC_CONNECT, target->kind), target);
	return plain_in_profile(image, ASK(PC_CONNECT, PC_ACCESS_READ, 0), profile, ip_host_cell(image, target), cell);
}

/* Of IPv4, in place of a dentry's address: in the kernel none has upper bits that are 0. */
INLINE struct cache_key ip4_cache_key(__u32 address, __u32 key, __u32 asked)
{
	return cache_number_key((__u64)key << 32 | address, asked);
}

/* ---- Whether it is a plain allow, counted; 0 also where that can't be told in place. ---- */

/* Where there are profiles: by the policy of one world, as profile_look_up() has it. */
INLINE int ip_find_out(const struct ip_target *target, __u32 asked)
{
	const struct cache_key key = ip4_cache_key(target->address[0], target->key, asked);
	const struct cache_view view = cache_look(0);
	pc_image_ref image = plain_begin();
	__u32 profile = question_profile(asked), ref, tag;

	if (!image)
		return 0;
	ref = profile ? ip_ref_in_profile(image, profile, target) : ip_ref(image, target);
	if (ref == PC_NOT_PLAIN || !cache_is_current(&view))
		return 0;
	tag = hit_tag(image, ref);
	COUNT_PLAIN(plain, PC_CONNECT, tag);
	if (asked & CACHE_CONNECT)
		cache_number_fill(&key, &view, CACHED_ALLOW | tag);
	return 1;
}

/* Where there are none. */
INLINE int ip_is_plain(const struct ip_target *target)
{
	pc_image_ref image = plain_begin();
	__u32 ref = image ? ip_ref(image, target) : PC_NOT_PLAIN;

	if (ref == PC_NOT_PLAIN)
		return 0;
	COUNT_PLAIN(plain, PC_CONNECT, hit_tag(image, ref));
	return 1;
}

/* No address of a target, which would have to lie on the stack also where the cache knows the answer. */
APART int ip4_find_out(__u32 address, __u32 key, __u32 asked)
{
	const struct ip_target target = { .kind = PC_KIND_IP4, .address[0] = address, .key = forget(key) };

	return ip_find_out(&target, asked);
}

INLINE int ip4_is_remembered(__u32 address, __u32 key, __u32 asked, __u64 world)
{
	const struct cache_key place = ip4_cache_key(address, key, asked);
	__u32 state = cache_number_state(&place, world);

	if (!state)
		return 0;
	COUNT_PLAIN(remembered, PC_CONNECT, state & (CACHED_ALLOW - 1));
	return 1;
}

/*
 * `question`: CACHE_CONNECT of a connect, else 0. That there are profiles is known, and who had not seen it has ended, before a
 * policy with some is live (kernel_set.c).
 */
INLINE int ip4_is_plain(__u32 address, __u32 key, __u32 question)
{
	const struct ip_target target = { .kind = PC_KIND_IP4, .address[0] = address, .key = forget(key) };
	__u64 world;
	__u32 asked;

	if (!has_profiles)
		return ip_is_plain(&target);
	if (!is_plain_asker())
		return 0;
	world = cache_world();
	asked = question_of_task(question, world);
	return (question && ip4_is_remembered(address, key, asked, world)) || ip4_find_out(address, key, asked);
}

/* To an address that says which it is. */
INLINE int ip4_is_allowed(struct sock *sk, __u32 address, __u16 port, __u32 question)
{
	__u32 family = sk->__sk_common.skc_family, key;

	return address && (family == AF_INET || family == AF_INET6) && ip_key(sk, port, &key) &&
	       ip4_is_plain(address, key, question);
}

/* Nothing is remembered of it: 128 bits have no room in the cache. */
APART int ip6_is_allowed(struct sock *sk, const struct inet6_address *to)
{
	struct ip_target target;

	if (sk->__sk_common.skc_family != AF_INET6 || !ip6_target(&target, to->v6) || !ip_key(sk, to->port, &target.key))
		return 0;
	/* However they came about. */
	target.kind = forget(target.kind);
	target.key = forget(target.key);
	if (!has_profiles)
		return ip_is_plain(&target);
	return is_plain_asker() && ip_find_out(&target, question_of_task(0, cache_world()));
}
