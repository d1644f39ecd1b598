/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - what the rest of Portcullis asks of policy/: text → model → image, and questions to an image.
 * All functions return 0 or −errno. −EINVAL: the text is wrong, the diagnostics say where. Others: as errno.
 */
#pragma once

#include "diag.h"
#include "model.h"

#include <stdint.h>

/* A drop-in that is not written yet. */
struct policy_draft {
	const char *name; /* stands for its path in diagnostics */
	const char *text;
	size_t length;
};

struct policy_options {
	/* Judge links and users of this tree instead of "/"; NULL: "/". */
	const char *root;
	/* Don't look at the file system: no alias for links, no warning about what isn't there (tests). */
	bool is_offline;
	/* Refuse files that others than root can write, as the daemon must. */
	bool must_be_trusted;
	/* policy_load() reads it behind all files; NULL: none. */
	const struct policy_draft *draft;
	/*
	 * policy_load() adds rules that deny to write to the policy's own files, and to these (a list that ends with NULL; a
	 * folder with all that is in it). NULL: it doesn't.
	 */
	const char *const *protected_files;
};

/* Reads `path` (a file, or a directory that holds policy.ini) and policy.d beside it, in byte order. */
int policy_load(const char *path, const struct policy_options *options, struct diags *d,
		struct policy **ret_policy);
/* The same from memory, for tests and fuzzers; `name` stands for the file's path in diagnostics. */
int policy_parse(const char *name, const char *text, size_t length, const struct policy_options *options,
		 struct diags *d, struct policy **ret_policy);
struct policy *policy_free(struct policy *policy);
static inline void policy_freep(struct policy **policy)
{
	(void)policy_free(*policy);
}

/* An image as compiled: `words` is owned, `size` is header.size. */
struct image {
	__u64 *words;
	size_t size; /* bytes */
	/* Words of the allocation are a power of two ≥ size; index mask for pc_word(). */
	__u32 mask;
};

int image_compile(const struct policy *policy, struct diags *d, struct image **ret_image);
/* Copies and checks foreign bytes. −EBADMSG: not a sound image, `ret_reason` says why (a static string). */
int image_load(const void *bytes, size_t size, struct image **ret_image, const char **ret_reason);
struct image *image_free(struct image *image);
static inline void image_freep(struct image **image)
{
	(void)image_free(*image);
}

/* A question to an image, as a hook would ask it. */
struct question {
	enum pc_section_id section;
	enum pc_kind kind;
	unsigned int access; /* enum pc_access bits */
	const void *bytes; /* as enum pc_kind says, but IP4/IP6: the address in network order, not nibbles */
	size_t length;
	unsigned int class; /* IP kinds: protocol class */
	unsigned int port;
	unsigned int ask; /* enum pc_ask bits */
	size_t profile;	  /* that the task is in: its place in the image's profiles, plus 1; 0: none */
};

/* [expect]: adds an error for each expectation that doesn't hold. −EINVAL if any. */
int policy_check_expectations(const struct policy *policy, const struct image *image, struct diags *d);
