/* SPDX-License-Identifier: GPL-2.0-only */
/* address.h - addresses, ports and protocols of [connect] rules. */
#pragma once

#include "object.h"

/* ADDR[/LEN] or any, then [port LIST] [tcp|udp|sctp|icmp|raw|NUMBER]. Contract as object_parse(). */
int address_parse(const char *text, struct diags *d, const struct loc *loc, struct objects *ret_objects);
/* Whether the protocol (as in struct object) has ports. */
bool protocol_has_ports(int protocol);
