/* SPDX-License-Identifier: GPL-2.0-only */
/* native.h - what native.c and native.bpf.c say to each other. */
#pragma once

#include <linux/types.h>

#define NATIVE_TEXT 188

struct native_object {
	__u32 length;
	char text[NATIVE_TEXT];
};

struct native_context {
	__u32 count;	  /* of objects */
	__u32 is_walking; /* 0: all but the decision */
	__u32 ret_denied; /* objects */
	__u32 reserved;
	__u64 ret_ns; /* all of it */
};
