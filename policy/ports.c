/* SPDX-License-Identifier: GPL-2.0-only */
/* ports.c - lists of ports: "22,8000-8100" → sorted ranges. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ownership.h"
#include "ports.h"

#define PORT_MAX 65535

static int port_parse(const char *text, size_t len, struct diags *d, const struct loc *loc, __u16 *ret_port)
{
	unsigned long port = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9') {
			diag_add(d, loc, DIAG_ERROR,
				 "'%.*s' is not a port; services are not looked up, write its number",
				 (int)len, text);
			return -EINVAL;
		}
		if (port <= PORT_MAX)
			port = 10 * port + (unsigned long)(text[i] - '0');
	}
	if (len == 0) {
		diag_add(d, loc, DIAG_ERROR,
			 "a port is missing; write port 22 or port 22,8000-8100, without blanks");
		return -EINVAL;
	}
	if (port == 0 || port > PORT_MAX) {
		diag_add(d, loc, DIAG_ERROR, "port %.*s is not in 1-%d", (int)len, text, PORT_MAX);
		return -EINVAL;
	}
	*ret_port = (__u16)port;
	return 0;
}

static int range_parse(const char *text, size_t len, struct diags *d, const struct loc *loc,
		       struct port_range *ret_range)
{
	const char *dash = memchr(text, '-', len);
	size_t first_len = dash ? (size_t)(dash - text) : len;
	struct port_range range;
	int r;

	r = port_parse(text, first_len, d, loc, &range.first);
	if (r < 0)
		return r;
	range.last = range.first;
	if (dash)
		r = port_parse(dash + 1, len - first_len - 1, d, loc, &range.last);
	if (r < 0)
		return r;
	if (range.last < range.first) {
		diag_add(d, loc, DIAG_ERROR, "port range %u-%u is backwards; write %u-%u", range.first,
			 range.last, range.last, range.first);
		return -EINVAL;
	}
	*ret_range = range;
	return 0;
}

static int compare_ranges(const void *left, const void *right)
{
	const struct port_range *a = left, *b = right;

	return (int)a->first - (int)b->first;
}

/* Sorts and joins what overlaps or touches; returns how many ranges are left. */
static size_t ports_merge(struct port_range *ports, size_t count)
{
	size_t last = 0;

	qsort(ports, count, sizeof(*ports), compare_ranges);
	for (size_t i = 1; i < count; i++) {
		if (ports[i].first > ports[last].last + 1)
			ports[++last] = ports[i];
		else if (ports[i].last > ports[last].last)
			ports[last].last = ports[i].last;
	}
	return last + 1;
}

int ports_parse(const char *list, size_t len, struct diags *d, const struct loc *loc,
		struct port_range **ret_ports)
{
	_cleanup_free_ struct port_range *ports = NULL;
	const char *end = list + len;
	size_t count = 0;

	for (;;) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		struct port_range *grown = array_grow(ports, count, sizeof(*ports));
		int r;

		if (!grown)
			return -ENOMEM;
		ports = grown;
		r = range_parse(list, (size_t)((comma ? comma : end) - list), d, loc, &ports[count]);
		if (r < 0)
			return r;
		count++;
		if (!comma)
			break;
		list = comma + 1;
	}
	count = ports_merge(ports, count);
	*ret_ports = take_ptr(ports);
	return (int)count;
}
