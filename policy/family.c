/* SPDX-License-Identifier: GPL-2.0-only */
/* family.c - names of address families that have no objects of their own. */
#include <errno.h>
#include <string.h>

#include "family.h"
#include "suggest.h"

/* linux/socket.h; the numbers are ABI, and some are newer than the C library's headers. */
static const struct {
	const char *name;
	__u8 number;
} families[] = {
	{ "ax25", 3 },      { "ipx", 4 },      { "appletalk", 5 },   { "netrom", 6 },   { "bridge", 7 },
	{ "atmpvc", 8 },    { "x25", 9 },      { "rose", 11 },       { "decnet", 12 },  { "netbeui", 13 },
	{ "security", 14 }, { "key", 15 },     { "netlink", 16 },    { "packet", 17 },  { "ash", 18 },
	{ "econet", 19 },   { "atmsvc", 20 },  { "rds", 21 },        { "sna", 22 },     { "irda", 23 },
	{ "pppox", 24 },    { "wanpipe", 25 }, { "llc", 26 },        { "ib", 27 },      { "mpls", 28 },
	{ "can", 29 },      { "tipc", 30 },    { "bluetooth", 31 },  { "iucv", 32 },    { "rxrpc", 33 },
	{ "isdn", 34 },     { "phonet", 35 },  { "ieee802154", 36 }, { "caif", 37 },    { "alg", 38 },
	{ "nfc", 39 },      { "vsock", 40 },   { "kcm", 41 },        { "qipcrtr", 42 }, { "xdp", 44 },
	{ "mctp", 45 },
};
#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))

/* These are judged by objects that say more; a rule on the family would never be asked. */
static const struct {
	const char *name;
	const char *remedy;
} named_otherwise[] = {
	{ "unspec", "a socket without a family connects nowhere" },
	{ "unix", "write unix:** and unix:@**" },
	{ "local", "write unix:** and unix:@**" },
	{ "inet", "write 0.0.0.0/0" },
	{ "inet6", "write ::/0" },
	{ "smc", "write an address and tcp, which includes SMC" },
};

int family_parse(const char *name, struct diags *d, const struct loc *loc, __u8 *ret_family)
{
	const char *names[FAMILY_COUNT + 1] = {};

	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		names[i] = families[i].name;
		if (strcmp(families[i].name, name))
			continue;
		*ret_family = families[i].number;
		return 0;
	}
	for (size_t i = 0; i < sizeof(named_otherwise) / sizeof(named_otherwise[0]); i++) {
		if (strcmp(named_otherwise[i].name, name))
			continue;
		diag_add(d, loc, DIAG_ERROR, "family:%s is never asked for; %s", name,
			 named_otherwise[i].remedy);
		return -EINVAL;
	}
	diag_add(d, loc, DIAG_ERROR, "unknown address family '%s'%s", name, suggest(name, names).text);
	return -EINVAL;
}

const char *family_name(unsigned int family)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++)
		if (families[i].number == family)
			return families[i].name;
	return NULL;
}
