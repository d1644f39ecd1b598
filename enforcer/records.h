/* SPDX-License-Identifier: GPL-2.0-only */
/* records.h - the way of a record: kernel → JSON → outputs and memory. */
#pragma once

#include "generations.h"
#include "history.h"
#include "kernel.h"
#include "outputs.h"
#include "repeats.h"

struct records;

/* What is given is borrowed. */
int records_new(struct outputs *outputs, const struct generations *generations, struct records **ret_records);
struct records *records_free(struct records *records);
/* Who keeps account of decisions that will repeat a record; borrowed. NULL: nobody, and there are none. */
void records_set_repeats(struct records *records, struct repeats *repeats);
/* An error record: what is wrong with enforcement itself. */
void records_tell_trouble(struct records *records, const char *text);
/* The line of a record for `count` decisions that repeated it. */
void records_tell_repeats(struct records *records, const char *line, size_t length, __u64 count);
/* Takes what the kernel has; returns how many, or −errno. */
int records_take(struct records *records, struct kernel *kernel);
/* Takes until there is no more, or what came meanwhile is more than there was. */
void records_drain(struct records *records, struct kernel *kernel);
const struct history *records_history(const struct records *records);
__u64 records_taken(const struct records *records);
/* Decisions that were told by the lines of others. */
/* Records that were no records; never seen in a sound kernel. */
__u64 records_malformed(const struct records *records);
