/* SPDX-License-Identifier: GPL-2.0-only */
/* ask_context.h - the question to ask.bpf.c and its answer, as both sides of the system call see them. */
#pragma once

#include <linux/types.h>

struct ask_context {
	__u32 section;
	__u32 kind;
	__u32 access;
	__u32 class;
	__u32 port;
	__u32 length; /* of the bytes as they are fed to the automaton */
	__u32 is_rules_only;
	__u32 is_stricter; /* the profile may only make answers stricter */
	__u32 profile;	   /* its place in the image plus 1; 0: none */
	__u32 ret_ref;
	__u32 ret_verdict;
	__u32 ret_mode;
};
