/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * addresses.h - from addresses that were seen to networks: those of one /24 (IPv6: /64) with the same port and protocol
 * from ADDRESSES_MIN on.
 */
#pragma once

#include "learn/guard.h"
#include "learn/merge.h"

#define ADDRESSES_MIN 8

/* Sightings of one kind of address that are alike, in order. As merge_names(); the globs are objects of rules. */
int addresses_merge(struct sighting *const *list, size_t count, const struct guard *guard,
		    struct merged **ret_list, size_t *ret_count);
