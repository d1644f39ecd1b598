/* SPDX-License-Identifier: GPL-2.0-only */
/* send.h - socket_sendmsg: the address that a message goes to without a connect. */
#pragma once

#include "connect.h"

#define MSG_FASTOPEN 0x20000000U

/* Streams look at a message's address only where it opens the connection. */
INLINE int message_has_target(struct sock *sk, struct msghdr *message)
{
	if (!message->msg_name || message->msg_namelen < (int)sizeof(__u16) || sk->__sk_common.skc_family == AF_UNIX)
		return 0;
	return !is_ip_socket(sk) || class_of(sk) != IPPROTO_TCP || message->msg_flags & MSG_FASTOPEN;
}

/*
 * An IP socket takes AF_UNSPEC for its own family, but for datagrams over IPv6, which have no address then, unless the
 * socket is turned into one for IPv4 meanwhile.
 */
INLINE __u32 message_family(struct sock *sk, struct msghdr *message)
{
	__u16 family = AF_UNSPEC;

	if (!is_ip_socket(sk) || bpf_probe_read_kernel(&family, sizeof(family), message->msg_name))
		return AF_UNSPEC;
	if (family == AF_UNSPEC)
		return sk->sk_type == SOCK_RAW && sk->__sk_common.skc_family == AF_INET6 ? AF_INET6 : AF_INET;
	return family;
}

INLINE int send_decide(struct socket *sock, struct msghdr *message)
{
	struct sock *sk = sock->sk;
	__u32 traits;

	if (!sk || !message_has_target(sk, message))
		return 0;
	traits = address_traits(sk, message_family(sk, message));
	if (message->msg_controllen)
		traits |= MESSAGE_HAS_CONTROL;
	return packed_return(address_decide(address_of(sk), address_of(message->msg_name), message->msg_namelen, traits,
					    PC_HOOK_SEND));
}
