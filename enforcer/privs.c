/* SPDX-License-Identifier: GPL-2.0-only */
/* privs.c - keeps the capabilities that a reload needs. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "ownership.h"
#include "privs.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const cap_value_t kept[] = {
	/* Creates, fills and freezes the map of the next image. */
	CAP_BPF,
	/* Loads the programs once more when an image outgrows the room that the live ones have. */
	CAP_PERFMON,
	/* Without CAP_SYS_ADMIN the kernel wants it for those of the programs that stand in for a part of others. */
	CAP_NET_ADMIN,
	/* Reads a policy and resolves its links in folders that are closed to others. */
	CAP_DAC_READ_SEARCH,
};

/* For cap_t and for names, which libcap frees alike. */
static void cap_freep(void *pointer)
{
	if (*(void **)pointer)
		(void)cap_free(*(void **)pointer);
}

static bool is_kept(cap_value_t capability)
{
	for (size_t i = 0; i < COUNT(kept); i++)
		if (kept[i] == capability)
			return true;
	return false;
}

/* What is not in the bounding set is not given to root's programs either; who may not change it leaves it. */
static void shrink_bounding_set(void)
{
	for (cap_value_t c = 0; cap_get_bound(c) >= 0; c++)
		if (!is_kept(c))
			(void)cap_drop_bound(c);
}

int privs_drop(void)
{
	_cleanup_(cap_freep) cap_t now = cap_get_proc();
	_cleanup_(cap_freep) cap_t next = cap_init();

	if (!now || !next)
		return -errno;
	shrink_bounding_set();
	for (size_t i = 0; i < COUNT(kept); i++) {
		cap_flag_value_t has = CAP_CLEAR;

		if (cap_get_flag(now, kept[i], CAP_PERMITTED, &has) < 0)
			return -errno;
		if (has != CAP_SET)
			continue;
		if (cap_set_flag(next, CAP_PERMITTED, 1, &kept[i], CAP_SET) < 0 ||
		    cap_set_flag(next, CAP_EFFECTIVE, 1, &kept[i], CAP_SET) < 0)
			return -errno;
	}
	if (cap_set_proc(next) < 0)
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

/* Asks the kernel, not the table: what is in effect is told, whether meant or not. */
const char *privs_name(size_t index)
{
	_cleanup_(cap_freep) cap_t now = cap_get_proc();
	static char text[32];

	if (!now)
		return NULL;
	for (cap_value_t c = 0; cap_get_bound(c) >= 0; c++) {
		_cleanup_(cap_freep) char *name = NULL;
		cap_flag_value_t has = CAP_CLEAR;

		if (cap_get_flag(now, c, CAP_EFFECTIVE, &has) < 0 || has != CAP_SET || index-- > 0)
			continue;
		name = cap_to_name(c);
		(void)snprintf(text, sizeof(text), "%s", name ? name : "?");
		return text;
	}
	return NULL;
}
