/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * send.h - socket_sendmsg: the address that a message goes to without a connect.
 *
 * Sockets of other families than IP and unix may have one of their own making: to netlink, what has none goes to the
 * kernel, and a packet socket sends by the interface that it is bound to. They are judged by their family.
 */
#pragma once

#include "connect.h"

#define MSG_FASTOPEN 0x20000000U

#define SOCK_STREAM 1
#define SOCK_SEQPACKET 5

/* Streams look at a message's address only where it opens the connection; that of other families was connected. */
INLINE int message_has_target(struct sock *sk, struct msghdr *message)
{
	if (!is_ip_socket(sk))
		return sk->__sk_common.skc_family != AF_UNIX && sk->sk_type != SOCK_STREAM && sk->sk_type != SOCK_SEQPACKET;
	if (!message->msg_name || message->msg_namelen < (int)sizeof(__u16))
		return 0;
	return class_of(sk) != IPPROTO_TCP || message->msg_flags & MSG_FASTOPEN;
}

INLINE int is_udp(struct sock *sk)
{
	__u32 class = class_of(sk);

	return class == IPPROTO_UDP || class == IPPROTO_UDPLITE;
}

/*
 * An IP socket takes AF_UNSPEC for its own family, but for UDP over IPv6, which has no address then, unless the socket is
 * turned into one for IPv4 meanwhile.
 */
INLINE __u32 message_family(struct sock *sk, struct msghdr *message)
{
	__u16 family = AF_UNSPEC;

	if (!is_ip_socket(sk) || bpf_probe_read_kernel(&family, sizeof(family), message->msg_name))
		return AF_UNSPEC;
	if (family == AF_UNSPEC)
		return sk->__sk_common.skc_family == AF_INET6 && !is_udp(sk) ? AF_INET6 : AF_INET;
	return family;
}

INLINE int message_is_allowed(struct sock *sk, struct msghdr *message)
{
	struct inet6_address to;
	const struct inet_address *ip4 = (const struct inet_address *)&to;

	if (!is_ip_socket(sk) || message->msg_namelen < SOCKADDR_IN_SIZE ||
	    bpf_probe_read_kernel(&to, SOCKADDR_IN_SIZE, message->msg_name))
		return 0;
	if (to.family == AF_INET)
		return ip4_is_allowed(sk, ip4->v4, ip4->port, 0);
	return to.family == AF_INET6 && message->msg_namelen >= SOCKADDR_IN6_SIZE &&
	       !bpf_probe_read_kernel(&to, sizeof(to), message->msg_name) && ip6_is_allowed(sk, &to);
}

INLINE int send_decide(struct socket *sock, struct msghdr *message)
{
	struct sock *sk = sock->sk;
	__u32 traits;

	if (!sk || !message_has_target(sk, message))
		return 0;
	if (message_is_allowed(sk, message))
		return 0;
	traits = address_traits(sk, message_family(sk, message)) | IS_MESSAGE;
	return packed_return(address_decide(address_of(sk), address_of(message->msg_name), message->msg_namelen, traits,
					    PC_HOOK_SEND));
}
