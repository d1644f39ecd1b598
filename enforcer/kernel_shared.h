/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_shared.h - decisions that several of the object's programs come to: each is a program of its own, loaded once
 * and put in the place of a stub in each of them. See bpf/lsm/shared.h.
 */
#pragma once

#include <bpf/libbpf.h>
#include <stddef.h>

#define SHARED_LINKS_MAX 64

struct shared {
	const struct bpf_object *object; /* whose programs they are; set by who opens it, while it is open */
	int links[SHARED_LINKS_MAX];
	size_t link_count;
};

/*
 * From before the object is opened until it is loaded, or was not; one object at a time. `shared` is zero before. All
 * functions return 0 or −errno; `why` gets a line on failure.
 */
int shared_begin(struct shared *shared);
void shared_end(void);

/* To be called before the first of the programs that have stubs is attached. */
int shared_attach(struct shared *shared, char *why, size_t why_size);
/* Pins them in DIR/next, and takes that many from DIR/live (pins.h). −ESTALE: one is missing. */
int shared_pin(const struct shared *shared, const char *dir);
int shared_adopt(struct shared *shared, const char *dir, size_t count);
/* And this after the last of them was detached: from here on stubs answer. */
void shared_detach(struct shared *shared);
