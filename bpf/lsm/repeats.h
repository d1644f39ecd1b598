/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * repeats.h - a decision that was recorded a moment ago, and is made again: counted, where the daemon finds it when the
 * window is over.
 *
 * What is the same: profile, hook, rule, verdict, object and program. A hash of them all names the place; its seed is
 * secret, so nobody can make two things alike. An open that the cache knows finds the place without its name.
 *
 * A place's version is odd while somebody writes to it. Who counts there has read that it holds for him, and adds by
 * compare-and-swap: had it become another's meanwhile, the version would be another one.
 */
#pragma once

#include "cache.h"
#include "ring.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PC_REPEATS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct pc_repeat);
} repeats SEC(".maps");

/* Places that one key may be at. */
#define REPEAT_WAYS 2
/* What the cache says of a file (cache.h): a place here. */
#define REPEAT_PLACE (PC_REPEATS - 1)

/* ---- What is the same. ---- */

/* Words of a text that are taken without a call for each. */
#define TEXT_WORDS 8

/* Up to eight bytes more; 1 at the end. */
INLINE long text_hash_word(struct scratch *scratch)
{
	struct text_hash *text = &scratch->hash;
	__u64 word = *(const __u64 *)(scratch->text + (text->at & ARGUMENTS_MASK)), left = text->left;

	if (left < 8) {
		/* What lies behind the end is an earlier text's. */
		word &= (1ULL << 8 * (left & 7)) - 1;
		text->hash = hash_mix(text->hash, word + left);
		return 1;
	}
	text->hash = hash_mix(text->hash, word);
	text->at += 8;
	text->left -= 8;
	return 0;
}

static long text_hash_turn(__u32 index, struct loop *loop)
{
	return text_hash_word(loop->scratch);
}

/* Of that much of the scratch's name. */
APART __u64 text_hash(struct scratch *scratch, __u64 length)
{
	struct loop loop = { .scratch = scratch };

	if (!scratch)
		return 0;
	scratch->hash.at = scratch->begin & TEXT_MASK;
	scratch->hash.left = length;
	scratch->hash.hash = processes_seed;
	for (__u32 i = 0; i < TEXT_WORDS; i++)
		if (text_hash_word(scratch))
			return scratch->hash.hash;
	bpf_loop(PC_TEXT_MAX / 8, text_hash_turn, &loop, 0);
	return scratch->hash.hash;
}

/* The daemon's: what it is let off is told each time, so no place is for that. */
volatile __u64 daemon_program;

/* Pointers can't be reckoned with, but their distance from one that stays the same can. */
INLINE __u64 pointer_number(const void *pointer)
{
	__u64 number = (__u64)pointer;

	asm volatile("%0 -= %1" : "+r"(number) : "r"(&policies));
	return number;
}

/* The current task's, by the dentry of what it runs, as in process.h. */
INLINE __u64 own_program(void)
{
	return pointer_number(AS_ADDRESS(task_struct, bpf_get_current_task_btf())->mm->exe_file->f_path.dentry);
}

/* ---- A place. ---- */

INLINE struct pc_repeat *repeat_at(__u32 place)
{
	place &= REPEAT_PLACE;
	return bpf_map_lookup_elem(&repeats, &place);
}

INLINE __u32 repeat_way(__u64 key, __u32 way)
{
	return (key & REPEAT_PLACE) ^ way;
}

/* One more, if the place is still as it was when `word` was read. A count that can grow no more is told. */
INLINE int repeat_add(struct pc_repeat *repeat, __u64 word)
{
	return !(PC_REPEAT_VERSION(word) & 1) && PC_REPEAT_COUNT(word) != ~0U &&
	       __sync_val_compare_and_swap(&repeat->word, word, word + 1) == word;
}

/* What repeat_seek() found. */
#define REPEAT_JOINED PC_REPEATS /* the decision is counted at that place */
#define REPEAT_NONE (2 * PC_REPEATS)

/*
 * The place where the decision is counted, if it was recorded a moment ago; else one that it may take: free, or where nothing
 * waits to be told, whose window is cut short so.
 */
APART __u32 repeat_seek(__u64 key)
{
	__u32 choice = REPEAT_NONE;

#pragma unroll
	for (__u32 way = 0; way < REPEAT_WAYS; way++) {
		__u32 place = repeat_way(key, way);
		const volatile struct pc_repeat *repeat = repeat_at(place);
		__u64 word, owner;

		if (!repeat)
			return REPEAT_NONE;
		word = repeat->word;
		owner = repeat->key;
		if (owner == key && repeat_add((struct pc_repeat *)repeat, word))
			return place | REPEAT_JOINED;
		if (!(PC_REPEAT_VERSION(word) & 1) && !PC_REPEAT_COUNT(word) && (!owner || choice == REPEAT_NONE))
			choice = place;
	}
	return choice;
}

/* Claims the place for who was told to take it; NULL: it is another's by now. */
INLINE struct pc_repeat *repeat_claim(__u32 place, __u64 key, __u64 program)
{
	struct pc_repeat *repeat = repeat_at(place);
	__u64 word;

	if (!repeat)
		return NULL;
	word = *(volatile __u64 *)&repeat->word;
	if (PC_REPEAT_VERSION(word) & 1 || PC_REPEAT_COUNT(word) ||
	    __sync_val_compare_and_swap(&repeat->word, word, word + PC_REPEAT_WORD(1, 0)) != word)
		return NULL;
	repeat->object = 0;
	repeat->key = key;
	repeat->program = program;
	return repeat;
}

/* Of a claim's end. */
INLINE __u32 repeat_next_version(const struct pc_repeat *repeat)
{
	return PC_REPEAT_VERSION(repeat->word) + 1;
}

/* The claim ends; without a record nobody counts there. */
INLINE void repeat_publish(struct pc_repeat *repeat, int is_recorded)
{
	if (!is_recorded)
		repeat->key = 0;
	barrier();
	*(volatile __u64 *)&repeat->word = PC_REPEAT_WORD(repeat_next_version(repeat), 0);
}

/* ---- By the cache. ---- */

/* What the cache keeps of a file: the place, and the answer, which is the file's own. */
INLINE __u32 repeat_state(__u32 place, __u32 verdict, __u32 mode)
{
	return CACHED_REPEAT | mode << 18 | verdict << 16 | (place & REPEAT_PLACE);
}

INLINE struct pc_answer repeat_answer(__u32 state)
{
	return (struct pc_answer){ .verdict = state >> 16 & 3, .mode = state >> 18 & 1 };
}

/* Opening the object in that way is what is counted there. Who reads looks at the object first. */
INLINE void repeat_link(struct pc_repeat *repeat, const struct cache_key *key, const struct cache_view *view)
{
	*(volatile __u64 *)&repeat->object = 0;
	barrier();
	repeat->world = view->world;
	repeat->sequence = view->sequence;
	repeat->question = key->question;
	barrier();
	*(volatile __u64 *)&repeat->object = key->dentry;
}

/* `key` is what is asked in that world about a dentry with that sequence. */
INLINE int repeat_is_about(const volatile struct pc_repeat *repeat, const struct cache_key *key, __u64 world, __u32 sequence)
{
	return repeat->object == key->dentry && repeat->question == key->question && repeat->world == world &&
	       repeat->sequence == sequence && repeat->program == own_program();
}
