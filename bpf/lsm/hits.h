/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hits.h - how often each rule decides, and when last.
 *
 * One map for each policy holds that for all its rules. So that CPUs need not share its lines, each counts what it meets
 * most in a few slots of its own: a rule that finds another one in its slot sends that one's count home.
 *
 * A rule that the next policy has as well keeps what it has: the daemon adds that to the next one's map.
 *
 * Two policies may be counted at once while one takes the other's place: the lowest bit of `hits` in an image's header
 * tells them apart.
 */
#pragma once

#include "walk.h"

struct inner_hits {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* rules of the policy */
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct pc_hit));
	__uint(map_flags, BPF_F_INNER_MAP | BPF_F_MMAPABLE);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, PC_HITS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__array(values, struct inner_hits);
} hits SEC(".maps");

volatile __u64 hits_gathered_at; /* when hits_gather() ran: in ticks, as pc_hit.last is */
volatile __u32 hits_cpus;	 /* that it looks at */

/* A rule of one of the two policies. */
#define HIT_RULE PC_REF_RULE_MASK
#define HIT_POLICY_SHIFT 28

INLINE __u32 hit_tag(pc_image_ref image, __u32 ref)
{
	return (ref & HIT_RULE) |
	       (pc_load32(image, __builtin_offsetof(struct pc_image_header, hits)) & 1) << HIT_POLICY_SHIFT;
}

/* ---- A CPU's own slots: a tag above a count. ---- */

#define SLOT_COUNT_BITS 34

INLINE __u64 slot_word(__u32 tag, __u64 count)
{
	return (__u64)tag << (SLOT_COUNT_BITS + 1) | count;
}

/* Of a word; the bit between tag and count is 0, or the count is about to run over. */
INLINE int slot_is_for(__u64 word, __u32 tag)
{
	return word >> SLOT_COUNT_BITS == (__u64)tag << 1;
}

/* A count on its way into its policy's map. */
INLINE void hits_add(__u32 tag, __u64 count, __u64 last)
{
	__u32 policy = tag >> HIT_POLICY_SHIFT & 1, rule = tag & HIT_RULE;
	void *inner = bpf_map_lookup_elem(&hits, &policy);
	struct pc_hit *hit = inner ? bpf_map_lookup_elem(inner, &rule) : NULL;

	if (!hit)
		return;
	__sync_fetch_and_add(&hit->count, count);
	if (hit->last < last)
		hit->last = last;
}

INLINE __u32 word_tag(__u64 word)
{
	return word >> (SLOT_COUNT_BITS + 1);
}

INLINE __u64 word_count(__u64 word)
{
	return word & ((1ULL << (SLOT_COUNT_BITS + 1)) - 1);
}

/* What the slot counted before goes home; a slot that changes under our hands is left to whoever changes it. */
APART int hit_move_in(struct pc_hit_slot *slot, __u32 tag)
{
	__u64 now = bpf_jiffies64(), word = slot->word, last = slot->last, mine = slot_word(tag, 1);

	if (__sync_val_compare_and_swap(&slot->word, word, mine) == word) {
		slot->last = now;
	} else {
		word = mine;
		last = now;
	}
	hits_add(word_tag(word), word_count(word), last);
	return 0;
}

/* `cpu` is that of the caller, or of a moment ago. The default is no rule. */
INLINE void hit_count_at(struct pc_cpu *cpu, __u32 tag)
{
	struct pc_hit_slot *slot;
	__u64 word;

	if (!(tag & HIT_RULE))
		return;
	slot = &cpu->slots[tag & (PC_HIT_SLOTS - 1)];
	word = slot->word;
	if (slot_is_for(word, tag) && __sync_val_compare_and_swap(&slot->word, word, word + 1) == word)
		slot->last = bpf_jiffies64();
	else
		hit_move_in(slot, tag);
}

APART int hit_count(__u32 tag)
{
	struct pc_cpu *cpu = cpu_find();

	if (cpu)
		hit_count_at(cpu, tag);
	return 0;
}

/* A plain allow that was found out in place, or was remembered. */
#define COUNT_PLAIN(member, section, tag)                                      \
	do {                                                                   \
		struct pc_cpu *cpu_ = cpu_find();                              \
		__u64 section_ = (section);                                    \
									       \
		barrier_var(section_);                                         \
		if (cpu_ && section_ < PC_SECTIONS) {                          \
			__sync_fetch_and_add(&cpu_->counters.member[section_], 1); \
			hit_count_at(cpu_, tag);                               \
		}                                                              \
	} while (0)

/* One that repeats what was recorded. */
INLINE void account_repeat(__u32 section, __u32 verdict, __u32 tag)
{
	struct pc_cpu *cpu = cpu_find();

	if (!cpu)
		return;
	account_add_at(cpu, section, verdict, PC_COALESCED);
	hit_count_at(cpu, tag);
}

/* ---- All of them, home: run by the daemon before it reads the map. ---- */

static long slot_gather(__u32 index, void *none)
{
	struct pc_cpu *cpu;
	struct pc_hit_slot *slot;
	__u32 zero = 0;
	__u64 word, last;

	cpu = bpf_map_lookup_percpu_elem(&counters, &zero, index / PC_HIT_SLOTS);
	if (!cpu)
		return 0;
	slot = &cpu->slots[index & (PC_HIT_SLOTS - 1)];
	word = slot->word;
	last = slot->last;
	/* Who counts on meanwhile has his count in one or the other. */
	if (word && __sync_val_compare_and_swap(&slot->word, word, 0) == word)
		hits_add(word_tag(word), word_count(word), last);
	return 0;
}

INLINE void hits_gather_all(void)
{
	hits_gathered_at = bpf_jiffies64();
	bpf_loop(hits_cpus * PC_HIT_SLOTS, slot_gather, NULL, 0);
}
