/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * remember.h - what the cache is told of opens once they are answered: plain allows, the states of folders, and what was
 * recorded; and how what is recorded or refused is answered where its name lies.
 */
#pragma once

#include "folder.h"

/* ---- What is remembered. ---- */

/* Of an overlay's files the next open of a layer asks what they were answered; they are judged each time. */
INLINE int open_is_memorable(const struct file *file)
{
	return file->f_inode->i_sb->s_magic != OVERLAYFS_MAGIC && !(file->f_inode->i_flags & S_PRIVATE) && is_plain_subject();
}

INLINE int is_worth_remembering(const struct request *req)
{
	return !req->is_internal && !(req->profile & PROFILE_UNKNOWN) && req->kind != PC_KIND_UNRESOLVED && req->is_memorable;
}

INLINE struct cache_key open_key(const struct request *req, struct file *file)
{
	return cache_key(file->f_path.dentry, open_question(file->f_flags) | req->profile << PROFILE_QUESTION_SHIFT);
}

/* The next open of its kind need not be named: of this one there is a record, and the same was answered there. */
INLINE void open_keep_repeat(const struct request *req, const struct pc_answer *answer, struct file *file)
{
	const struct cache_key key = open_key(req, file);
	struct pc_repeat *repeat;
	__u32 place;

	if (!(answer->ref & PC_REF_RECORD) || !req->scratch || req->section != PC_OPEN || !req->scratch->repeat ||
	    !is_worth_remembering(req))
		return;
	place = req->scratch->repeat - 1;
	repeat = repeat_at(place);
	if (!repeat || repeat->state != repeat_state(place, answer->verdict, answer->mode))
		return;
	repeat_link(repeat, &key, &req->naming.view);
	cache_fill(&key, &req->naming.view, repeat_state(place, answer->verdict, answer->mode));
}

/* ---- What a name in full has shown. ---- */

/*
 * The states behind the root of a file system that the host mounts once, or nowhere, and through which all in it is
 * named. Where the host mounts only a part of it, that begins with the mount's root, if the file was opened by it.
 */
INLINE void root_keep(const struct request *req, struct file *file)
{
	struct dentry *root = file->f_inode->i_sb->s_root;
	__u64 whole = (__u64)root;
	struct cache_key key;

	/* Else the compiler takes the number for the pointer that it equals. */
	barrier_var(whole);
	if (req->scratch->top != whole)
		root = file->f_path.mnt->mnt_root;
	key = cache_key(root, question_state(req->section, 0));
	if (!req->scratch->marked || req->scratch->top != key.dentry)
		return;
	cache_fill(&key, &req->naming.view, req->scratch->marked);
	if (req->scratch->profile_marked) {
		key.question = question_state(req->section, req->profile);
		cache_fill(&key, &req->naming.view, req->scratch->profile_marked);
	}
	beginning_keep(&key, &req->naming.view, req->scratch);
}

INLINE void open_keep(const struct request *req, const struct pc_answer *answer, struct file *file)
{
	const struct cache_key key = open_key(req, file);

	if (!req->scratch || !is_worth_remembering(req))
		return;
	if (req->mark)
		root_keep(req, file);
	if (is_plain_allow(answer))
		cache_fill(&key, &req->naming.view, CACHED_ALLOW | hit_tag(req->image, answer->ref));
}

/* ---- What is refused or recorded. ---- */

/* A hook's return value otherwise. */
#define UNDECIDED 1

/* What was recorded a moment ago, as the cache says, is made again. UNDECIDED where it isn't that any more. */
APART int open_repeat(struct file *file, __u32 question, __u32 state, __u64 world)
{
	const struct cache_key key = { .dentry = (__u64)file->f_path.dentry, .question = question };
	const volatile struct pc_repeat *repeat = repeat_at(state);
	const struct pc_answer answer = repeat_answer(state);
	__u32 tag;
	__u64 word;

	if (!repeat)
		return UNDECIDED;
	word = repeat->word;
	if (!repeat_is_about(repeat, &key, world, file->f_path.dentry->d_seq.seqcount.sequence))
		return UNDECIDED;
	tag = repeat->rule;
	/* What the cache was told about this very file is what counts, should the place have become another's before it was linked. */
	if (repeat->state != state || !repeat_add((struct pc_repeat *)repeat, word))
		return UNDECIDED;
	account_repeat(PC_OPEN, answer.verdict, tag);
	return verdict_return(&answer);
}

/* The object whose name is in the scratch. */
INLINE void request_take_file(struct request *req, const struct file *file)
{
	req->ino = file->f_inode->i_ino;
	req->dev = file->f_path.dentry->d_sb->s_dev;
	req->kind = req->scratch->kind;
}

INLINE int open_answer_in_place(struct request *req, struct file *file, const struct place *place)
{
	struct pc_answer answer = request_ask_cells(req, place->cell, place->profile_cell);
	struct dentry *dentry = file->f_path.dentry;

	if (!req->scratch || !text_in_place(req->scratch, dentry, &req->naming.view))
		return UNDECIDED;
	request_take_file(req, file);
	/* Of both layers' answers not all such are told where they lie. */
	if (is_plain_allow(&answer))
		open_keep(req, &answer, file);
	answer_soften(&answer);
	request_account(req, &answer);
	open_keep_repeat(req, &answer, file);
	return verdict_return(&answer);
}

/* Whatever the cell answers, its record with the name in full. UNDECIDED where that can't be had in place. */
APART int open_answer(struct file *file, const struct place *place)
{
	struct request req = {
		.image = place->image,
		.section = place->section,
		.access = place->access,
		.profile = place->profile,
		.naming.view = place->view,
		/* Of others no folder's state is known; and text_in_place() looks again. */
		.is_memorable = 1,
	};
	int r;

	request_enter(&req);
	r = open_answer_in_place(&req, file, place);
	request_leave(&req);
	return r;
}
