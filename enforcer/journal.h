/* SPDX-License-Identifier: GPL-2.0-only */
/* journal.h - records as entries of the journal: PORTCULLIS_ and each key, in capitals, is a field. */
#pragma once

#include "sender.h"

/* NULL: out of memory. */
struct sender *journal_new(void);
