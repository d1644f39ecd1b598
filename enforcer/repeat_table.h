/* SPDX-License-Identifier: GPL-2.0-only */
/* repeat_table.h - the daemon's hold on decisions that are counted instead of recorded: see bpf/lsm/repeats.h. */
#pragma once

#include <portcullis/abi.h>

/*
 * How many there were since the last record, which begin anew. 0: none, and the place is free again. −ESTALE: it is no
 * longer of that version.
 */
long repeats_take(struct pc_repeat *repeats, unsigned int place, __u32 version);
