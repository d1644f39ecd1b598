/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hooks.h - the programs that the kernel runs at its hooks: attached, all or none. */
#pragma once

#include <bpf/libbpf.h>
#include <stddef.h>

#define HOOKS_MAX 64

struct hooks {
	int links[HOOKS_MAX];
	char *names[HOOKS_MAX + 1]; /* of the attached programs, NULL behind the last */
	size_t count;
};

/* All functions return 0 or −errno; what is there by then is for hooks_detach() to end. */

/* Attaches the loaded ones. */
int hooks_attach(struct hooks *hooks, const struct bpf_object *object, char *why, size_t why_size);
/* Pins them by their names, in DIR/next: see pins.h. */
int hooks_pin(const struct hooks *hooks, const char *dir);
/* Those that DIR/live has: all that would be attached, each in its place, or −ESTALE. The object is opened, not loaded. */
int hooks_adopt(struct hooks *hooks, const struct bpf_object *object, const char *dir);
/* What is pinned goes on. */
void hooks_detach(struct hooks *hooks);
