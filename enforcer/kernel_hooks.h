/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_hooks.h - the programs that the kernel runs at its hooks: attached, all or none. */
#pragma once

#include <bpf/libbpf.h>
#include <stddef.h>

#define HOOKS_MAX 64

struct hooks {
	struct bpf_link *links[HOOKS_MAX];
	const char *names[HOOKS_MAX + 1]; /* of the attached programs, NULL behind the last */
	size_t count;
};

/* Attaches the loaded ones. 0 or −errno; what is attached by then is for hooks_detach() to detach. */
int hooks_attach(struct hooks *hooks, const struct bpf_object *object, char *why, size_t why_size);
void hooks_detach(struct hooks *hooks);
