/* SPDX-License-Identifier: GPL-2.0-only */
/* records.h - the way of a record: kernel → JSON → decision log and memory. */
#pragma once

#include <systemd/sd-event.h>

#include "generations.h"
#include "history.h"
#include "kernel.h"
#include "logfile.h"

struct records;

/* `log` may be NULL; it and `generations` are borrowed. */
int records_new(sd_event *event, struct logfile *log, const struct generations *generations, struct records **ret_records);
struct records *records_free(struct records *records);
/* Takes what the kernel has; returns how many, or −errno. */
int records_take(struct records *records, struct kernel *kernel);
/* Takes until there is no more: the kernel must have been stopped. */
void records_drain(struct records *records, struct kernel *kernel);
/* Opens the decision log anew; the old one stays in use on failure. */
int records_reopen_log(struct records *records);

const struct history *records_history(const struct records *records);
__u64 records_taken(const struct records *records);
/* Records that were no records; never seen in a sound kernel. */
__u64 records_malformed(const struct records *records);
