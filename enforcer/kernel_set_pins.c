/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_set_pins.c - pins a set, and takes up the one that an earlier daemon pinned. */
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_pins.h"
#include "kernel_programs.h"
#include "kernel_set_parts.h"
#include "ownership.h"
#include "pins.h"

static const char *const map_names[SET_MAPS] = { "denials", "passes",  "counters", "subjects", "programs", "told",
						 "repeats", PINS_IMAGES, "hits",	   "cache",    "guarded", "state" };

static const char *const tool_names[SET_TOOLS] = { "learn_host", "gather", "census", "roster" };

static void map_name(char *name, size_t size, int map)
{
	if (map == SET_STATE)
		(void)snprintf(name, size, "%s-%016llx", map_names[map], set_build_sum());
	else
		(void)snprintf(name, size, "%s", map_names[map]);
}

int set_pin(const struct set *set, const char *dir)
{
	char name[NAME_MAX];
	int r = pins_begin(dir);

	set->bss->stubs_replaced = set->shared.link_count;
	for (int i = 0; !r && i < SET_MAPS; i++) {
		map_name(name, sizeof(name), i);
		r = pin_make(set->maps[i], dir, name);
	}
	for (int i = 0; !r && i < SET_TOOLS; i++)
		r = pin_make(set->tools[i], dir, tool_names[i]);
	if (!r)
		r = shared_pin(&set->shared, dir);
	return r ? r : hooks_pin(&set->hooks, dir);
}

/* −ENOENT: none is there; −ESTALE: some are. */
static int adopt_maps(struct set *set, const char *dir)
{
	char name[NAME_MAX];

	for (int i = 0; i < SET_MAPS; i++) {
		map_name(name, sizeof(name), i);
		set->maps[i] = pin_open(dir, name);
		if (set->maps[i] < 0)
			return set->maps[i] == -ENOENT && i > 0 ? -ESTALE : set->maps[i];
	}
	return 0;
}

static int adopt_programs(struct set *set, const char *dir)
{
	struct portcullis_bpf *skel = set_open_skeleton();
	int r = skel ? programs_choose(skel->obj) : -errno;

	for (int i = 0; !r && i < SET_TOOLS; i++) {
		set->tools[i] = pin_open(dir, tool_names[i]);
		r = set->tools[i] < 0 ? set->tools[i] : 0;
	}
	if (!r)
		r = shared_adopt(&set->shared, dir, set->bss->stubs_replaced);
	if (!r)
		r = hooks_adopt(&set->hooks, skel->obj, dir);
	portcullis_bpf__destroy(skel);
	return r;
}

static int inner_map(int maps, __u32 place)
{
	return bpf_map_get_fd_by_id(set_inner_id(maps, place));
}

/* The live policy, and where its rules' hits are counted. */
static int adopt_image(struct set *set)
{
	struct image_view view = {};
	int hits, r;

	set->image = inner_map(set->maps[SET_IMAGES], 0);
	r = set->image < 0 ? -ENOENT : image_map_view(set->image, &view);
	if (r)
		return r;
	set->image_class = view.room;
	hits = inner_map(set->maps[SET_HITS], view.header->hits);
	r = hits < 0 ? -ENOENT : 0;
	if (!r)
		hits_maps_take(&set->hits, view.header->hits, &hits);
	set->image_id = map_id(set->image);
	image_view_done(&view);
	return r;
}

/* Who was killed may have been in the middle of anything. */
static void finish_for_another(struct set *set)
{
	__u32 next = 1;

	set->bss->canary_tgid = 0;
	set->bss->join_tgid = 0;
	set->bss->policies += set->bss->policies & 1;
	(void)bpf_map_delete_elem(set->maps[SET_IMAGES], &next);
}

/* Who was killed has left behind what it made last, and what had its place: their numbers are nobody's any more. */
static void forget_gone(int guarded)
{
	__u64 keys[PC_GUARDED_MAX], *last = NULL;
	size_t count = 0;

	while (count < PC_GUARDED_MAX && bpf_map_get_next_key(guarded, last, &keys[count]) == 0)
		last = &keys[count++];
	for (size_t i = 0; i < count; i++) {
		_cleanup_close_ int fd = keys[i] < PC_GUARDED_PROGRAM ? bpf_map_get_fd_by_id((__u32)keys[i]) : -EPERM;

		if (fd == -ENOENT)
			(void)bpf_map_delete_elem(guarded, &keys[i]);
	}
}

static int adopt_whole(struct set *set, const char *dir)
{
	int r = adopt_programs(set, dir);

	if (!r)
		r = adopt_image(set);
	if (!r)
		r = set_learn_host(set->tools[SET_LEARN_HOST], dir);
	if (!r && !set->bss->is_live)
		r = -ESTALE;
	if (!r)
		forget_gone(set->maps[SET_GUARDED]);
	return r;
}

int set_seal(const struct set *set, const char *dir)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" PINS_LIVE "/" PINS_SEALED, dir);
	if (!pins_have(dir, PINS_SEALED) && bpf_obj_pin(set->maps[SET_STATE], path))
		return -errno;
	set->bss->is_sealed = 1;
	return 0;
}

bool set_is_sealed(const struct set *set)
{
	return set->bss->is_sealed;
}

void set_announce(const char *dir)
{
	_cleanup_close_ int program = pin_open(dir, tool_names[SET_LEARN_HOST]);

	if (program >= 0)
		(void)set_learn_host(program, dir);
}

int set_adopt(const char *dir, const struct set_options *options, struct set **ret_set, bool *ret_is_whole)
{
	__attribute__((cleanup(set_freep))) struct set *set = set_new(options);
	int r = set ? adopt_maps(set, dir) : -ENOMEM;

	if (!r)
		r = set_up(set);
	if (!r)
		r = set_forget_told(set);
	if (r)
		return r;
	finish_for_another(set);
	*ret_is_whole = adopt_whole(set, dir) == 0 && (set->bss->is_sealed || set_has_room(set, options->image_size));
	*ret_set = set;
	set = NULL;
	return 0;
}
