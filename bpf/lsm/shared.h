/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shared.h - decisions that several hooks come to: each is a program of its own, which the kernel verifies once.
 *
 * A function is verified once for each program that it is in. So the hooks have a stub of it alone; before any of them
 * is attached, the daemon has the program that decides put in the stub's place, in each of them (freplace). A stub's
 * arguments are numbers to the verifier: addresses are read by bpf_probe_read_kernel().
 *
 * A program with a stub has no function before it that the verifier finds out to be called by nobody: it takes that out,
 * and kernels (6.12) then hold the stub for a static function, which nothing may replace.
 */
#pragma once

#include "request.h"

/* Weak: the compiler may not conclude anything from a body that is not the one that will run. */
#define STUB __attribute__((weak, noinline)) int

/* Of a stub that nothing was put in place of. */
INLINE int stub_answer(void)
{
	struct pc_answer answer = answer_strictest(PC_TROUBLE_STUB);

	return PACK_ANSWER(answer);
}
