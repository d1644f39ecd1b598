/* SPDX-License-Identifier: GPL-2.0-only */
/* addresses.c - from addresses that were seen to networks. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "learn/addresses.h"
#include "ownership.h"

#define PREFIX_IP4 24
#define PREFIX_IP6 64

/* An address on its way into a network: which sighting it is. */
struct member {
	const struct sighting *sighting;
	size_t index;
};

static unsigned int prefix_of(const struct sighting *sighting)
{
	return sighting->question.kind == PC_KIND_IP4 ? PREFIX_IP4 : PREFIX_IP6;
}

static int compare_networks(const struct sighting *a, const struct sighting *b)
{
	int order = memcmp(a->bytes, b->bytes, prefix_of(a) / 8);

	if (order != 0)
		return order;
	if (a->question.class != b->question.class)
		return a->question.class < b->question.class ? -1 : 1;
	return (a->question.port > b->question.port) - (a->question.port < b->question.port);
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = compare_networks(x->sighting, y->sighting);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* " port 443 tcp": what stands behind the address. */
static const char *behind_address(const struct sighting *sighting)
{
	return sighting->object + strcspn(sighting->object, " ");
}

static char *write_network(const struct sighting *sighting)
{
	unsigned int prefix = prefix_of(sighting);
	char address[INET6_ADDRSTRLEN], *text;
	__u8 bytes[16] = {};

	memcpy(bytes, sighting->bytes, prefix / 8);
	(void)inet_ntop(sighting->question.kind == PC_KIND_IP4 ? AF_INET : AF_INET6, bytes, address,
			sizeof(address));
	return asprintf(&text, "%s/%u%s", address, prefix, behind_address(sighting)) < 0 ? NULL : text;
}

/* Takes the text over. */
static int add(struct merged **list, size_t *count, char *text, const struct member *members,
	       size_t member_count)
{
	struct merged *grown = text ? array_grow(*list, *count, sizeof(*grown)) : NULL;
	size_t *numbers = calloc(member_count, sizeof(*numbers));

	if (grown)
		*list = grown;
	if (!grown || !numbers) {
		free(numbers);
		free(text);
		return -ENOMEM;
	}
	for (size_t i = 0; i < member_count; i++)
		numbers[i] = members[i].index;
	grown[(*count)++] = (struct merged){ .glob = text, .members = numbers, .count = member_count };
	return 0;
}

static int add_network(struct merged **list, size_t *count, const struct member *members, size_t member_count,
		       const struct guard *guard)
{
	const struct sighting *first = members->sighting;
	int r = 0;

	if (member_count >= ADDRESSES_MIN && guard_may_network(guard, first, prefix_of(first)))
		return add(list, count, write_network(first), members, member_count);
	for (size_t i = 0; r == 0 && i < member_count; i++)
		r = add(list, count, strdup(members[i].sighting->object), &members[i], 1);
	return r;
}

int addresses_merge(struct sighting *const *list, size_t count, const struct guard *guard,
		    struct merged **ret_list, size_t *ret_count)
{
	_cleanup_free_ struct member *members = calloc(count + 1, sizeof(*members));
	struct merged *merged = NULL;
	size_t merged_count = 0, first = 0;
	int r = members ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < count; i++)
		members[i] = (struct member){ list[i], i };
	if (r == 0)
		qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 1; r == 0 && i <= count; i++) {
		if (i < count && compare_networks(members[first].sighting, members[i].sighting) == 0)
			continue;
		r = add_network(&merged, &merged_count, members + first, i - first, guard);
		first = i;
	}
	if (r < 0) {
		merged_free(merged, merged_count);
		return r;
	}
	*ret_list = merged;
	*ret_count = merged_count;
	return 0;
}
