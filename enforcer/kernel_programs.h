/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_programs.h - which of the object's programs the running kernel has hooks for. */
#pragma once

#include <bpf/libbpf.h>

/*
 * Settles which optional programs are loaded. A program is named on_HOOK, or on_HOOK__N where it is for the hook as
 * it is with N arguments. 0, or −errno where the kernel's types can't be read.
 */
int programs_choose(struct bpf_object *object);
