/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * folder.h - opens that need no name: those that the cache knows, and those of files in a folder whose state it knows,
 * for which the file's own name alone is walked, where it lies: by the host-wide section, and for a task in a profile by
 * the profile's besides. They are plain allows: for what is recorded or refused its names are collected.
 */
#pragma once

#include "request.h"
#include "text.h"

#define OPEN_ACCESS_MODE 3U
#define OPEN_TRUNCATE 01000U
#define FMODE_EXEC 0x20U
/* Made by the kernel for itself: it is given a dentry, in no folder, without d_instantiate(). */
#define S_PRIVATE 512U
#define OVERLAYFS_MAGIC 0x794c7630

INLINE __u32 open_question(__u32 flags)
{
	return flags & FMODE_EXEC ? FMODE_EXEC : flags & (OPEN_ACCESS_MODE | OPEN_TRUNCATE);
}

/* A stacked file system opens its layers with its mounter's rights in place of the caller's: those are judged apart. */
INLINE int is_plain_task(const struct task_struct *task)
{
	return (__u64)task->cred == (__u64)task->real_cred;
}

INLINE int is_plain_subject(void)
{
	return is_plain_task(bpf_get_current_task_btf());
}

/* The state of the section behind a folder's name; by the profile's, if it isn't 0. */
INLINE __u32 question_state(__u32 section, __u32 profile)
{
	return CACHE_STATE | section | (profile & PROFILE_PLACE) << PROFILE_QUESTION_SHIFT;
}

/*
 * The root of a file system is its own parent, and its name is that of its mount point. So is what the kernel makes for
 * itself, of which the cache forgets nothing.
 */
INLINE int is_root(const struct dentry *dentry, const struct dentry *folder)
{
	return (__u64)folder == (__u64)dentry;
}

/*
 * What the cache tells of an open: CACHED_…; 0: nothing. A kernel thread, too, is told what is plainly allowed; it runs no
 * program, so that it repeats nothing that was recorded of one.
 */
INLINE __u32 open_recall(struct file *file, __u32 question, __u64 world)
{
	struct dentry *dentry = file->f_path.dentry;
	__u32 state = cache_file_state(dentry, question, world);

	if (!state || !is_plain_subject() || (is_root(dentry, dentry->d_parent) && file->f_inode->i_flags & S_PRIVATE))
		return 0;
	return state;
}

/* Whether that is a plain allow, which is counted. */
INLINE int recall_allows(__u32 state, __u32 question)
{
	if (!(state & CACHED_ALLOW))
		return 0;
	COUNT_PLAIN(remembered, question & FMODE_EXEC ? PC_EXEC : PC_OPEN, state & (CACHED_ALLOW - 1));
	return 1;
}

/* ---- The file's own name. ---- */

#define WALK_BYTE(i)                                                      \
	do {                                                              \
		if (left <= (i))                                          \
			return state;                                     \
		state = pc_step(image, state, word >> 8 * (i) & 0xff);    \
	} while (0)

/* Over the first bytes of a word, `left` at most. By hand: no compiler unrolls a loop with a way out of it. */
INLINE __u32 walk_word(pc_image_ref image, __u32 state, __u64 word, __u32 left)
{
	WALK_BYTE(0);
	WALK_BYTE(1);
	WALK_BYTE(2);
	WALK_BYTE(3);
	WALK_BYTE(4);
	WALK_BYTE(5);
	WALK_BYTE(6);
	WALK_BYTE(7);
	return state;
}

INLINE __u32 walk_name(pc_image_ref image, __u32 state, const struct short_name *name)
{
	__u32 length = name->length;

	state = walk_word(image, state, name->words[0], length);
	if (length > 8)
		state = walk_word(image, state, name->words[1], length - 8);
	if (length > 16)
		state = walk_word(image, state, name->words[2], length - 16);
	if (length > 24)
		state = walk_word(image, state, name->words[3], length - 24);
	return state;
}

/* ---- The folder it is in. ---- */

/* A decision where the name lies. */
struct place {
	pc_image_ref image;
	struct cache_view view;
	__u8 section;
	__u8 access;
	__u16 profile;	    /* the task's: PROFILE_PLACE and so on */
	__u32 cell;	    /* the name's */
	__u32 profile_cell; /* likewise, of the profile's section */
	__u32 tag;	    /* of the rule that allows plainly */
};

enum place_result {
	PLACE_NOTHING, /* can be told */
	PLACE_ALLOWED, /* plainly, and counted */
	PLACE_CELL,    /* is known, by which something is refused or recorded, or may be */
};

/* Up to a folder whose state is known, and down again. */
struct folder_walk {
	pc_image_ref image;
	struct scratch *scratch;
	struct dentry *folder;
	struct cache_key key; /* of `folder` */
	struct cache_view view;
	/* Not at multiples of eight: see struct request. */
	__u32 reserved;
	__u32 count; /* names between it and the one that is asked about */
	__u32 reserved2;
	__u32 state; /* behind it; 0: unknown */
};

/* One folder up, until one is known. */
static long folder_up(__u32 index, struct folder_walk *walk)
{
	struct folder *at = &walk->scratch->folders[index & (FOLDERS_MAX - 1)];
	struct dentry *above = walk->folder->d_parent;

	if ((__u64)above == walk->key.dentry || !name_read(walk->folder, &at->name))
		return 1;
	at->dentry = walk->key.dentry;
	at->set = walk->key.set;
	walk->key = cache_key(above, walk->key.question);
	walk->count = index + 1;
	walk->state = cache_state(&walk->key, walk->view.world);
	walk->folder = above;
	return walk->state != 0;
}

/* One down again; what is found out on the way is remembered. */
static long folder_down(__u32 index, struct folder_walk *walk)
{
	struct folder *at = &walk->scratch->folders[(walk->count - 1) & (FOLDERS_MAX - 1)];
	const struct cache_key key = { .dentry = at->dentry, .set = at->set, .question = walk->key.question };

	walk->state = pc_step(walk->image, walk_name(walk->image, walk->state, &at->name), '/');
	cache_fill(&key, &walk->view, walk->state);
	return --walk->count == 0;
}

/* The state behind the folder's name, by what is known of one above it; 0 if nothing is. */
INLINE __u32 folder_find_out(const struct place *place, struct scratch *scratch, struct dentry *folder,
			     const struct cache_key *key)
{
	struct folder_walk walk = {
		.image = place->image,
		.scratch = scratch,
		.folder = AS_ADDRESS(dentry, folder),
		.key = *key,
		.view = place->view,
	};

	bpf_loop(FOLDERS_MAX, folder_up, &walk, 0);
	if (walk.state)
		bpf_loop(FOLDERS_MAX, folder_down, &walk, 0);
	return walk.state;
}

APART __u32 folder_state_anew(const struct place *place, struct dentry *folder, const struct cache_key *key)
{
	struct scratch *scratch;
	__u32 state = 0;

	scratch_enter();
	scratch = scratch_take();
	if (scratch) {
		state = folder_find_out(place, scratch, folder, key);
		scratch_give(scratch);
	}
	scratch_leave();
	return state;
}

/* 0: unknown. */
INLINE __u32 folder_state(const struct place *place, struct dentry *folder, struct cache_set *set, const struct cache_key *key)
{
	__u32 state = cache_state_in(set, key, place->view.world);

	return state ? state : folder_state_anew(place, folder, key);
}

/* ---- A file of a folder. ---- */

/*
 * What an answer in place takes, besides a plain subject and a folder: the policy, a moment at which nothing moves, a known
 * profile (by the same policy: see profile_look_up()), a short name. 0 where something is missing. The folder is looked up
 * afterwards.
 */
INLINE int place_begin(struct place *place, const struct dentry *dentry, struct short_name *name)
{
	place->view = cache_look(dentry->d_seq.seqcount.sequence);
	place->image = plain_begin();
	return place->image && place->view.is_still && !(place->profile & PROFILE_UNKNOWN) && name_read(dentry, name);
}

/* Where the name leads from the folder's state. */
INLINE __u32 place_cell(const struct place *place, __u32 state, const struct short_name *name)
{
	return pc_end(place->image, walk_name(place->image, state, name));
}

/* What allows it plainly, or PC_NOT_PLAIN, for a task in no profile. */
INLINE __u32 place_ref(struct place *place)
{
	return pc_plain(place->image, place->section, place->cell, place->access);
}

/* Likewise for one in a profile; `state` is the folder's by the profile's section. */
APART __u32 place_ref_in_profile(struct place *place, __u32 state, const struct short_name *name)
{
	place->profile_cell = place_cell(place, state, name);
	return plain_in_profile(place->image, ASK(place->section, place->access, 0), place->profile, place->cell,
				place->profile_cell);
}

INLINE enum place_result place_end(struct place *place, __u32 ref, struct dentry *dentry)
{
	if (ref == PC_NOT_PLAIN)
		return PLACE_CELL;
	if (!cache_is_same(&place->view, dentry))
		return PLACE_NOTHING;
	place->tag = hit_tag(place->image, ref);
	COUNT_PLAIN(plain, place->section, place->tag);
	return PLACE_ALLOWED;
}

/* What its folder tells of opening a file. Plain allows are remembered. */
APART int open_in_folder(struct file *file, struct place *place, __u32 asked)
{
	struct dentry *dentry = file->f_path.dentry, *folder;
	__u32 state, profile_state = 0, profile = question_profile(asked), ref;
	enum place_result result;
	struct short_name name;
	struct cache_set *set;
	struct cache_key key;

	place->profile = profile;
	if (!is_plain_subject() || !place_begin(place, dentry, &name))
		return PLACE_NOTHING;
	cache_linger();
	folder = dentry->d_parent;
	if (is_root(dentry, folder))
		return PLACE_NOTHING;
	key = cache_key(folder, question_state(place->section, 0));
	set = cache_find(&key);
	if (!set)
		return PLACE_NOTHING;
	state = folder_state(place, folder, set, &key);
	if (!state)
		return PLACE_NOTHING;
	if (profile) {
		key.question = question_state(place->section, profile);
		profile_state = folder_state(place, folder, set, &key);
		if (!profile_state)
			return PLACE_NOTHING;
	}
	place->cell = place_cell(place, state, &name);
	ref = profile_state ? place_ref_in_profile(place, profile_state, &name) : place_ref(place);
	result = place_end(place, ref, dentry);
	if (result == PLACE_ALLOWED) {
		key = cache_key(dentry, asked);
		cache_fill(&key, &place->view, CACHED_ALLOW | place->tag);
	}
	return result;
}
