/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_counters.h - the programs' counters, of all CPUs together. */
#pragma once

#include <portcullis/abi.h>

/* Adds what each CPU has in `map`. 0 or −errno. */
int counters_add(int map, struct pc_counters *sum);
