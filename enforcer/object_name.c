/* SPDX-License-Identifier: GPL-2.0-only */
/* object_name.c - the object of a record, written as a policy would write it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "family.h"
#include "object_name.h"
#include "system_object.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct number_name {
	unsigned int number;
	const char *name;
};

/* The protocols that the language has words for; icmp is 1 for IPv4 and 58 for IPv6. */
static const struct number_name protocols[] = {
	{ IPPROTO_TCP, "tcp" },	  { IPPROTO_UDP, "udp" },      { IPPROTO_SCTP, "sctp" },
	{ IPPROTO_ICMP, "icmp" }, { IPPROTO_ICMPV6, "icmp" },
};

static const char *protocol_name(unsigned int class)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i].number == class)
			return protocols[i].name;
	return NULL;
}

__attribute__((format(printf, 3, 4))) static size_t append(char *out, size_t used, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(out + used, OBJECT_NAME_MAX - used, format, arguments);
	va_end(arguments);
	return used + (n > 0 ? (size_t)n : 0);
}

static size_t write_address(const struct pc_event *event, size_t length, char *out)
{
	bool is_ip6 = event->kind == PC_KIND_IP6;
	const char *protocol = protocol_name(event->class);
	__u8 address[16] = {};
	char text[INET6_ADDRSTRLEN];
	size_t used;

	memcpy(address, event->object, length < sizeof(address) ? length : sizeof(address));
	(void)inet_ntop(is_ip6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	used = append(out, 0, "%s", text);
	if (protocol_has_ports((int)event->class))
		used = append(out, used, " port %u", event->port);
	if (event->class >= PC_CLASS_RAW)
		return append(out, used, " raw");
	if (protocol)
		return append(out, used, " %s", protocol);
	return append(out, used, " %u", event->class);
}

static size_t write_family(const struct pc_event *event, size_t length, char *out)
{
	unsigned int family = length > 0 ? (__u8)event->object[0] : AF_UNSPEC;
	const char *name = family_name(family);

	return name ? append(out, 0, "family:%s", name) : append(out, 0, "family:%u", family);
}

static size_t write_system(const struct pc_event *event, size_t length, char *out)
{
	unsigned int object = length > 0 ? (__u8)event->object[0] : 0;
	const char *name = system_object_name(object);

	return name ? append(out, 0, "%s", name) : append(out, 0, "system:%u", object);
}

size_t object_name_of(unsigned int kind, const char *bytes, size_t length, char out[OBJECT_NAME_MAX])
{
	static const char *const prefixes[PC_KINDS] = {
		[PC_KIND_PATH] = "",		     [PC_KIND_FOREIGN] = "foreign:", [PC_KIND_ANON] = "anon:",
		[PC_KIND_USERNS] = "userns:",	     [PC_KIND_JIT] = "jit:",	     [PC_KIND_UNRESOLVED] = "unresolved:",
		[PC_KIND_UNIX_PATH] = "unix:",	     [PC_KIND_UNIX_ABSTRACT] = "unix:@",
	};

	size_t used;

	if (kind >= PC_KINDS || !prefixes[kind])
		return append(out, 0, "kind:%u", kind);
	used = append(out, 0, "%s", prefixes[kind]);
	memcpy(out + used, bytes, length);
	return used + length;
}

size_t object_name(const struct pc_event *event, size_t length, char out[OBJECT_NAME_MAX])
{
	if (event->kind == PC_KIND_IP4 || event->kind == PC_KIND_IP6)
		return write_address(event, length, out);
	if (event->kind == PC_KIND_FAMILY)
		return write_family(event, length, out);
	if (event->kind == PC_KIND_SYSTEM)
		return write_system(event, length, out);
	return object_name_of(event->kind, event->object, length, out);
}
