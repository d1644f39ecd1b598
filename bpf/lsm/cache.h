/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cache.h - answers and states that are remembered by dentry.
 *
 * What is remembered of a file: that opening it, in one way and from one profile, is a plain allow, which neither refuses
 * nor records, and by which rule; or that it is what was recorded a moment ago; and that its name as a program is kept
 * (process.h). Of a folder: the state of a section's automaton, the host's or a profile's, behind its name, in which the
 * names of its files begin. Of a task: where its profile lies in the policy (subject.h). Of an address: that connecting to
 * it from one profile is a plain allow (ip.h); of what follows, only the policy in the world concerns that.
 *
 * A name is a chain of dentries, each of which holds those above it. It changes with one of them by __d_move() alone,
 * and what is mounted where by an event of the host's mount namespace. So what was found out under a name is true
 * while all these are as they were:
 *  - the dentry is the same one. Its address may be another's later: that one is made an object by d_instantiate(),
 *    before it can be opened, and what was remembered by its address is forgotten there, as for a task when it is made;
 *  - its own sequence count, for it has not been renamed;
 *  - the world: the sum of three counters that only grow, so that it stands still only if each does: of swaps of the
 *    policy and of moves of directories (each odd while one is under way), of the host's mounts.
 * All are taken before the policy is looked up and a name is told, and looked at again before that is believed: a state
 * means nothing in another image.
 *
 * The table is one for all CPUs: a hit writes nothing to it. A slot is claimed by compare-and-swap and has an odd
 * version meanwhile; who reads looks at the version before and after. That order holds on x86, where loads and stores
 * each stay in order among themselves.
 */
#pragma once

#include "mounts.h"
#include "walk.h"

/*
 * Built with PC_CACHE_MUTANTS, each condition can be left out: a test shows that it finds each of them missing. Windows
 * are wider then, so that it needs no luck.
 */
#ifdef PC_CACHE_MUTANTS
enum mutant {
	LACKS_DENTRY = 1,
	LACKS_QUESTION,
	LACKS_SEQUENCE,
	LACKS_POLICY,
	LACKS_MOVES,
	LACKS_MOUNTS,
	LACKS_VERSION,
	LACKS_FORGETTING,
	LACKS_STILLNESS,
	LACKS_SECOND_LOOK,
	LACKS_ONE_MOUNT,
};

const volatile __u32 cache_mutant = 0;
const volatile __u32 cache_linger_turns = 0;
/* Sets, less one: with few of them, they are fought for. */
const volatile __u32 cache_mask = PC_CACHE_SETS - 1;

static long linger_turn(__u32 index, void *nothing)
{
	return 0;
}

INLINE void cache_linger(void)
{
	bpf_loop(cache_linger_turns, linger_turn, NULL, 0);
}

#define LACKS(condition) (cache_mutant == (condition))
#else
#define LACKS(condition) 0
#define cache_mask (PC_CACHE_SETS - 1)
#define cache_linger() \
	do {           \
	} while (0)
#endif
#define HOLDS(condition, what) (LACKS(condition) || (what))
#define COUNTED(condition, what) (LACKS(condition) ? 0 : (what))

struct cached {
	__u64 head;	/* the question in the upper half; a version in the lower, odd while the slot is written */
	__u64 dentry;	/* or task, or what stands for an address; 0: none */
	__u64 world;	/* when it was found out */
	__u32 sequence; /* likewise */
	__u32 state;	/* of a folder, behind the slash; of a task: place of its profile; of others: CACHED_… */
};

struct cache_set {
	struct cached ways[PC_CACHE_WAYS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PC_CACHE_SETS);
	__type(key, __u32);
	__type(value, struct cache_set);
} cache SEC(".maps");

/* What a slot answers: an open by these of its flags, the state of this section, and so on; and a profile (subject.h). */
#define CACHE_STATE 0x10000U
#define CACHE_SUBJECT 0x8000U
#define CACHE_PROGRAM 0x4000U
#define CACHE_CONNECT 0x2000U

/* What is remembered of a file or a connect, in `state`: that it is a plain allow, by that rule (hits.h) ... */
#define CACHED_ALLOW 0x80000000U
/* ... or where those are counted that repeat a recorded decision (repeats.h). */
#define CACHED_REPEAT 0x40000000U

INLINE __u64 world_of(__u64 swaps, __u64 moves)
{
	return COUNTED(LACKS_POLICY, swaps) + COUNTED(LACKS_MOVES, moves) + COUNTED(LACKS_MOUNTS, host_event());
}

INLINE __u64 cache_world(void)
{
	return world_of(policies, directory_moves);
}

/* `sequence` is that of the dentry that a name is wanted of. */
INLINE struct cache_view cache_look(__u32 sequence)
{
	struct cache_view view = { .sequence = sequence };
	__u64 moves = directory_moves, swaps = policies;

	view.world = world_of(swaps, moves);
	view.is_still = is_cache_on && HOLDS(LACKS_STILLNESS, !((swaps | moves | view.sequence) & 1));
	barrier();
	cache_linger();
	return view;
}

/* Whether nothing moved at that look, and the world is still the same. */
INLINE int cache_is_current(const struct cache_view *view)
{
	barrier();
	return view->is_still && HOLDS(LACKS_SECOND_LOOK, cache_world() == view->world);
}

/* Likewise of the dentry that its sequence is of. */
INLINE int cache_is_same(const struct cache_view *view, struct dentry *dentry)
{
	barrier();
	return HOLDS(LACKS_SECOND_LOOK, dentry->d_seq.seqcount.sequence == view->sequence) && cache_is_current(view);
}

struct cache_key {
	__u64 dentry;
	__u32 set;
	__u32 question;
};

/* Pointers can't be reckoned with, but a copy of the lower half of one can. */
INLINE __u32 pointer_half(const void *pointer)
{
	__u32 half;

	asm("%0 = %1" : "=w"(half) : "w"((__u32)(__u64)pointer));
	return half;
}

/* Where it is to be found. Fibonacci hashing (Knuth, "The Art of Computer Programming", volume 3, 6.4). */
INLINE struct cache_key cache_key(const void *object, __u32 question)
{
	return (struct cache_key){
		.dentry = (__u64)object,
		.set = pointer_half(object) * 0x9e3779b9U >> 12 & cache_mask,
		.question = question,
	};
}

/* Of what is no object in the kernel's memory. */
INLINE struct cache_key cache_number_key(__u64 number, __u32 question)
{
	return (struct cache_key){
		.dentry = number,
		.set = number * 0x9e3779b97f4a7c15ULL >> 40 & cache_mask,
		.question = question,
	};
}

INLINE struct cache_set *cache_find(const struct cache_key *key)
{
	return bpf_map_lookup_elem(&cache, &key->set);
}

/* ---- What is remembered. ---- */

/*
 * Whether the slot was about that in that world when its version was `head`, and still has it: what was read of it between is
 * one thing. The world is as it was before, so that whoever asks two things of the cache has both from the same one.
 */
INLINE int cached_holds(const volatile struct cached *way, const struct cache_key *key, __u64 world, __u64 head)
{
	return HOLDS(LACKS_QUESTION, head >> 32 == key->question) && way->world == world &&
	       HOLDS(LACKS_VERSION, !(head & 1) && way->head == head);
}

/* What the slot has for the key; 0: nothing. Where `named` isn't NULL, only if it has not been renamed since. */
INLINE __u32 cached_state(const volatile struct cached *way, const struct cache_key *key, __u64 world, const struct dentry *named)
{
	__u64 head = way->head;
	__u32 state = way->state;

	if (HOLDS(LACKS_DENTRY, way->dentry == key->dentry) &&
	    (!named || HOLDS(LACKS_SEQUENCE, way->sequence == named->d_seq.seqcount.sequence)) &&
	    cached_holds(way, key, world, head))
		return state;
	return 0;
}

/* Likewise the key's set. */
INLINE __u32 cache_search(struct cache_set *set, const struct cache_key *key, __u64 world, const struct dentry *named)
{
#pragma unroll
	for (int i = 0; i < PC_CACHE_WAYS; i++) {
		__u32 state = cached_state(&set->ways[i], key, world, named);

		if (state)
			return state;
	}
	return 0;
}

/* Of opening the file so; 0: nothing. */
INLINE __u32 cache_file_state(struct dentry *dentry, __u32 question, __u64 world)
{
	const struct cache_key key = cache_key(dentry, question);
	/* By a copy: else all of the key would have to lie in memory. */
	__u32 place = key.set;
	struct cache_set *set = bpf_map_lookup_elem(&cache, &place);

	return set ? cache_search(set, &key, world, dentry) : 0;
}

/* Of a folder or a task, in the key's set. */
INLINE __u32 cache_state_in(struct cache_set *set, const struct cache_key *key, __u64 world)
{
	return cache_search(set, key, world, NULL);
}

INLINE __u32 cache_state(const struct cache_key *key, __u64 world)
{
	struct cache_set *set = cache_find(key);

	return set ? cache_state_in(set, key, world) : 0;
}

/* Of an address: it has one slot of a set, so that who connects to one after the other leaves the rest to files. */
INLINE struct cached *cache_number_slot(struct cache_set *set)
{
	return &set->ways[PC_CACHE_WAYS - 1];
}

INLINE __u32 cache_number_state(const struct cache_key *key, __u64 world)
{
	struct cache_set *set = cache_find(key);

	return set ? cached_state(cache_number_slot(set), key, world, NULL) : 0;
}

/* ---- Remembering. ---- */

/* The slot to write to: one of the same thing, else one that holds for nothing, else any. */
INLINE struct cached *cache_choose(struct cache_set *set, const struct cache_key *key, __u64 world)
{
	__u32 choice = PC_CACHE_WAYS;

#pragma unroll
	for (int i = 0; i < PC_CACHE_WAYS; i++) {
		struct cached *way = &set->ways[i];

		if (way->dentry == key->dentry && way->head >> 32 == key->question) {
			choice = i;
			break;
		}
		/* The first, which is found soonest. */
		if (choice == PC_CACHE_WAYS && (!way->dentry || way->world != world))
			choice = i;
	}
	if (choice == PC_CACHE_WAYS) {
		COUNT(cache_evictions);
		choice = bpf_get_prandom_u32();
	}
	/* Which one it is makes no difference to the verifier. */
	choice = forget(choice) & (PC_CACHE_WAYS - 1);
	return &set->ways[choice];
}

/* The world has moved on: then what is remembered here never holds. */
INLINE void cached_write(struct cached *way, const struct cache_key *key, const struct cache_view *view, __u32 state)
{
	__u64 head = way->head;

	if (head & 1 || __sync_val_compare_and_swap(&way->head, head, head | 1) != head)
		return;
	barrier();
	way->dentry = key->dentry;
	cache_linger();
	way->world = view->world;
	way->sequence = view->sequence;
	way->state = state;
	barrier();
	way->head = (__u64)key->question << 32 | (__u32)(head + 2);
	COUNT(cache_fills);
}

APART void cache_fill(const struct cache_key *key, const struct cache_view *view, __u32 state)
{
	struct cache_set *set = cache_find(key);

	if (set)
		cached_write(cache_choose(set, key, view->world), key, view, state);
}

INLINE void cache_number_fill(const struct cache_key *key, const struct cache_view *view, __u32 state)
{
	struct cache_set *set = cache_find(key);

	if (set)
		cached_write(cache_number_slot(set), key, view, state);
}

/* A dentry becomes an object, or a task is made: what was remembered by its address was another's. */
INLINE void cache_forget(const void *object)
{
	const struct cache_key key = cache_key(object, 0);
	struct cache_set *set = cache_find(&key);

	if (!set || LACKS(LACKS_FORGETTING))
		return;
#pragma unroll
	for (int i = 0; i < PC_CACHE_WAYS; i++) {
		if (set->ways[i].dentry == key.dentry)
			set->ways[i].dentry = 0;
	}
}

/* ---- Moves. ---- */

#define S_IFMT 00170000
#define S_IFDIR 0040000

INLINE int is_directory(const struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;

	return inode && (inode->i_mode & S_IFMT) == S_IFDIR;
}

/* Before its sequence count has come round, all that was remembered by it is gone. */
INLINE int is_sequence_round(const struct dentry *dentry)
{
	return !(dentry->d_seq.seqcount.sequence & 0x0ffffffe);
}

INLINE void cache_move_begin(const struct dentry *dentry, const struct dentry *target)
{
	if (is_directory(dentry) || is_directory(target))
		directory_moves = (directory_moves + 1) | 1;
}

/* Even again, also where the programs were attached in the middle of a move. */
INLINE void cache_move_end(const struct dentry *dentry, const struct dentry *target)
{
	if (is_directory(dentry) || is_directory(target) || is_sequence_round(dentry) || is_sequence_round(target))
		directory_moves = (directory_moves + 2) & ~1ULL;
}
