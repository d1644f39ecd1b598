/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_preemption.h - whether one BPF program may interrupt another on the same CPU. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether a program can switch preemption off: the kernel has the function for it. */
bool preemption_is_switchable(void);
/* Whether no program loses its CPU to another: preemption is voluntary or can be switched off. `found` gets the model. */
bool preemption_is_sound(char *found, size_t size);
