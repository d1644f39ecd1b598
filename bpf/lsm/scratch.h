/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scratch.h - gives a request a buffer of its own.
 *
 * On 6.12 and later the hook runs with preemption off, so one buffer per CPU can have one user only. On 6.1 there is
 * no such switch; a kernel built voluntary never preempts a program, but with preempt=full it may, so a buffer is
 * claimed by compare-and-swap there.
 */
#pragma once

#include "maps.h"

extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

#define SLOTS_MAX 8

INLINE void scratch_enter(void)
{
	if (bpf_preempt_disable)
		bpf_preempt_disable();
}

INLINE void scratch_leave(void)
{
	if (bpf_preempt_enable)
		bpf_preempt_enable();
}

/* NULL when all slots of the CPU are taken. */
INLINE struct scratch *scratch_take(void)
{
	__u32 first = bpf_get_smp_processor_id() * slots_per_cpu;

	for (__u32 i = 0; i < SLOTS_MAX && i < slots_per_cpu; i++) {
		__u32 index = first + i;
		struct scratch *scratch = bpf_map_lookup_elem(&scratches, &index);

		if (!scratch)
			return NULL;
		if (slots_per_cpu == 1 || __sync_val_compare_and_swap(&scratch->busy, 0, 1) == 0)
			return scratch;
	}
	return NULL;
}

INLINE void scratch_give(struct scratch *scratch)
{
	if (slots_per_cpu != 1)
		__sync_lock_test_and_set(&scratch->busy, 0);
}
