/* SPDX-License-Identifier: GPL-2.0-only */
/* address.c - addresses, ports and protocols of [connect] rules. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "ownership.h"
#include "ports.h"
#include "suggest.h"

/* Longest of address/LEN, a word and a number; longer ones are wrong. */
#define WORD_SIZE 64
#define ANY_PROTOCOL (-1)
#define ICMP6 58

/* Those without a name are written as numbers. */
static const struct {
	const char *name;
	int number;
	bool has_ports;
} protocols[] = {
	{ "tcp", IPPROTO_TCP, true },    { "udp", IPPROTO_UDP, true },   { "sctp", IPPROTO_SCTP, true },
	{ "icmp", IPPROTO_ICMP, false }, { "raw", PC_CLASS_RAW, false }, { "", IPPROTO_DCCP, true },
	{ "", IPPROTO_UDPLITE, true },
};
static const char *const words_after_address[] = { "port", "tcp", "udp", "sctp", "icmp", "raw", NULL };

/* One object while its words are being read. */
struct address {
	struct diags *d;
	const struct loc *loc;
	const char *next; /* rest of the text */
	char word[WORD_SIZE];
	struct object object; /* owned */
	bool is_icmp;         /* by name: another number in IPv6 */
};

bool protocol_has_ports(int protocol)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].number == protocol)
			return protocols[i].has_ports;
	return protocol == ANY_PROTOCOL;
}

/* Cuts the next word off; cut short if it is too long to be right. False: the text is at its end. */
static bool next_word(struct address *address)
{
	size_t len;

	address->next += strspn(address->next, " \t");
	len = strcspn(address->next, " \t");
	(void)snprintf(address->word, sizeof(address->word), "%.*s", (int)len, address->next);
	address->next += len;
	return len > 0;
}

/* A decimal number without sign or blanks; −1: it is none, or larger than 99,999. */
static long parse_number(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return -1;
	return strtol(text, NULL, 10);
}

static unsigned int address_bits(const struct object *object)
{
	return object->kind == PC_KIND_IP4 ? 32 : 128;
}

static const char *address_print(const struct object *object, char *buf, socklen_t size)
{
	return inet_ntop(object->kind == PC_KIND_IP4 ? AF_INET : AF_INET6, object->address, buf, size);
}

/* ::ffff:10.0.0.0/104 is 10.0.0.0/8: no IPv6 packet bears such an address, but sockets spell IPv4 ones so. */
static void address_unmap(struct object *object)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (object->kind != PC_KIND_IP6 || object->prefix < 96 ||
	    memcmp(object->address, mapped, sizeof(mapped)))
		return;
	memmove(object->address, object->address + 12, 4);
	memset(object->address + 4, 0, 12);
	object->kind = PC_KIND_IP4;
	object->prefix -= 96;
}

static int address_check_host_bits(struct address *address, const char *written)
{
	struct object *object = &address->object;
	char host[INET6_ADDRSTRLEN], network[INET6_ADDRSTRLEN];
	bool has_host_bits = false;

	(void)address_print(object, host, sizeof(host));
	for (unsigned int bit = object->prefix; bit < address_bits(object); bit++) {
		__u8 mask = (__u8)(0x80 >> bit % 8);

		has_host_bits |= object->address[bit / 8] & mask;
		object->address[bit / 8] &= (__u8)~mask;
	}
	if (!has_host_bits)
		return 0;
	(void)address_print(object, network, sizeof(network));
	diag_add(address->d, address->loc, DIAG_ERROR,
		 "'%s' has bits set beyond its prefix; write %s/%u or %s", written, network, object->prefix,
		 host);
	return -EINVAL;
}

/* ADDR[/LEN], which is the current word. */
static int address_take_prefix(struct address *address)
{
	struct object *object = &address->object;
	char host[WORD_SIZE];
	char *slash;
	long prefix;

	memcpy(host, address->word, sizeof(host));
	slash = strchr(host, '/');
	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, host, object->address) == 1)
		object->kind = PC_KIND_IP4;
	else if (inet_pton(AF_INET6, host, object->address) == 1)
		object->kind = PC_KIND_IP6;
	else {
		diag_add(
			address->d, address->loc, DIAG_ERROR,
			"'%s' is not an address; host names are not looked up, write 10.1.2.3, 10.0.0.0/8, 2001:db8::/32 or any",
			address->word);
		return -EINVAL;
	}
	prefix = slash ? parse_number(slash + 1) : address_bits(object);
	if (prefix < 0 || prefix > address_bits(object)) {
		diag_add(address->d, address->loc, DIAG_ERROR, "prefix length '%s' is not in 0-%u", slash + 1,
			 address_bits(object));
		return -EINVAL;
	}
	object->prefix = (unsigned int)prefix;
	address_unmap(object);
	return address_check_host_bits(address, address->word);
}

/* The protocol, which is the current word. */
static int address_take_protocol(struct address *address)
{
	long number = parse_number(address->word);

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strcmp(protocols[i].name, address->word))
			continue;
		address->object.protocol = protocols[i].number;
		address->is_icmp = protocols[i].number == IPPROTO_ICMP;
		return 0;
	}
	if (number >= 0 && number <= 255) {
		address->object.protocol = (int)number;
		address->object.is_protocol_number = true;
		return 0;
	}
	if (number > 255)
		diag_add(address->d, address->loc, DIAG_ERROR, "protocol %ld is not in 0-255", number);
	else
		diag_add(address->d, address->loc, DIAG_ERROR, "unknown word '%s' after the address%s",
			 address->word, suggest(address->word, words_after_address).text);
	return -EINVAL;
}

static int address_take_ports(struct address *address)
{
	const char *list;
	size_t len;
	int r;

	address->next += strspn(address->next, " \t");
	list = address->next;
	len = strcspn(list, " \t");
	address->next += len;
	r = ports_parse(list, len, address->d, address->loc, &address->object.ports);
	if (r < 0)
		return r;
	address->object.port_count = (size_t)r;
	return 0;
}

/* What follows the address: [port LIST] [PROTOCOL]. */
static int address_take_rest(struct address *address)
{
	struct object *object = &address->object;
	int r = 0;

	object->protocol = ANY_PROTOCOL;
	if (!next_word(address))
		return 0;
	if (!strcmp(address->word, "port")) {
		r = address_take_ports(address);
		if (r < 0 || !next_word(address))
			return r;
	}
	r = address_take_protocol(address);
	if (r < 0)
		return r;
	if (object->port_count && !protocol_has_ports(object->protocol)) {
		diag_add(address->d, address->loc, DIAG_ERROR,
			 "protocol %s has no ports, the rule would never match", address->word);
		return -EINVAL;
	}
	if (!next_word(address))
		return 0;
	if (!strcmp(address->word, "port"))
		diag_add(address->d, address->loc, DIAG_ERROR,
			 "the protocol stands behind the ports: ADDRESS port LIST PROTOCOL");
	else
		diag_add(address->d, address->loc, DIAG_ERROR,
			 "'%s' is too much; an address is followed by [port LIST] [PROTOCOL]", address->word);
	return -EINVAL;
}

/* In IPv6, icmp is a protocol of another number. `any` is one object of each kind. */
static int address_finish(struct address *address, struct objects *ret_objects)
{
	struct objects objects = { .list[0] = address->object, .count = 1 };
	struct object *second = &objects.list[1];
	size_t size = address->object.port_count * sizeof(struct port_range);

	if (address->object.is_any) {
		*second = address->object;
		second->kind = PC_KIND_IP6;
		objects.count = 2;
		if (size > 0) {
			second->ports = malloc(size);
			if (!second->ports)
				return -ENOMEM;
			memcpy(second->ports, address->object.ports, size);
		}
	}
	for (size_t i = 0; i < objects.count; i++)
		if (objects.list[i].kind == PC_KIND_IP6 && address->is_icmp)
			objects.list[i].protocol = ICMP6;
	*ret_objects = objects;
	address->object = (struct object){};
	return 0;
}

int address_parse(const char *text, struct diags *d, const struct loc *loc, struct objects *ret_objects)
{
	struct address address = { .d = d, .loc = loc, .next = text, .object.kind = PC_KIND_IP4 };
	int r = 0;

	(void)next_word(&address);
	address.object.is_any = !strcmp(address.word, "any");
	if (!address.object.is_any)
		r = address_take_prefix(&address);
	if (r == 0)
		r = address_take_rest(&address);
	if (r == 0)
		r = address_finish(&address, ret_objects);
	object_done(&address.object);
	return r;
}
