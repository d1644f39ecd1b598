/* SPDX-License-Identifier: GPL-2.0-only */
/* link_list.c - the symbolic links that the names of a policy pass through. */
#include <string.h>

#include "link_list.h"
#include "ownership.h"

static void link_done(struct policy_link *link)
{
	free(link->name);
	free(link->target);
}

void policy_links_done(struct policy_links *links)
{
	for (size_t i = 0; i < links->count; i++)
		link_done(&links->list[i]);
	free(links->list);
	*links = (struct policy_links){};
}

int policy_links_add(struct policy_links *links, const char *name, const char *target)
{
	struct policy_link link = { .name = strdup(name), .target = strdup(target) };
	struct policy_link *grown = array_grow(links->list, links->count, sizeof(link));

	if (grown)
		links->list = grown;
	if (!grown || !link.name || !link.target) {
		link_done(&link);
		return -ENOMEM;
	}
	grown[links->count++] = link;
	return 0;
}

static int compare_links(const void *a, const void *b)
{
	return strcmp(((const struct policy_link *)a)->name, ((const struct policy_link *)b)->name);
}

void policy_links_sort(struct policy_links *links)
{
	size_t used = 0;

	if (links->count > 0)
		qsort(links->list, links->count, sizeof(*links->list), compare_links);
	for (size_t i = 0; i < links->count; i++) {
		if (used > 0 && !compare_links(&links->list[used - 1], &links->list[i]))
			link_done(&links->list[i]);
		else
			links->list[used++] = links->list[i];
	}
	links->count = used;
}
