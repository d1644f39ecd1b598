/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctl.h - the control protocol between portcullisd and policyctl.
 *
 * SOCK_SEQPACKET: one packet is one frame, a header and `length` bytes of body. The client asks with one frame and reads
 * frames until PC_CTL_DONE; then it may ask again. A frame that is not exactly as below gets its sender closed.
 */
#pragma once

#include <assert.h>
#include <linux/types.h>
#include <portcullis/limits.h>

#define PC_CTL_PATH "/run/portcullis/control.sock"
/* The group whose members may ask for what changes nothing. */
#define PC_CTL_GROUP "portcullis"

#define PC_CTL_MAGIC 0x6c744350U /* "PCtl" */
#define PC_CTL_VERSION 2
/* Bytes of a body: a record with an object of 4,096 control bytes, escaped and in hex, fits into one frame. */
#define PC_CTL_BODY_MAX 65536U

enum pc_ctl_type {
	/* Requests. */
	PC_CTL_STATUS = 1, /* no body */
	PC_CTL_RELOAD = 2, /* struct pc_ctl_reload; root only */
	PC_CTL_MODE = 3,   /* struct pc_ctl_mode; root only */
	PC_CTL_LOG = 4,	   /* struct pc_ctl_log */
	PC_CTL_JOIN = 5,   /* struct pc_ctl_join; root, and for themselves users whom portcullisd.conf names */
	PC_CTL_TASKS = 6,  /* no body */
	PC_CTL_RULES = 7,  /* no body */
	PC_CTL_CONFIRM = 8, /* no body: the reload that waits for it stays; root only */
	/* Answers. */
	/*
	 * A piece of a text: status' JSON, reload's diagnostics, a line of JSON for each task; of rules a line about the
	 * policy, then one for each. If PC_CTL_DONE tells that it went wrong, the last line says why.
	 */
	PC_CTL_TEXT = 16,
	PC_CTL_RECORD = 17,  /* one record: a line of JSON without its newline */
	PC_CTL_SKIPPED = 18, /* struct pc_ctl_skipped: records that the client was too slow for */
	PC_CTL_DONE = 19,    /* struct pc_ctl_done: nothing follows */
};

struct pc_ctl_header {
	__u32 magic;
	__u32 version;
	__u32 type;   /* enum pc_ctl_type */
	__u32 length; /* bytes of the body, PC_CTL_BODY_MAX at most */
};

struct pc_ctl_mode {
	__u32 is_audit_forced; /* 1: every answer is given in audit mode; 0: as the policy says */
	__u32 seconds;	       /* after which it is as the policy says again; 0: not by itself */
};

struct pc_ctl_reload {
	__u32 confirm_within; /* seconds: without PC_CTL_CONFIRM in that time the policy before comes back; 0: no need */
	__u32 is_forced;      /* 1: also a policy that fails the lifeline check */
};

struct pc_ctl_log {
	__u32 count;	    /* how many of the records that the daemon still holds, the latest */
	__u32 is_following; /* 1: stay and send what comes */
};

/* A process is put into a family: when PC_CTL_DONE has come it is in it, and all that it started. */
struct pc_ctl_join {
	__u32 pid; /* 0: the one that asks */
	__u32 reserved;
	char profile[PC_NAME_MAX + 8]; /* its name, NUL-padded */
};

struct pc_ctl_skipped {
	__u64 count;
};

enum pc_ctl_result {
	PC_CTL_FINE = 0,
	PC_CTL_REFUSED = 1, /* the policy does not compile, or the caller may not; the text says why */
	PC_CTL_FAILED = 2,  /* the kernel or the machine refused; the text says why */
};

struct pc_ctl_done {
	__u32 result; /* enum pc_ctl_result */
	__u32 reserved;
};

static_assert(sizeof(struct pc_ctl_header) == 16, "the header is the protocol");
