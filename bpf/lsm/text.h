/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - the text of a name in place, for the record of an answer that was had so, or for the choice of a program's
 * profile: from the file upwards, each name in front of what is there already, and before the topmost what a name in full
 * had before it.
 *
 * That beginning, of a file system that the host mounts once, holds as the states of its folders do (cache.h).
 */
#pragma once

#include "cache.h"

/* Bytes; what is longer is named in full. */
#define BEGINNING_MAX 224
#define BEGINNINGS 256

/* By what all names in a file system begin. */
struct beginning {
	__u64 version; /* odd while it is written */
	__u64 root;    /* dentry of the file system's root */
	__u64 world;
	__u32 kind; /* enum pc_kind of its names */
	__u32 length;
	char text[BEGINNING_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BEGINNINGS);
	__type(key, __u32);
	__type(value, struct beginning);
} beginnings SEC(".maps");

INLINE struct beginning *beginning_find(__u32 set)
{
	__u32 index = set & (BEGINNINGS - 1);

	return bpf_map_lookup_elem(&beginnings, &index);
}

/* `key` is that of the root; the text is the scratch's, up to the file system's own names. */
INLINE void beginning_keep(const struct cache_key *key, const struct cache_view *view, const struct scratch *scratch)
{
	struct beginning *beginning = beginning_find(key->set);
	__u64 version, length = scratch->own - 1;

	barrier_var(length);
	if (!beginning || length > BEGINNING_MAX)
		return;
	version = beginning->version;
	if (version & 1 || __sync_val_compare_and_swap(&beginning->version, version, version | 1) != version)
		return;
	barrier();
	beginning->root = key->dentry;
	beginning->world = view->world;
	beginning->kind = scratch->kind;
	beginning->length = length;
	if (length)
		bpf_probe_read_kernel(beginning->text, length, scratch->text);
	barrier();
	beginning->version = version + 2;
}

/* ---- A file's own name, where it lies. ---- */

INLINE __u64 name_offset(void)
{
	return bpf_core_field_exists(((struct dentry___iname *)0)->d_iname) ?
		       bpf_core_field_offset(struct dentry___iname, d_iname) :
		       bpf_core_field_offset(struct dentry___shortname, d_shortname);
}

/* Were its place made part of a load, that would be relocated as one of the byte that the member is an array of. */
INLINE const __u64 *name_words(const struct dentry *dentry)
{
	const char *words = (const char *)dentry + name_offset();

	barrier_var(words);
	return (const __u64 *)words;
}

/* Whether the name lies in the dentry, and no directory above compares names in its own way. */
INLINE int name_is_in_place(const struct dentry *dentry)
{
	return !(dentry->d_flags & DCACHE_OP_COMPARE) && (__u64)dentry->d_name.name == (__u64)name_words(dentry) &&
	       dentry->d_name.len < sizeof(((struct short_name *)0)->words);
}

/* 0 if it isn't so. What name_is_in_place() asks, with the length read once. */
INLINE int name_read(const struct dentry *dentry, struct short_name *name)
{
	const __u64 *words = name_words(dentry);

	name->length = dentry->d_name.len;
	if (dentry->d_flags & DCACHE_OP_COMPARE || (__u64)dentry->d_name.name != (__u64)words)
		return 0;
	name->words[0] = words[0];
	name->words[1] = words[1];
	name->words[2] = words[2];
	name->words[3] = words[3];
	return name->length < sizeof(name->words);
}

/* ---- The names above it. ---- */

/* Names, at most, and those that one turn of the loop goes up. */
#define TEXT_NAMES 32
#define TEXT_CHUNK 8
/* Where the text ends: 32 names of 32 bytes with their slashes, and a beginning, fit in front. */
#define TEXT_END (TEXT_NAMES * 32 + BEGINNING_MAX)

struct text_climb {
	struct scratch *scratch;
	struct dentry *dentry;
};

#define TEXT_WORD(scratch, at) (*(__u64 *)((scratch)->text + (at)))

/* A name of less than 32 bytes, in whole words: what the last of them covers of the text behind it is put back. */
INLINE void text_put(struct scratch *scratch, const struct dentry *dentry)
{
	const __u64 *words = name_words(dentry);
	__u32 length = dentry->d_name.len;
	__u64 behind = scratch->begin, at = behind - length - 1, covered;

	barrier_var(behind);
	behind &= TEXT_MASK;
	barrier_var(at);
	at &= TEXT_MASK;
	covered = TEXT_WORD(scratch, behind);
	TEXT_WORD(scratch, at + 1) = words[0];
	if (length > 8)
		TEXT_WORD(scratch, at + 9) = words[1];
	if (length > 16)
		TEXT_WORD(scratch, at + 17) = words[2];
	if (length > 24)
		TEXT_WORD(scratch, at + 25) = words[3];
	TEXT_WORD(scratch, behind) = covered;
	scratch->text[at] = '/';
	scratch->begin = at;
}

/* The state behind the folder is known: so all names on the way lie in their dentries, or the world has moved on. */
static long text_up(__u32 index, struct text_climb *climb)
{
	struct scratch *scratch = climb->scratch;
	struct dentry *dentry = climb->dentry;

	for (__u32 i = 0; i < TEXT_CHUNK; i++) {
		struct dentry *parent = dentry->d_parent;

		if ((__u64)parent == (__u64)dentry) {
			climb->dentry = dentry;
			scratch->has_arrived = 1;
			return 1;
		}
		text_put(scratch, dentry);
		dentry = parent;
	}
	climb->dentry = dentry;
	return 0;
}

/* In front of the names, by what the file system's all begin; 0 if that isn't known. */
INLINE int text_begin(struct scratch *scratch, const struct dentry *root, const struct cache_view *view)
{
	const struct cache_key key = cache_key(root, 0);
	const struct beginning *beginning = beginning_find(key.set);
	__u64 version, length, at = scratch->begin;

	if (!beginning)
		return 0;
	version = *(const volatile __u64 *)&beginning->version;
	barrier();
	if (version & 1 || beginning->root != key.dentry || beginning->world != view->world)
		return 0;
	scratch->kind = beginning->kind;
	length = beginning->length;
	barrier_var(length);
	if (length > BEGINNING_MAX)
		return 0;
	if (length) {
		at -= length;
		barrier_var(at);
		at &= TEXT_MASK;
		bpf_probe_read_kernel(scratch->text + at, length, beginning->text);
		scratch->begin = at;
	}
	barrier();
	return *(const volatile __u64 *)&beginning->version == version;
}

/*
 * The name of the object behind `dentry`, which is not the root of its file system and lies in its dentry, in a folder
 * whose state is known; as name_dentry() tells it. 0 where it can't be had so, or has changed meanwhile.
 */
INLINE int text_in_place(struct scratch *scratch, struct dentry *dentry, const struct cache_view *view)
{
	struct text_climb climb = { .scratch = scratch, .dentry = AS_ADDRESS(dentry, dentry) };

	scratch->begin = TEXT_END;
	scratch->has_arrived = 0;
	bpf_loop(TEXT_NAMES / TEXT_CHUNK, text_up, &climb, 0);
	if (scratch->has_arrived && text_begin(scratch, climb.dentry, view) && cache_is_same(view, dentry)) {
		scratch->length = TEXT_END - scratch->begin;
		return 1;
	}
	/* Where a name in full begins. */
	scratch->begin = 0;
	return 0;
}

/* To the beginning of the scratch's text, where walks begin; forwards, so that both may overlap. */
INLINE void text_to_front(struct scratch *scratch)
{
	__u64 length = scratch->length, begin = scratch->begin;

	barrier_var(length);
	length &= TEXT_MASK;
	barrier_var(begin);
	begin &= TEXT_MASK;
	bpf_probe_read_kernel(scratch->text, length, scratch->text + begin);
	scratch->begin = 0;
}
