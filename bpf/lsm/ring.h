/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - the rings that carry records to the daemon: denials and would-denials have one of their own.
 *
 * Nobody can fill that one for others. Once half of it waits to be read, each kind of denial (profile, rule, user) has room for
 * one record until the reader has moved on; once three quarters do, each user in a profile. What is lost so is counted.
 */
#pragma once

#include "maps.h"

enum ring {
	RING_DENIALS,
	RING_PASSES,
	RINGS,
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 19);
} denials SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 19);
} passes SEC(".maps");

const volatile __u32 ring_size = 1 << 19;

#define KINDS 4096

/* Where the reader was when a kind of denial last got room in a crowded ring, plus 1. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, __u64);
} kinds SEC(".maps");

INLINE __u64 hash_mix(__u64 hash, __u64 word)
{
	/* Fibonacci hashing (Knuth, "The Art of Computer Programming", volume 3, 6.4). */
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* In a crowded ring; `waiting` bytes of it are unread. */
APART int kind_has_room(const struct pc_event *event, __u64 waiting)
{
	__u64 reader = bpf_ringbuf_query(&denials, BPF_RB_CONS_POS) + 1, kind;
	__u64 *last;
	__u32 index;

	kind = hash_mix(processes_seed, (__u64)event->profile << 32 | event->uid);
	if (waiting < ring_size / 4 * 3)
		kind = hash_mix(kind, event->rule);
	index = kind & (KINDS - 1);
	last = bpf_map_lookup_elem(&kinds, &index);
	if (!last || *(volatile __u64 *)last == reader)
		return 0;
	*(volatile __u64 *)last = reader;
	return 1;
}

INLINE int denials_have_room(const struct pc_event *event)
{
	__u64 waiting = bpf_ringbuf_query(&denials, BPF_RB_AVAIL_DATA);

	return waiting < ring_size / 2 || kind_has_room(event, waiting);
}

/* 0, or negative where there is no room. */
INLINE long ring_write(enum ring ring, void *record, __u64 size)
{
	return ring == RING_PASSES ? bpf_ringbuf_output(&passes, record, size, 0) :
				     bpf_ringbuf_output(&denials, record, size, 0);
}
